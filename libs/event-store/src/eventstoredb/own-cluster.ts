/**
 * That a cluster is the one whose journal this database is: asked at the start, before every
 * subscription, and before a process appends for the first time. A database that was restored
 * together with the wrong address must be told before anything is written to either side:
 *
 * - A cluster without a word about itself is empty: it was never ours, or it has lost everything. It is
 *   given no identity here.
 * - A cluster with another identity holds another log.
 * - One of the same identity that does not hold the last event of the journal where it lay is older than
 *   the journal: it was restored from a backup. Following it would leave out what is written where the
 *   lost events had been.
 */
import { sql } from 'kysely';
import type { Database, Transaction } from '#libs/database';
import { LogUnavailable } from '../event-store.js';
import { Cluster, type ClusterOptions, ClusterRefused } from './cluster.js';
import { hasHome, JournalRefused, type LogHome, logHome, otherCluster } from './journal.js';
import { knownIdentityOf } from './log-identity.js';

/** Of the first look at the start: a cluster that is away keeps nobody from reading the journal. */
const PATIENCE_AT_START_MS = 3_000;

/**
 * Whose journal this database is, once the cluster has been found to be that one; undefined: nobody's
 * yet. Throws JournalRefused, LogUnavailable, ClusterRefused.
 */
export async function ownHome(
  db: Database | Transaction,
  cluster: Cluster,
): Promise<LogHome | undefined> {
  const home = await logHome(db);
  if (home === undefined) return undefined;
  const store = await knownIdentityOf(cluster);
  if (store === undefined) throw emptyCluster(home);
  if (store !== home.store) throw otherCluster();
  const { position, origin } = home;
  if (origin === undefined) return home;
  const { rows } = await sql<{ id: string }>`
    select id from events where position = ${position}::bigint`.execute(db);
  const there = await cluster.eventAt(origin);
  // Somebody may have followed further meanwhile: what lay there lies there still.
  if (rows[0] === undefined || there?.id !== rows[0].id) throw olderCluster(home);
  return home;
}

/**
 * Refuses to start on a database that is the journal of another log than the one that the cluster
 * holds. A cluster that does not answer is no other one. Throws JournalRefused.
 */
export async function refuseOtherCluster(db: Database, options: ClusterOptions): Promise<void> {
  if (!(await hasHome(db))) return;
  const cluster = new Cluster({ ...options, patienceMs: PATIENCE_AT_START_MS });
  try {
    await ownHome(db, cluster);
  } catch (error) {
    if (error instanceof LogUnavailable || error instanceof ClusterRefused) return;
    throw error;
  } finally {
    await cluster.close();
  }
}

const emptyCluster = ({ position }: LogHome) =>
  new JournalRefused(
    'cluster_empty',
    `this database is the journal of a log of ${position} events, and the cluster of EVENTSTORE_URL holds none: ` +
      'name the cluster that it belongs to, or restore that cluster from its own backup first',
  );

const olderCluster = ({ position }: LogHome) =>
  new JournalRefused(
    'cluster_older',
    `the cluster lacks event ${position}, which this journal has followed: the cluster was restored from a backup ` +
      'that is older. Restore a later one, or an earlier backup of this database, or follow with an empty database',
  );
