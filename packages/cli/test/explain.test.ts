import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Sandbox } from './command.ts';

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
  sandbox.file(
    'signalbox.jsonc',
    JSON.stringify({
      plugins: [
        '@signalbox/format-anthropic-messages',
        '@signalbox/format-openai-chat',
        ['@signalbox/provider-anthropic', { apiKey: 'sk-ant-secret-key' }],
        ['@signalbox/provider-compatible', { name: 'local', baseUrl: 'http://127.0.0.1:1', format: 'openai-chat' }],
        ['@signalbox/route-scenarios', { default: 'anthropic/claude-opus-5', background: 'local/small' }],
        ['@signalbox/route-fallback', { default: ['local/big'] }],
      ],
    }),
  );
});
afterEach(() => sandbox.dispose());

const body = {
  model: 'claude-opus-5',
  max_tokens: 100,
  context_management: { edits: [{ type: 'clear_tool_uses_20250919' }] },
  messages: [{ role: 'user', content: 'hi' }],
};

describe('signalbox explain', () => {
  it('reads a body and says who decides what, what is sent where, and what is lost', async () => {
    const file = sandbox.file('request.json', JSON.stringify(body));
    const { code, stdout } = await sandbox.run(['explain', file]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^anthropic-messages, chat: "claude-opus-5", about \d+ tokens\n/);
    expect(stdout).toMatch(/route-scenarios {2}nothing else decides "claude-opus-5": the default\n +→ anthropic\//);
    expect(stdout).toMatch(/route-fallback .*then local\/big/);
    expect(stdout).toMatch(/1 {2}anthropic\/claude-opus-5 {2}\(pass-through.*\)\n +POST https:\/\/api\.anthropic\.com/);
    expect(stdout).toMatch(/2 {2}local\/big {2}\(canonical\)\n(?:.*\n)*? +dropped context_management: /);
    expect(stdout).not.toContain('sk-ant-secret-key');
  });

  it('prints JSON with the upstream requests, keys masked', async () => {
    const file = sandbox.file('request.json', JSON.stringify(body));
    const { stdout } = await sandbox.run(['explain', '--json', file]);
    expect(JSON.parse(stdout)).toMatchObject({
      targets: [{ upstream: { headers: { 'x-api-key': '[key]' }, body } }, { target: 'local/big' }],
    });
  });

  it('reads a recorded request, whose headers count', async () => {
    const recorded = { method: 'POST', path: '/v1/messages', headers: { 'X-Api-Key': 'x' }, body };
    const file = sandbox.file(
      'recorded.json',
      JSON.stringify({ ...recorded, body: { ...body, model: 'claude-haiku-4-5' } }),
    );
    const { stdout } = await sandbox.run(['explain', file]);
    expect(stdout).toMatch(/Route \(background\)/);
    expect(stdout).toContain('local/small');
  });

  it('takes the model beside a body that has none', async () => {
    sandbox.file('signalbox.jsonc', JSON.stringify({ plugins: ['@signalbox/format-gemini'] }));
    const file = sandbox.file('contents.json', JSON.stringify({ contents: [{ parts: [{ text: 'hi' }] }] }));
    const { stderr } = await sandbox.run(['explain', file]);
    expect(stderr).toContain('--model');
    const { stdout } = await sandbox.run(['explain', '--model', 'gemini-3.8-flash', file]);
    expect(stdout).toMatch(/^gemini, chat: "gemini-3.8-flash"/);
  });

  it.each([
    ['a file that is not there', ['explain', 'nowhere.json'], /nowhere\.json cannot be read/],
    ['no JSON', ['explain', 'signalbox.txt'], /signalbox\.txt is not JSON/],
    ['no request', ['explain', 'list.json'], /list\.json is not a JSON object/],
    ['another shape', ['explain', 'other.json'], /fits none of the client formats/],
  ])('says what is wrong with %s', async (_name, args, message) => {
    sandbox.file('signalbox.txt', 'nonsense');
    sandbox.file('list.json', '[]');
    sandbox.file('other.json', '{}');
    const { code, stderr } = await sandbox.run(args);
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
  });

  it('says why there is no route, with exit code 1', async () => {
    sandbox.file('signalbox.jsonc', JSON.stringify({ plugins: ['@signalbox/format-anthropic-messages'] }));
    const file = sandbox.file('request.json', JSON.stringify(body));
    const { code, stdout } = await sandbox.run(['explain', file]);
    expect(code).toBe(1);
    expect(stdout).toContain('Refused: No route for the model "claude-opus-5"');
  });
});
