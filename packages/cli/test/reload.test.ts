import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { Sandbox } from './command.ts';

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => sandbox.dispose());

const logger = (word: string): string => `
  import { definePlugin } from '@signalbox/kit';
  const fail = () => { throw new Error('the log of ${word} is full'); };
  export default definePlugin({
    name: 'log-broken',
    apply: ({ setLogger, addHealth }) => {
      setLogger({ info: fail, warn: fail, error: fail });
      addHealth('log', () => ({ word: '${word}' }));
    },
  });`;

it('goes on reloading where the log plugin throws, and says so on standard error', async () => {
  sandbox.file('log.ts', logger('one'));
  sandbox.file('signalbox.jsonc', '{ "plugins": ["@signalbox/preset-default", "./log.ts"] }');
  const { child, ended, url, printed } = await sandbox.gateway();
  sandbox.file('log.ts', logger('two'));
  await printed(/info The config was loaded again.*\n.*the log plugin failed\nError: the log of two is full/);
  sandbox.file('log.ts', 'export default {');
  await printed(/error The change is not used.*\n.*the log plugin failed\nError: the log of two is full/);
  expect(await (await fetch(`${url}/health`)).json()).toMatchObject({ status: 'ok', log: { word: 'two' } });
  child.kill('SIGTERM');
  expect((await ended).code).toBe(0);
});

it('says so where a plugin that is CommonJS has changed', async () => {
  const plugin = (word: string): string => `
    const { definePlugin } = require('@signalbox/kit');
    const apply = ({ addHealth }) => addHealth('own', () => ({ word: '${word}' }));
    module.exports = definePlugin({ name: 'log-own', apply });`;
  sandbox.file('own.cjs', plugin('one'));
  sandbox.file('signalbox.jsonc', '{ "plugins": ["@signalbox/preset-default", "./own.cjs"] }');
  const { url, printed } = await sandbox.gateway();
  sandbox.file('own.cjs', plugin('two'));
  await printed(/own\.cjs has changed in vain: CommonJS modules are loaded once\. Restart for it/);
  expect(await (await fetch(`${url}/health`)).json()).toMatchObject({ own: { word: 'one' } });
});
