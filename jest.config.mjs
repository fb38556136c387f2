/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  // Workspace packages resolve to their sources, as they do when Node runs the gateway here.
  testEnvironmentOptions: { customExportConditions: ['signalbox-source', 'node', 'node-addons'] },
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/scripts/jest-strip-types.mjs' },
  testMatch: ['<rootDir>/{packages,plugins,examples,test}/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
  modulePathIgnorePatterns: ['/dist/'],
  // No limit of anything under test: what waits for something waits until it is there, however slow the machine is, and
  // this ends what would wait for ever.
  testTimeout: 60_000,
  // ES modules of a test file stay in memory for as long as its process: a worker that has collected too many is replaced.
  workerIdleMemoryLimit: '1GB',
};
