// Jest's transform: the same type stripping that Node does when it runs the sources, so tests see the code that users run.
import { stripTypeScriptTypes } from 'node:module';

export default {
  process: (source) => ({ code: stripTypeScriptTypes(source, { mode: 'strip' }) }),
};
