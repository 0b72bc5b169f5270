export * from './authenticate.js';
export * from './configured.js';
export * from './kept-secret.js';
export * from './principal.js';
export * from './scope.js';
export * from './tokens/form.js';
export * from './tokens/token-authenticator.js';
export * from './tokens/tokens.js';
