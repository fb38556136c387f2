import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Sandbox } from './command.ts';

const tapping = (name: string, stage: string) => `
import { definePlugin, Stage } from '@signalbox/kit';
export default definePlugin({
  name: '${name}',
  apply: ({ hooks }) => hooks.transformIn.tap({ name: '${name}', stage: ${stage} }, (request) => request),
});
`;

describe('signalbox plugins', () => {
  let sandbox: Sandbox;
  beforeEach(() => {
    sandbox = new Sandbox();
  });
  afterEach(() => sandbox.dispose());

  it('lists plugins in the config’s order, and taps in the order in which they run', async () => {
    sandbox.file('late.ts', tapping('transform-late', 'Stage.Late'));
    sandbox.file('lib/early.ts', tapping('transform-early', 'Stage.Early'));
    sandbox.file('lib/package.json', '{ "type": "module", "version": "1.2.3" }');
    sandbox.file('signalbox.jsonc', '{ "plugins": ["./late.ts", "./lib/early.ts"] }');
    const { code, stdout, stderr } = await sandbox.run(['plugins']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const cells = stdout.split('\n').map((line) => line.split(/ {2,}/));
    expect(cells[0]).toEqual(['#', 'NAME', 'VERSION', 'FROM', 'WHERE']);
    expect(cells[1]).toEqual(['1', 'transform-late', '-', './late.ts', `${sandbox.dir}/late.ts`]);
    expect(cells[2]).toEqual(['2', 'transform-early', '1.2.3', './lib/early.ts', `${sandbox.dir}/lib/early.ts`]);
    expect(stdout).toMatch(/\n {2}transformIn +transform-early, transform-late\n/);
    expect(stdout).toMatch(/\n {2}auth +-\n/);
  });

  it('shows what a preset brings', async () => {
    const { code, stdout } = await sandbox.run(['plugins']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/format-anthropic-messages +\d+\.\d+\.\d+ +@signalbox\/preset-default/);
    expect(stdout).toMatch(/\n {2}route +(?:\S+, )*route-scenarios/);
  });
});
