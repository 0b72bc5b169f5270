/** Which log it is: the cluster's first word about it, so that no journal ever follows two of them. */
import { RevisionConflict } from '../event-store.js';
import type { Cluster } from './cluster.js';
import type { Origin } from './stored-event.js';

/** Of no follower's concern: its event is none of ours. */
const STREAM = 'log-identity';

/** The identity of the cluster's log; whoever comes first gives it one. Throws LogUnavailable, ClusterRefused. */
export async function identityOf(cluster: Cluster, newId: () => string): Promise<string> {
  const known = await knownIdentityOf(cluster);
  if (known !== undefined) return known;
  const store = newId();
  const began = { id: newId(), type: 'LogBegan', data: { store }, metadata: {}, bytes: 0 };
  try {
    await cluster.append(STREAM, 'no_stream', [began]);
    return store;
  } catch (error) {
    if (!(error instanceof RevisionConflict)) throw error;
    return storeIn((await cluster.firstOf(STREAM))?.data);
  }
}

/** The identity that the cluster's log has, if it was given one. Throws LogUnavailable, ClusterRefused. */
export async function knownIdentityOf(cluster: Cluster): Promise<string | undefined> {
  const known = await cluster.firstOf(STREAM);
  return known === undefined ? undefined : storeIn(known.data);
}

/** Says in the cluster that somebody has come to its end; answers where. Throws LogUnavailable, ClusterRefused. */
export async function markEnd(cluster: Cluster, newId: () => string): Promise<Origin> {
  for (;;) {
    const revision = await cluster.revisionOf(STREAM);
    const mark = { id: newId(), type: 'EndMarked', data: {}, metadata: {}, bytes: 0 };
    try {
      const origin = await cluster.append(STREAM, revision, [mark]);
      if (origin !== undefined) return origin;
    } catch (error) {
      if (!(error instanceof RevisionConflict)) throw error;
    }
  }
}

function storeIn(data: unknown): string {
  const { store } = (data ?? {}) as { store?: unknown };
  if (typeof store !== 'string') throw new TypeError(`${STREAM} does not say which log it is`);
  return store;
}
