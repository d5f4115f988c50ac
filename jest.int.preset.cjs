module.exports = {
  ...require('./jest.preset.cjs'),
  testMatch: ['<rootDir>/src/**/*.int.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
  globalSetup: require.resolve('./libs/embedded/src/jest-setup.ts'),
  globalTeardown: require.resolve('./libs/embedded/src/jest-teardown.ts'),
  testTimeout: 30_000,
};
