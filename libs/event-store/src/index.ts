export * from './append-rules.js';
export * from './canonical.js';
export * from './event-store.js';
export { ClusterRefused } from './eventstoredb/cluster.js';
export {
  type Copied,
  type CopyOptions,
  copyToCluster,
  copyToPostgres,
} from './eventstoredb/copy.js';
export * from './eventstoredb/eventstoredb-event-store.js';
export * from './eventstoredb/follower.js';
export {
  JournalRefused,
  journalLag,
  logHome,
  refuseJournal,
  refuseOwnLog,
} from './eventstoredb/journal.js';
export { refuseOtherCluster } from './eventstoredb/own-cluster.js';
export { ForeignEvent } from './eventstoredb/stored-event.js';
export * from './json.js';
export * from './numbers-apart.js';
export * from './open-log.js';
export { EVENT_COLUMNS, type EventRow, recordedEvent } from './postgres/event-rows.js';
export * from './postgres/postgres-event-store.js';
export * from './upcasters.js';
