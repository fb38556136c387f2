import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@signalbox/kit';
import { conversation, providerError, type RecordedRequest, type Responder } from '@signalbox/testkit';
import { type AgentSide, ANTHROPIC, CHAT, RESPONSES } from './agent-sides.ts';
import { codexBinary, codexItems } from './codex.ts';
import { type CodexScene, codexCase } from './codex-case.ts';
import { calledFor, calls } from './codex-turns.ts';
import { expectCleanCalls } from './expect-clean-calls.ts';
import { unaccountedItems } from './responses-accounting.ts';
import { DOT_PNG } from './sdk-case.ts';
import { toolExchanges } from './tool-exchanges.ts';

const INSTALL_MS = 300_000;
const WORDS = 'Grüße aus "Zürich" 🚂';

/** Codex gives a model the tools that it knows to suit it. */
const FUNCTIONS_AND_CUSTOM_TOOLS = 'gpt-5.5';
const CUSTOM_TOOLS_IN_NAMESPACES = 'gpt-6.1-sol';
const FUNCTIONS_IN_NAMESPACES = 'glm-5:free';

it(
  'has the pinned Codex',
  async () => {
    expect(await codexBinary()).toMatch(/codex(\.exe)?$/);
  },
  INSTALL_MS,
);

const expectCleanUpstream = (side: AgentSide, scene: CodexScene) =>
  expectCleanCalls(
    { side, lane: side === RESPONSES ? 'pass-through' : 'canonical', unaccounted: unaccountedItems },
    scene,
  );

describe.each([
  {
    side: CHAT,
    givenBack: '"reasoning_content":"First the input."',
    tooLong: { message: "This model's maximum context length is 8 tokens.", code: 'context_length_exceeded' },
  },
  {
    side: ANTHROPIC,
    givenBack: '{"type":"thinking","thinking":"First the input.","signature":"c2lnbmVk"}',
    tooLong: { message: 'prompt is too long: 9 tokens > 8 maximum' },
  },
  {
    side: RESPONSES,
    givenBack: '"encrypted_content":"c2lnbmVk"',
    tooLong: { message: 'Your input exceeds the context window.', code: 'context_length_exceeded' },
  },
])('Codex with a provider behind $side.name', ({ side, givenBack, tooLong }) => {
  it('F88 F04 F75 runs commands, applies a patch, and gives the reasoning back', async () => {
    const patch =
      '*** Begin Patch\n*** Update File: in.txt\n@@\n-old\n+new\n*** Add File: out.txt\n+eins\n+zwei\n*** End Patch\n';
    const script = conversation([
      {
        reasoning: 'First the input.',
        signature: 'c2lnbmVk',
        text: 'Let me see.',
        toolCalls: [
          { id: 'call_write', name: 'exec_command', arguments: { cmd: `printf '%s\\nold\\n' '${WORDS}' > in.txt` } },
        ],
      },
      calls(side, { id: 'call_patch', name: 'apply_patch', input: patch }),
      {
        toolCalls: [
          { id: 'call_slow', name: 'exec_command', arguments: { cmd: 'sleep 0.3; cat in.txt' } },
          { id: 'call_fast', name: 'exec_command', arguments: { cmd: 'cat out.txt >> in.txt; exit 3' } },
        ],
      },
      { text: ['Both files ', 'are there.'] },
    ]);
    await codexCase({ side, model: FUNCTIONS_AND_CUSTOM_TOOLS, script }, async (scene) => {
      expect(codexItems(scene.run).at(-1)).toBe('agent_message: Both files are there.');
      expect(codexItems(scene.run)).toEqual(expect.arrayContaining(['reasoning: First the input.']));
      expect(scene.run.exitCode).toBe(0);
      expect(await readFile(join(scene.folder, 'in.txt'), 'utf8')).toBe(`${WORDS}\nnew\neins\nzwei\n`);
      expect(await readFile(join(scene.folder, 'out.txt'), 'utf8')).toBe('eins\nzwei\n');
      await expectCleanUpstream(side, scene);

      const last = scene.provider.requests.at(-1) as RecordedRequest;
      expect(scene.provider.requests).toHaveLength(4);
      const input = side === RESPONSES ? patch : { input: patch };
      expect(toolExchanges(last)).toMatchObject([
        { name: 'exec_command', result: expect.stringContaining('exited with code 0') },
        { name: 'apply_patch', input, result: expect.stringContaining('M in.txt') },
        { name: 'exec_command', input: { cmd: 'sleep 0.3; cat in.txt' }, result: expect.stringContaining(WORDS) },
        { name: 'exec_command', result: expect.stringContaining('exited with code 3') },
      ]);
      expect(last.rawBody.toString()).toContain(givenBack);
    });
  });

  it('F88 runs a script through a custom tool inside a namespace', async () => {
    const source = `const { output } = await tools.exec_command({ cmd: "printf '%s' '${WORDS.replaceAll('"', '\\"')}' | tee a.txt" });\ntext(output.length);`;
    const script = conversation([
      calls(
        side,
        { id: 'call_exec', namespace: 'functions', name: 'exec', input: source },
        { reasoning: 'A script.', signature: 'c2lnbmVk' },
      ),
      { text: 'Written.' },
    ]);
    await codexCase({ side, model: CUSTOM_TOOLS_IN_NAMESPACES, script }, async (scene) => {
      expect(codexItems(scene.run).at(-1)).toBe('agent_message: Written.');
      expect(scene.run.exitCode).toBe(0);
      expect(await readFile(join(scene.folder, 'a.txt'), 'utf8')).toBe(WORDS);
      await expectCleanUpstream(side, scene);
      const [exchange, ...others] = toolExchanges(scene.provider.requests.at(-1) as RecordedRequest);
      expect(others).toEqual([]);
      expect(exchange?.result).toContain(String(WORDS.length));
    });
  });

  it('F58 finds a tool that it had not shown, and is understood when the model calls it', async () => {
    const script = conversation([
      calls(side, { id: 'call_search', name: 'tool_search', input: { query: 'close agent', limit: 3 } }),
      calls(side, { id: 'call_close', namespace: 'multi_agent_v1', name: 'close_agent', input: { target: 'nobody' } }),
      { text: 'Nobody was there.' },
    ]);
    await codexCase({ side, model: FUNCTIONS_AND_CUSTOM_TOOLS, script }, async (scene) => {
      expect(codexItems(scene.run)).toEqual(['agent_message: Nobody was there.']);
      await expectCleanUpstream(side, scene);
      const [first, second, third] = scene.provider.requests as [RecordedRequest, RecordedRequest, RecordedRequest];
      if (side !== RESPONSES) {
        expect(upstreamTools(first)).not.toContain('multi_agent_v1__close_agent');
        expect(upstreamTools(second)).toContain('multi_agent_v1__close_agent');
      }
      const [, close] = toolExchanges(third);
      expect(close).toMatchObject({ input: { target: 'nobody' }, result: expect.stringContaining('invalid agent id') });
    });
  });

  it('F58 delegates to a subagent through functions in a namespace', async () => {
    const namespace = 'multi_agent_v1';
    const main = conversation([
      calls(side, { id: 'call_spawn', namespace, name: 'spawn_agent', input: { message: 'SUBTASK: write the word' } }),
      calledFor((request) => {
        const [spawned] = toolExchanges(request);
        const { agent_id: id } = JSON.parse(String(spawned?.result)) as { agent_id: string };
        return calls(side, { id: 'call_wait', namespace, name: 'wait_agent', input: { targets: [id] } });
      }),
      { text: 'The subagent is done.' },
    ]);
    const subagent = conversation([
      { toolCalls: [{ id: 'call_sub', name: 'exec_command', arguments: { cmd: 'echo plover > word.txt' } }] },
      { text: 'The word is plover.' },
    ]);
    const script: Responder = (request, wire) => (isSubagent(request) ? subagent : main)(request, wire);
    await codexCase({ side, model: FUNCTIONS_IN_NAMESPACES, script }, async (scene) => {
      expect(codexItems(scene.run).at(-1)).toBe('agent_message: The subagent is done.');
      expect(scene.run.exitCode).toBe(0);
      expect(await readFile(join(scene.folder, 'word.txt'), 'utf8')).toBe('plover\n');
      expect(scene.provider.requests).toHaveLength(5);
      expect(scene.gateway.records.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
      const exchanges = toolExchanges(scene.provider.requests.at(-1) as RecordedRequest);
      expect(exchanges[1]?.result).toContain('The word is plover.');
    });
  });

  it('F49 looks at an image, and the model gets to see it', async () => {
    const script = conversation([
      {
        toolCalls: [
          { id: 'call_make', name: 'exec_command', arguments: { cmd: `echo ${DOT_PNG} | base64 -d > dot.png` } },
        ],
      },
      { toolCalls: [{ id: 'call_view', name: 'view_image', arguments: { path: 'dot.png' } }] },
      { text: 'A single dot.' },
    ]);
    await codexCase({ side, model: FUNCTIONS_AND_CUSTOM_TOOLS, script }, async (scene) => {
      expect(codexItems(scene.run).at(-1)).toBe('agent_message: A single dot.');
      await expectCleanUpstream(side, scene);
      const last = scene.provider.requests.at(-1)?.rawBody.toString();
      expect(last).toMatch(
        side === ANTHROPIC ? /"media_type":"image\/png","data":"iVBOR/ : /data:image\/png;base64,iVBOR/,
      );
    });
  });

  it('F10 is told in words that it knows that the context is full', async () => {
    const script = providerError(400, tooLong);
    await codexCase({ side, model: FUNCTIONS_AND_CUSTOM_TOOLS, script }, ({ run, provider }) => {
      expect(run.exitCode).toBe(1);
      expect(JSON.stringify(run.events.at(-1))).toMatch(/context window/);
      expect(provider.requests).toHaveLength(1);
    });
  });
});

function isSubagent({ rawBody }: RecordedRequest): boolean {
  return /"(text|content)":"SUBTASK/.test(rawBody.toString());
}

function upstreamTools({ body }: RecordedRequest): string[] {
  return ((body?.tools ?? []) as JsonObject[]).map(({ name, function: fn }) => String(name ?? (fn as JsonObject).name));
}
