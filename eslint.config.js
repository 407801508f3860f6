import js from '@eslint/js'
import svelte from 'eslint-plugin-svelte'
import { defineConfig, globalIgnores } from 'eslint/config'
import globals from 'globals'
import ts from 'typescript-eslint'

/** A name that begins with an underscore is there for its place only. */
const unused = { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrorsIgnorePattern: '^_' }

/** What the oldest browsers of vite.config.ts do not have. The compiler knows them all, as Node has them. */
const TOO_NEW = [
  'MemberExpression[property.name=/^(toReversed|toSorted|toSpliced|isWellFormed|toWellFormed|symmetricDifference|isSubsetOf|isSupersetOf)$/]',
  'CallExpression[callee.property.name=/^(with|union|intersection|difference)$/]',
  'MemberExpression[object.name=/^(Object|Map)$/][property.name="groupBy"]',
  'MemberExpression[object.name="AbortSignal"][property.name=/^(timeout|any)$/]',
  'MemberExpression[object.name="Promise"][property.name=/^(withResolvers|try)$/]',
  'MemberExpression[object.name="Array"][property.name="fromAsync"]',
  'MemberExpression[object.name="URL"][property.name="canParse"]',
  'MemberExpression[object.name="Iterator"]',
].map((selector) => ({ selector, message: 'Browsers of two years ago do not have this.' }))

export default defineConfig(
  globalIgnores(['dist/', 'data/', 'server/generated/', 'client/src/generated/']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  { rules: { eqeqeq: ['error', 'always', { null: 'ignore' }], 'no-unused-vars': ['error', unused] } },
  {
    files: ['**/*.ts', '**/*.svelte'],
    extends: [ts.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: { project: ['tsconfig.json'], tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unnecessary-condition': 'error',
      '@typescript-eslint/no-deprecated': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false }],
      '@typescript-eslint/return-await': ['error', 'error-handling-correctness-only'],
      '@typescript-eslint/no-unused-vars': ['error', unused],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // A promise-returning handler is fine where the caller ignores what it returns; a floating promise is not.
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { arguments: false, attributes: false } }],
      // Interfaces here are plain records of functions, and an async function may keep a promise that it need not wait for.
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    files: ['client/**'],
    languageOptions: { parserOptions: { project: ['client/tsconfig.json'], extraFileExtensions: ['.svelte'] } },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    extends: [svelte.configs.recommended],
    languageOptions: { parserOptions: { parser: ts.parser } },
    rules: { 'svelte/no-useless-mustaches': 'off' },
  },
  {
    // What a template is given has no type here (svelte-check knows it); what a test reads back has none either, and is compared.
    files: ['**/*.svelte', 'test/**'],
    rules: {
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
  { files: ['client/**'], languageOptions: { globals: globals.browser } },
  {
    files: ['client/src/**', 'protocol/**', 'contract/**'],
    rules: { 'no-restricted-syntax': ['error', ...TOO_NEW] },
  },
  {
    files: ['client/src/**'],
    ignores: ['client/src/lib/storage.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        ...['localStorage', 'sessionStorage'].map((name) => ({
          name,
          message: 'Where storage is blocked, naming it throws: take browserStorage or tabStorage of lib/storage.ts.',
        })),
      ],
    },
  },
  {
    files: ['client/src/**'],
    rules: {
      'no-restricted-syntax': [
        'error',
        ...TOO_NEW,
        {
          selector:
            'ImportExpression:not(CallExpression[callee.name=/^load(Part|Lazily)$/] > ArrowFunctionExpression > ImportExpression)',
          message: 'A part of the pages that is loaded later comes with its texts: import it by loadPart or loadLazily.',
        },
      ],
    },
  },
  { files: ['scripts/**', '*.js', '*.ts', '**/*.mjs', '**/*.cjs'], languageOptions: { globals: globals.node } },
)
