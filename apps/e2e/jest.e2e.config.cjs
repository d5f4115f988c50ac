module.exports = {
  ...require('../../jest.preset.cjs'),
  displayName: 'e2e',
  rootDir: __dirname,
  testMatch: ['<rootDir>/src/**/*.e2e.spec.ts'],
  globalSetup: '<rootDir>/src/e2e-setup.ts',
  globalTeardown: '<rootDir>/src/e2e-teardown.ts',
  testTimeout: 180_000,
  maxWorkers: 1,
};
