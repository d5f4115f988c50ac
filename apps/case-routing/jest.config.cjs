module.exports = { ...require('../../jest.preset.cjs'), displayName: 'case-routing', rootDir: __dirname };
