const preset = require('../../jest.preset.cjs');
module.exports = {
  ...preset,
  displayName: 'cli',
  rootDir: __dirname,
  testTimeout: 30_000,
  // What the specs share; named as a spec, so that it is not built.
  testPathIgnorePatterns: [...preset.testPathIgnorePatterns, '\\.shared\\.spec\\.ts$'],
};
