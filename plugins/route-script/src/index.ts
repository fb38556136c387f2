import { fileLoader } from './load.ts';
import { routeScript } from './plugin.ts';

export type { ScriptAnswer } from './answer.ts';
export type { ScriptConfig } from './config.ts';
export type { RouteScript } from './script.ts';

/**
 * Asks a function in the user's own file where a request goes. The file is loaded again when it changes; a version that
 * does not load leaves the last one in place, and a function that fails leaves the choice to the next routing plugin.
 */
export default routeScript(fileLoader);
