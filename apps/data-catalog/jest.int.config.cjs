module.exports = { ...require('../../jest.int.preset.cjs'), displayName: 'data-catalog:int', rootDir: __dirname };
