module.exports = { ...require('../../jest.int.preset.cjs'), displayName: 'platform:int', rootDir: __dirname };
