export * from './case-expectations.js';
export * from './corrections.js';
export * from './deliveries.js';
export * from './expectations.js';
export * from './pins.js';
export * from './planted-cases.js';
export * from './settings.js';
