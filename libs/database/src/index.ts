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
export type { ProcessLogin } from './embedded/logins.js';
export { GRANTS, type Granted, ROLES, type Role } from './grants.js';
export * from './lease.js';
export * from './listen.js';
export {
  ACCIDENTS_ONLY,
  type LogGuard,
  LogNotProtected,
  verifyLogGuard,
  type WorkingRole,
} from './log-guard.js';
export * from './migrator.js';
export { rolesSql } from './role-sql.js';
export * from './scratch.js';
export * from './tables.js';
