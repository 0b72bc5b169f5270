export * from './commands/change-settings.command.js';
export * from './commands/ordered.js';
export * from './commands/pin-tier.command.js';
export * from './decisions.js';
export * from './execute.js';
export * from './queries/figures.js';
export * from './queries/read-side.js';
export * from './service.js';
