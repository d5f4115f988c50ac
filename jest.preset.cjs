// NestJS 12 is ESM: it needs Node 24 with --experimental-vm-modules, which the npm scripts give.
if (+process.versions.node.split('.')[0] < 24) throw new Error('run the tests through npm scripts (they use Node 24)');
const swc = {
  swcrc: false,
  sourceMaps: 'inline',
  jsc: {
    target: 'es2023',
    keepClassNames: true,
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: true },
  },
  module: { type: 'commonjs' },
};
module.exports = {
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['@govbus/source', 'node', 'node-addons'] },
  testMatch: ['<rootDir>/src/**/*.spec.ts'],
  // `.shared.spec.ts` holds what specs share, and no test.
  testPathIgnorePatterns: ['/node_modules/', '/dist/', '\\.int\\.spec\\.ts$', '\\.shared\\.spec\\.ts$'],
  moduleFileExtensions: ['ts', 'js', 'json', 'node'],
  transform: { '^.+\\.ts$': ['@swc/jest', swc] },
  coverageProvider: 'v8',
};
