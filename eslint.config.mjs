import js from '@eslint/js';
import nx from '@nx/eslint-plugin';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';

const frameworks = ['@nestjs/*', 'fastify', 'typeorm', 'kafkajs', 'pg'];
const may = (sourceTag, ...libs) => ({ sourceTag, onlyDependOnLibsWithTags: libs.map((lib) => `lib:${lib}`) });
const pure = (sourceTag, ...libs) => ({ ...may(sourceTag, ...libs), bannedExternalImports: frameworks });
const boundaries = (...tests) => ({
  '@nx/enforce-module-boundaries': [
    'error',
    {
      enforceBuildableLibDependency: true,
      depConstraints: [
        pure('lib:contracts', ...tests),
        pure('lib:policy', 'contracts', ...tests),
        pure('lib:working-time', 'contracts', ...tests),
        pure('lib:tlog', 'contracts', ...tests),
        may('lib:embedded'),
        may('lib:messaging', 'contracts', ...tests),
        may('lib:platform', 'contracts', 'messaging', ...tests),
        may('lib:testing', '*'),
        may('app', 'contracts', 'messaging', 'platform', 'policy', 'tlog', 'working-time', ...tests),
      ],
    },
  ],
});
const kafkajs = { name: 'kafkajs', message: 'use @govbus/messaging' };
const repositories = { name: '@nestjs/typeorm', importNames: ['InjectRepository'], message: 'inject the DataSource' };
const nodeGlobals = Object.fromEntries(
  ['clearInterval', 'console', 'performance', 'process', 'setInterval'].map((name) => [name, 'readonly']),
);
const clock = 'take the time from the Clock of @govbus/platform';

export default tseslint.config(
  { ignores: ['**/dist', '**/coverage', '**/*.cjs', 'eslint.config.mjs', '.govbus'] },
  js.configs.recommended,
  ...tseslint.configs.recommended,
  { files: ['**/*.ts'], plugins: { '@nx': nx }, rules: boundaries() },
  { files: ['**/*.spec.ts', 'apps/e2e/**/*.ts'], rules: boundaries('testing', 'embedded') },
  { files: ['tools/**/*.mjs'], languageOptions: { globals: nodeGlobals } },
  // Tools and benches start and drive the whole system; they belong to no project.
  { files: ['tools/**/*.ts', 'bench/**/*.ts'], rules: { '@nx/enforce-module-boundaries': 'off' } },
  {
    files: ['**/*.ts'],
    rules: { 'no-restricted-imports': ['error', { paths: [kafkajs, repositories] }] },
  },
  { files: ['libs/messaging/**/*.ts'], rules: { 'no-restricted-imports': ['error', { paths: [repositories] }] } },
  {
    files: ['apps/*/src/**/*.ts', 'libs/{contracts,messaging,platform,policy,tlog,working-time}/src/**/*.ts'],
    ignores: ['**/*.spec.ts', 'apps/e2e/**', '**/clock.ts', '**/config.ts', 'apps/cli/**'],
    rules: {
      'no-restricted-syntax': [
        'error',
        { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: clock },
        { selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']", message: clock },
        {
          selector: "MemberExpression[object.name='process'][property.name='env']",
          message: 'read settings through loadConfig of @govbus/platform',
        },
      ],
    },
  },
  {
    files: ['**/*.ts'],
    rules: {
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
    },
  },
  prettier,
);
