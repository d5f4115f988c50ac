module.exports = { ...require('../../jest.preset.cjs'), displayName: 'working-time', rootDir: __dirname };
