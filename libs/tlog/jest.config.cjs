module.exports = { ...require('../../jest.preset.cjs'), displayName: 'tlog', rootDir: __dirname };
