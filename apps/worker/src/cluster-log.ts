/** What the worker does besides where a cluster keeps the log: it follows it, and ends what was cut off. */
import { erasePersonalData, finishOrders } from '#libs/application';
import type { Database } from '#libs/database';
import { type OpenedLog, runFollower } from '#libs/event-store';
import { Erasure, type IntakeOptions, intakeNotices, type Keys } from '#libs/ingestion';
import { type Clock, instantOf } from '#libs/ledger';
import type { Vault } from '#libs/vault';

interface ClusterParts {
  readonly opened: OpenedLog;
  readonly db: Database;
  readonly vault: Vault;
  readonly keys: Keys;
  readonly providers: IntakeOptions['providers'];
  readonly clock: Clock;
}

/** What the intake must know of a log that is in no transaction with it; nothing where it is. */
export function tornIntake(parts: ClusterParts): Pick<IntakeOptions, 'repeats' | 'finishOrders'> {
  const { opened, db, vault, keys, providers, clock } = parts;
  const { store } = opened;
  if (opened.cluster === undefined) return {};
  const known = () => Promise.resolve(keys);
  const personal = new Erasure({ db, vault, providers, keys: known });
  const erase = (whom: { creatorId: string; memberId: string }) =>
    // The log says that they are erased: nothing is appended.
    erasePersonalData({ store, personal }, instantOf(clock.now()), whom, { actor: 'worker' });
  const orders = { db, store, intake: intakeNotices(db, known), erase };
  return { repeats: true, finishOrders: () => finishOrders(orders) };
}

type Saying = (level: 'info' | 'warn' | 'error', message: string, about?: object) => void;

/** Follows the cluster until it is stopped: after everybody who waits for the journal. */
export function startFollower(
  { cluster }: OpenedLog,
  { db, url, log }: { readonly db: Database; readonly url: string; readonly log: Saying },
): { stop(): Promise<void> } {
  if (cluster === undefined) return { stop: () => Promise.resolve() };
  const stop = new AbortController();
  const running = runFollower({ db, url, cluster, signal: stop.signal, log });
  return {
    stop: async () => {
      stop.abort();
      await running;
    },
  };
}
