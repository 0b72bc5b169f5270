/** Which log it is: the cluster's first word about it, so that no journal ever follows two of them. */
import { RevisionConflict } from '../event-store.js';
import type { Cluster } from './cluster.js';

/** Of no follower's concern: its event is none of ours. */
const STREAM = 'log-identity';

/** The identity of the cluster's log; whoever comes first gives it one. Throws LogUnavailable, ClusterRefused. */
export async function identityOf(cluster: Cluster, newId: () => string): Promise<string> {
  const known = await cluster.firstOf(STREAM);
  if (known !== undefined) return storeIn(known.data);
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

function storeIn(data: unknown): string {
  const { store } = (data ?? {}) as { store?: unknown };
  if (typeof store !== 'string') throw new TypeError(`${STREAM} does not say which log it is`);
  return store;
}
