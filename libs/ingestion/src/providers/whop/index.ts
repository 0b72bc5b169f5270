export * from './api-objects.js';
export { readBody } from './body.js';
export * from './facts.js';
export * from './render.js';
export { type SignLegacy, type SignStandard, signLegacy, signStandard } from './sign.js';
export { type WhopOptions, whopProvider } from './whop.provider.js';
