export * from './append-rules.js';
export * from './canonical.js';
export * from './event-store.js';
export * from './json.js';
export { EVENT_COLUMNS, type EventRow, recordedEvent } from './postgres/event-rows.js';
export * from './postgres/postgres-event-store.js';
export * from './upcasters.js';
