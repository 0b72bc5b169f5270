export * from './database.js';
export * from './ledger.js';
