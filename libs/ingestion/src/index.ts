export * from './batch.js';
export * from './deliveries.js';
export * from './intake.js';
export * from './keys.js';
export * from './operating/index.js';
export * from './provider.js';
export * from './providers/whop/index.js';
export * from './report.js';
