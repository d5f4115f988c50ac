module.exports = { ...require('../../jest.int.preset.cjs'), displayName: 'case-routing:int', rootDir: __dirname };
