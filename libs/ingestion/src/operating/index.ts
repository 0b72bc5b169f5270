export * from './delivery-list.js';
export * from './desk.js';
export { Erasure, type ErasureParts } from './erasure.js';
export { masked } from './masking.js';
export * from './month-deliveries.js';
export { type RetentionOptions, runRetention } from './retention.js';
export { type LedgerSealed, type SealingOptions, sealLedger } from './sealing.js';
export * from './words.js';
