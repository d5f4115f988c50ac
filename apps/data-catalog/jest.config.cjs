module.exports = { ...require('../../jest.preset.cjs'), displayName: 'data-catalog', rootDir: __dirname };
