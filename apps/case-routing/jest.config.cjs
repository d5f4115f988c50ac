const preset = require('../../jest.preset.cjs');
module.exports = {
  ...preset,
  displayName: 'case-routing',
  rootDir: __dirname,
  // Helpers of the integration specs, which are specs by name alone, so that they may import the testing library.
  testPathIgnorePatterns: [...preset.testPathIgnorePatterns, '/src/harness/'],
};
