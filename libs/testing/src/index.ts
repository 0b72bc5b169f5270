export * from './builders.js';
export * from './database.js';
export * from './given.js';
export * from './ledger.js';
export * from './months.js';
export * from './orders.js';
export * from './until.js';
