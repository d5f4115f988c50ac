const preset = require('../../jest.preset.cjs');
module.exports = {
  ...preset,
  displayName: 'data-catalog',
  rootDir: __dirname,
};
