const preset = require('../../jest.preset.cjs');
module.exports = {
  ...preset,
  displayName: 'departments',
  rootDir: __dirname,
};
