export { type ArrayElement, arrayLiteral } from './array-literal.js';
export * from './cancel.js';
export * from './config.js';
export * from './connection.js';
export { DurabilityError, verifyDurability } from './durability.js';
export {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  startEmbeddedPostgres,
} from './embedded/embedded-postgres.js';
export { EmbeddedPostgresError, type EmbeddedPostgresErrorCode } from './embedded/errors.js';
export * from './lease.js';
export * from './listen.js';
export * from './migrator.js';
export * from './scratch.js';
export * from './tables.js';
