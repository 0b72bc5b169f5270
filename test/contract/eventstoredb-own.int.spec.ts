/** A journal that is given another cluster than its own, as after a restore: against the stand-in. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { openDatabase } from '#libs/database';
import {
  copyToPostgres,
  EventStoreDbEventStore,
  newFollowerStatus,
  refuseOtherCluster,
  runFollower,
} from '#libs/event-store';
import { type TestDatabase, testDatabase, until } from '#libs/testing';
import { StandIn } from '../standin/stand-in.js';
import { anEvent, aStream, opening } from './things.js';

const EVENTS = 6;

describe('a journal whose address says another cluster (stand-in)', () => {
  let own: StandIn;
  let other: StandIn;
  let test: TestDatabase;
  beforeEach(async () => {
    [own, other] = await Promise.all([StandIn.start(), StandIn.start()]);
    test = await testDatabase();
    await filled(own, test);
  });
  afterEach(async () => {
    await Promise.all([own.stop(), other.stop()]);
    await test.drop();
  });

  const storeOn = ({ url }: StandIn) =>
    new EventStoreDbEventStore({
      ...{ db: test.db, url: test.url, journalMs: 500 },
      cluster: { url, timeoutMs: 500, patienceMs: 1_000 },
    });
  const journal = async () =>
    (await sql`select * from events order by position`.execute(test.db)).rows;

  /** Neither side is written to, by whoever tries. */
  async function refused(cluster: StandIn, code: string): Promise<void> {
    const { db, url } = test;
    const [there, here] = [[...cluster.log.events], await journal()];
    await expect(refuseOtherCluster(db, { url: cluster.url })).rejects.toMatchObject({ code });

    const stop = new AbortController();
    const status = newFollowerStatus();
    const following = runFollower({
      ...{ db, url, status, cluster: { url: cluster.url }, signal: stop.signal },
    });
    await until('the follower says it', () => status.lastError?.startsWith(`${code}: `) === true);
    stop.abort();
    await following;

    const store = storeOn(cluster);
    const append = store.append([opening(aStream(), anEvent())]);
    await expect(append).rejects.toMatchObject({
      code: 'log_unavailable',
      message: expect.stringContaining(code),
    });
    await store.close();

    const owner = openDatabase(url, { max: 4, as: 'owner' });
    const copy = copyToPostgres({
      ...{ db: owner, url, cluster: { url: cluster.url }, signal: AbortSignal.timeout(20_000) },
    });
    await expect(copy).rejects.toMatchObject({ code });
    await owner.destroy();
    expect(cluster.log.events).toEqual(there);
    expect(await journal()).toEqual(here);
  }

  it('does not start, follow or append where that one is empty, and gives it no identity', async () => {
    await refused(other, 'cluster_empty');
    expect(other.log.events).toEqual([]);
  });

  it('does not start, follow or append where that one holds another log', async () => {
    const its = await testDatabase();
    await filled(other, its);
    await refused(other, 'log_of_another_cluster');
    await its.drop();
  });

  it('does not start, follow or append where its own was restored from an older backup', async () => {
    // All but the last append, and then something else in its place.
    const said = own.log.events.filter(({ stream }) => !stream.startsWith('$'));
    const last = said.pop();
    if (last === undefined) throw new Error('nothing was appended');
    for (const { stream, ...event } of said) {
      const at = (other.log.stream(stream)?.length ?? 0) - 1;
      other.log.append(stream, at < 0 ? 'no_stream' : BigInt(at), [event]);
    }
    await refused(other, 'cluster_older');
    other.log.append(last.stream, 'no_stream', [{ ...last, id: anEvent().id }]);
    expect(other.log.stream(last.stream)?.[0]?.position).toBe(last.position);
    await refused(other, 'cluster_older');
  });

  it('starts while its own is away, and appends once it is back', async () => {
    await own.stop();
    await refuseOtherCluster(test.db, { url: own.url });
    const store = storeOn(own);
    const event = anEvent();
    await expect(store.append([opening('thing-away', event)])).rejects.toMatchObject({
      code: 'log_unavailable',
    });
    await own.restart();
    const stop = new AbortController();
    const { db, url } = test;
    const following = runFollower({ db, url, cluster: { url: own.url }, signal: stop.signal });
    const { events } = await store.append([opening('thing-away', event)]);
    expect(events.map(({ id }) => id)).toEqual([event.id]);
    stop.abort();
    await following;
    await store.close();
  });
});

/** Makes the database the journal of the cluster, with some events. */
async function filled({ url: cluster }: StandIn, { db, url }: TestDatabase): Promise<void> {
  const stop = new AbortController();
  const following = runFollower({ db, url, cluster: { url: cluster }, signal: stop.signal });
  const store = new EventStoreDbEventStore({ db, url, cluster: { url: cluster } });
  for (let n = 0; n < EVENTS; n++) await store.append([opening(aStream(), anEvent())]);
  stop.abort();
  await following;
  await store.close();
}
