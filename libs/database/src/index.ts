export * from './connection.js';
export * from './migrator.js';
export * from './tables.js';
