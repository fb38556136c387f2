import { beforeAll, describe, expect, it } from '@jest/globals';
import { conversation, startScriptedProvider } from '@signalbox/testkit';
import { claudeBinary } from './agent-install.ts';
import { type ClaudeRun, runClaude, temporaryFolder } from './claude.ts';
import { outcome } from './claude-case.ts';
import { startGateway } from './gateway.ts';
import { ANTHROPIC_SIDE, CHAT_SIDE, DEEPSEEK_SIDE, type ProviderSide } from './lanes.ts';
import { chatBodies, toolCallIds, toolResults, type WireBody } from './wire-view.ts';

beforeAll(async () => {
  await claudeBinary();
}, 300_000);

/** The session's first run, with a tool; its second one, perhaps at another provider, says what it sent upstream. */
async function sessionOver(first: ProviderSide, second: ProviderSide): Promise<WireBody> {
  await using home = await temporaryFolder();
  await using folder = await temporaryFolder();
  const run = async (side: ProviderSide, args: readonly string[], script: Parameters<typeof conversation>[0]) => {
    await using provider = await startScriptedProvider({ script: conversation(script) });
    await using gateway = await startGateway(side.gateway(provider));
    const ended: ClaudeRun = await runClaude({
      args: ['--dangerously-skip-permissions', ...args],
      env: { ANTHROPIC_BASE_URL: gateway.url },
      cwd: folder.path,
      home: home.path,
    });
    return { ended, bodies: chatBodies(provider) };
  };
  const begun = await run(
    first,
    ['Begin'],
    [
      {
        reasoning: 'Thought at the first provider.',
        signature: 'Zmlyc3Q=',
        text: 'I begin.',
        toolCalls: [{ id: 'call_1', name: 'Bash', arguments: { command: 'echo one', description: 'One' } }],
      },
      { reasoning: 'A second thought.', signature: 'c2Vjb25k', text: 'Begun.' },
    ],
  );
  expect(outcome(begun.ended)).toEqual({ exitCode: 0, isError: false, result: 'Begun.' });
  const session = begun.ended.result?.session_id ?? '';
  const gone = await run(second, ['--resume', session, 'Go on'], [{ text: 'Gone on.' }]);
  expect(outcome(gone.ended)).toEqual({ exitCode: 0, isError: false, result: 'Gone on.' });
  expect(gone.bodies).toHaveLength(1);
  const body = gone.bodies[0] as WireBody;
  expect(toolCallIds(body)).toHaveLength(1);
  expect(toolResults(body)).toEqual([{ id: toolCallIds(body)[0], text: 'one' }]);
  for (const text of ['Begin', 'I begin.', 'Begun.', 'Go on']) expect(JSON.stringify(body)).toContain(text);
  return body;
}

describe('a session of Claude Code that goes on at another provider', () => {
  it('F73 takes no foreign reasoning to Anthropic', async () => {
    const body = JSON.stringify(await sessionOver(CHAT_SIDE, ANTHROPIC_SIDE));
    expect(body).not.toContain('"type":"thinking"');
    expect(body).not.toContain('signalbox1.');
  });

  it('F73 takes no signature of Anthropic to a Chat provider', async () => {
    const body = JSON.stringify(await sessionOver(ANTHROPIC_SIDE, CHAT_SIDE));
    expect(body).not.toContain('Zmlyc3Q=');
    expect(body).not.toContain('Thought at the first provider.');
  });

  it('F70 gives DeepSeek a reasoning_content on every assistant message, whoever thought it', async () => {
    const { messages } = await sessionOver(ANTHROPIC_SIDE, DEEPSEEK_SIDE);
    const assistants = messages.filter(({ role }) => role === 'assistant');
    expect(assistants.length).toBeGreaterThan(0);
    for (const message of assistants) expect(message.reasoning_content).toEqual(expect.any(String));
  });
});

describe('a session of Claude Code that goes on where it began', () => {
  it('F75 gives a Chat provider its reasoning back', async () => {
    const { messages } = await sessionOver(CHAT_SIDE, CHAT_SIDE);
    expect(messages.flatMap(({ reasoning_content: text }) => (text ? [text] : []))).toEqual([
      'Thought at the first provider.',
      'A second thought.',
    ]);
  });

  it('F75 gives Anthropic its thinking back with the genuine signatures', async () => {
    const body = JSON.stringify(await sessionOver(ANTHROPIC_SIDE, ANTHROPIC_SIDE));
    expect(body).toContain('"thinking":"Thought at the first provider.","signature":"Zmlyc3Q="');
    expect(body).toContain('"thinking":"A second thought.","signature":"c2Vjb25k"');
  });
});
