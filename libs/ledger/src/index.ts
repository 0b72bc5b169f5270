export * from './events.js';
export * from './line-codec.js';
export * from './lines.js';
export * from './values/clock.js';
