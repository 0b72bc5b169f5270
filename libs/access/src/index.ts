export * from './authenticate.js';
export * from './configured.js';
export * from './principal.js';
