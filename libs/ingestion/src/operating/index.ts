export * from './delivery-list.js';
export * from './desk.js';
export { masked } from './masking.js';
export * from './month-deliveries.js';
export { type RetentionOptions, runRetention } from './retention.js';
export * from './words.js';
