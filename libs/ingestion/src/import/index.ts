export * from './imports.js';
export * from './lines.js';
export * from './preview.js';
