module.exports = { ...require('../../jest.int.preset.cjs'), displayName: 'exchange:int', rootDir: __dirname };
