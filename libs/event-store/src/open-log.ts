/** The log that a process was started with: in PostgreSQL, or in a cluster with this database as its journal. */
import type { Config, Database } from '#libs/database';
import type { JoinableLog } from './event-store.js';
import type { ClusterOptions } from './eventstoredb/cluster.js';
import { EventStoreDbEventStore } from './eventstoredb/eventstoredb-event-store.js';
import { PostgresEventStore } from './postgres/postgres-event-store.js';

export interface OpenedLog {
  readonly store: JoinableLog;
  /** Which one is to be followed; undefined: the log is in PostgreSQL. */
  readonly cluster: ClusterOptions | undefined;
  /** Ends its connections; what is being appended then ends with LogUnavailable. */
  close(): Promise<void>;
}

/** `db`: of a pool with at least two connections for whoever appends. */
export function openLog(
  { eventStore, eventStoreUrl }: Pick<Config, 'eventStore' | 'eventStoreUrl'>,
  { db, url }: { readonly db: Database; readonly url: string },
): OpenedLog {
  if (eventStore === 'postgres' || eventStoreUrl === undefined)
    return {
      store: new PostgresEventStore({ db, url }),
      cluster: undefined,
      close: () => Promise.resolve(),
    };
  const cluster = { url: eventStoreUrl };
  const store = new EventStoreDbEventStore({ db, url, cluster });
  return { store, cluster, close: () => store.close() };
}
