const preset = require('../../jest.preset.cjs');
module.exports = {
  ...preset,
  displayName: 'platform',
  rootDir: __dirname,
  // What the specs share is no suite of its own.
  testPathIgnorePatterns: [...preset.testPathIgnorePatterns, '\\.shared\\.spec\\.ts$'],
};
