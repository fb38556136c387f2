/** The command `signalbox` as a function, for programs that wrap it. */
export { main } from './main.ts';
