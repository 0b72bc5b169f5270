export * from './check.js';
export { type Recomputation, recomputations } from './checks/read-models.check.js';
export * from './diagnose.js';
export * from './register.js';
export * from './results.js';
export * from './run-checks.js';
export * from './runner.js';
export * from './schedule.js';
export { inSnapshot } from './sessions.js';
