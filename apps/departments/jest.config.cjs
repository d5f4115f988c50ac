module.exports = { ...require('../../jest.preset.cjs'), displayName: 'departments', rootDir: __dirname };
