import { bundled } from './test/support/bundled.js';

// ESM-only packages that CommonJS ones require(): see esm-for-cjs.cjs. All others are loaded as they
// are, which spares every file of tests the hashing of some thousand sources.
const ESM_FOR_CJS = '(cookie|content-disposition)';

/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/test', '<rootDir>/apps', '<rootDir>/libs', '<rootDir>/projections'],
  testRegex: '\\.spec\\.ts$',
  moduleFileExtensions: ['ts', 'js', 'mjs', 'cjs', 'json', 'node'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': '@swc/jest',
    [`/node_modules/${ESM_FOR_CJS}/.+\\.m?js$`]: '<rootDir>/test/support/esm-for-cjs.cjs',
  },
  transformIgnorePatterns: [`/node_modules/(?!${ESM_FOR_CJS}/)`],
  moduleNameMapper: {
    ...(await bundled()),
    '^#libs/([^/]+)$': '<rootDir>/libs/$1/src/index.ts',
    '^#projections$': '<rootDir>/projections/index.ts',
    '^#migrations$': '<rootDir>/migrations/index.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  testSequencer: '<rootDir>/test/support/sequencer.cjs',
  globalSetup: '<rootDir>/test/support/postgres.setup.js',
  globalTeardown: '<rootDir>/test/support/postgres.teardown.js',
  // A bound for what hangs, not a measure of speed.
  testTimeout: 60_000,
  maxWorkers: 2,
  setupFiles: ['reflect-metadata'],
  modulePathIgnorePatterns: ['<rootDir>/dist'],
  collectCoverageFrom: ['apps/*/src/**/*.ts', 'libs/*/src/**/*.ts', 'projections/*.ts'],
  coverageProvider: 'v8',
};
