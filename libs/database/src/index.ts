export * from './connection.js';
export * from './lease.js';
export * from './migrator.js';
export * from './tables.js';
