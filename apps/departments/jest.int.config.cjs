module.exports = { ...require('../../jest.int.preset.cjs'), displayName: 'departments:int', rootDir: __dirname };
