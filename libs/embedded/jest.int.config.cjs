module.exports = { ...require('../../jest.int.preset.cjs'), displayName: 'embedded:int', rootDir: __dirname };
