module.exports = {
  ...require('./jest.preset.cjs'),
  testMatch: ['<rootDir>/src/**/*.int.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
  globalSetup: require.resolve('./libs/embedded/src/jest-setup.ts'),
  globalTeardown: require.resolve('./libs/embedded/src/jest-teardown.ts'),
  testTimeout: 30_000,
  // One file at a time on any machine: they share a broker and its topics, and what one sets aside others would count.
  maxWorkers: 1,
  // A file leaves tens of MiB behind. From so much on the next ones have a process of their own: with gigabytes, the
  // collector would stop the services under test for longer than they may know nothing.
  workerIdleMemoryLimit: '1GB',
  // A test that fails may leave a server open: the run ends and says what failed, instead of waiting for ever.
  forceExit: true,
};
