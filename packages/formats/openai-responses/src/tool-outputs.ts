import { type Block, type JsonObject, type JsonValue, wordOf } from '@signalbox/kit';
import type { ToolKind } from './client-tools.ts';
import { isObject, text } from './fields.ts';

/** What the output of a built-in tool that the client ran says, as text for other formats. */
export function outputContent(item: JsonObject, kind: ToolKind): Block[] {
  const said = outputText(item, kind);
  return said === '' ? [] : [{ type: 'text', text: said }];
}

function outputText(item: JsonObject, kind: ToolKind): string {
  switch (kind) {
    case 'shell':
      return Array.isArray(item.output) ? item.output.filter(isObject).map(shellText).join('\n\n') : '';
    case 'apply_patch':
      return text(item.output) ?? (item.status === 'failed' ? 'Error: the patch failed' : 'The patch was applied.');
    case 'tool_search': {
      const names = Array.isArray(item.tools) ? item.tools.flatMap(toolName) : [];
      return names.length === 0 ? 'No tools were found.' : `These tools can be called now: ${names.join(', ')}`;
    }
    default:
      return typeof item.output === 'string' ? item.output : '';
  }
}

function shellText({ stdout, stderr, outcome }: JsonObject): string {
  const parts = [text(stdout), text(stderr)].filter((part) => part !== undefined);
  if (isObject(outcome) && outcome.type === 'timeout') parts.push('(timed out)');
  else if (isObject(outcome) && outcome.exit_code !== 0) parts.push(`(exit code ${wordOf(outcome.exit_code)})`);
  return parts.join('\n');
}

function toolName(tool: JsonValue): string[] {
  if (!isObject(tool)) return [];
  const name = text(tool.name);
  if (tool.type !== 'namespace') return name === undefined ? [] : [name];
  const inner = Array.isArray(tool.tools) ? tool.tools.flatMap(toolName) : [];
  return inner.map((part) => `${name ?? ''}__${part}`);
}

/** The item again: as it was, unless what it says has been changed since. */
export function restoreOutput(wire: JsonObject, kind: ToolKind, content: readonly Block[]): JsonObject {
  const said = content.map((block) => (block.type === 'text' ? block.text : '')).join('\n');
  if (kind === 'tool_search' || said === outputText(wire, kind)) return wire;
  if (kind !== 'shell') return { ...wire, output: said };
  return { ...wire, output: [{ stdout: said, stderr: '', outcome: { type: 'exit', exit_code: 0 } }] };
}
