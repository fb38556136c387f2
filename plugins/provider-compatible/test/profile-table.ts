import type { Profile } from '../src/index.ts';

const SECTION = /<!-- profiles -->\n[\s\S]*?<!-- \/profiles -->/;

/** A README with its table of profiles made from the data. */
export function withProfileTable(readme: string, profiles: readonly Profile[]): string {
  const head = ['`profile`', 'Server', 'Base URL', 'Key', 'Reasoning goes back as', 'Limit of tokens'];
  const rows = profiles.map((profile) => [
    `\`${profile.id}\``,
    `[${profile.title}](${profile.docs})`,
    [
      profile.baseUrl === undefined ? 'yours:' : `\`${profile.baseUrl}\``,
      ...profile.alsoAt.map((url) => `\`${url}\``),
      ...(profile.anthropicBaseUrl === undefined ? [] : [`Messages: \`${profile.anthropicBaseUrl}\``]),
    ].join('<br>'),
    profile.key === 'required' ? `\`${profile.authHeader ?? 'authorization'}\`` : 'none needed',
    profile.dialect.reasoningReplay === 'never' ? 'nothing' : `\`${profile.dialect.reasoningField}\``,
    `\`${profile.dialect.maxTokensField ?? (profile.like === 'openai' ? 'max_completion_tokens' : 'max_tokens')}\``,
  ]);
  return readme.replace(SECTION, () => `<!-- profiles -->\n\n${table([head, ...rows])}\n\n<!-- /profiles -->`);
}

function table([head = [], ...body]: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) => Math.max(3, ...[head, ...body].map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${widths.map((width, column) => (cells[column] ?? '').padEnd(width)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n');
}
