export * from './api-objects.js';
export * from './facts.js';
export * from './render.js';
export { type SignLegacy, type SignStandard, signLegacy, signStandard } from './sign.js';
export { type WhopOptions, whopProvider } from './whop.provider.js';
