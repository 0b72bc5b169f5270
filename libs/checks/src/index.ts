export * from './check.js';
export * from './register.js';
export * from './run-checks.js';
