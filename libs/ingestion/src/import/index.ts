export * from './imports.js';
export * from './lines.js';
export * from './outcomes.js';
export * from './preview.js';
