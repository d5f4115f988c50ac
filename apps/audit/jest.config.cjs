const preset = require('../../jest.preset.cjs');
module.exports = {
  ...preset,
  displayName: 'audit',
  rootDir: __dirname,
  // What the integration specs share; named as a spec, so that it may use the test libraries and is not built.
  testPathIgnorePatterns: [...preset.testPathIgnorePatterns, '\\.shared\\.spec\\.ts$'],
};
