/** A log that moves to a cluster and back: against the stand-in. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openDatabase } from '#libs/database';
import {
  type CopyOptions,
  canonicalBytes,
  copyToCluster,
  copyToPostgres,
  EventStoreDbEventStore,
  logHome,
  PostgresEventStore,
  runFollower,
} from '#libs/event-store';
import { type TestDatabase, testDatabase } from '#libs/testing';
import { StandIn } from '../standin/stand-in.js';
import { anEvent, opening } from './things.js';

const EVENTS = 1_300n;

describe('a log that moves to a cluster (stand-in)', () => {
  let standIn: StandIn;
  let test: TestDatabase;
  let owner: TestDatabase['db'];
  let log: PostgresEventStore;
  beforeEach(async () => {
    standIn = await StandIn.start();
    test = await testDatabase();
    owner = openDatabase(test.url, { max: 4, as: 'owner' });
    log = new PostgresEventStore({ db: test.db, url: test.url });
    await fill(log);
  });
  afterEach(async () => {
    await standIn.stop();
    await owner.destroy();
    await test.drop();
  });

  const options = (rest: Partial<CopyOptions> = {}): CopyOptions => ({
    ...{ db: owner, url: test.url, signal: AbortSignal.timeout(50_000) },
    cluster: { url: standIn.url, timeoutMs: 500, patienceMs: 8_000 },
    ...rest,
  });
  const texts = async () =>
    (await log.readAll({ after: 0n, limit: 5_000 })).map((event) => String(canonicalBytes(event)));

  it('is there in its order, event by event, and what was a log is its journal', async () => {
    const before = await texts();
    const copied = await copyToCluster(options());
    expect(copied).toMatchObject({ head: EVENTS, appended: EVENTS, streams: 7n });
    const ours = standIn.log.events.filter(({ stream }) => stream.startsWith('thing-'));
    expect(ours.map(({ id }) => id)).toEqual(before.map((text) => JSON.parse(text)[2]));
    await expect(log.append([opening('thing-late', anEvent())])).rejects.toMatchObject({
      code: '55000',
    });
    await expect(copyToCluster(options())).rejects.toMatchObject({ code: 'log_in_cluster' });
  });

  it('goes on as a journal, and comes back with what was appended meanwhile', async () => {
    await copyToCluster(options());
    const { db, url } = test;
    const stop = new AbortController();
    const cluster = { url: standIn.url };
    const following = runFollower({ db, url, cluster, signal: stop.signal });
    const store = new EventStoreDbEventStore({ db, url, cluster });
    expect(await store.append([opening('thing-new', anEvent())])).toMatchObject({
      lastPosition: EVENTS + 1n,
    });
    stop.abort();
    await following;
    // While nobody follows, as of a machine that was lost.
    const elsewhere = new EventStoreDbEventStore({ db, url, cluster, journalMs: 10 });
    await expect(elsewhere.append([opening('thing-unseen', anEvent())])).rejects.toMatchObject({
      code: 'log_unavailable',
    });
    await Promise.all([store.close(), elsewhere.close()]);
    const copied = await copyToPostgres(options());
    expect(copied).toMatchObject({ head: EVENTS + 2n, appended: 1n });
    expect(await logHome(db)).toBeUndefined();
    expect(await log.append([opening('thing-home', anEvent())])).toMatchObject({
      lastPosition: EVENTS + 3n,
    });
  });

  it('is copied by whoever goes on where another was cut off, and says the same', async () => {
    const cut = new AbortController();
    const isHalf = (compared: bigint) => compared > EVENTS / 2n && cut.abort(new Error('cut'));
    const first = copyToCluster(options({ signal: cut.signal, onProgress: isHalf }));
    await expect(first).rejects.toThrow('cut');
    expect(await logHome(test.db)).toBeUndefined();
    const left = standIn.log.events.filter(({ stream }) => stream.startsWith('thing-')).length;
    expect(left).toBeGreaterThan(0);
    standIn.faults.order('append', { kind: 'cut-after' }, { times: 2 });
    const copied = await copyToCluster(options());
    expect(copied).toMatchObject({ head: EVENTS, appended: EVENTS - BigInt(left) });
    expect(await copyToPostgres(options())).toMatchObject({ digest: copied.digest, appended: 0n });
  });

  it('takes along what is appended while it is copied', async () => {
    let isLate = false;
    const onProgress = () => {
      if (isLate) return;
      isLate = true;
      void log.append([opening('thing-late', anEvent())]);
    };
    expect(await copyToCluster(options({ onProgress }))).toMatchObject({ head: EVENTS + 1n });
  });

  it('is refused by a cluster that holds another log, and by one that does not say the same', async () => {
    await copyToCluster(options());
    const other = await testDatabase();
    const its = openDatabase(other.url, { max: 4, as: 'owner' });
    await fill(new PostgresEventStore({ db: other.db, url: other.url }), 'other');
    const refused = copyToCluster(options({ db: its, url: other.url }));
    await expect(refused).rejects.toMatchObject({ code: 'log_differs' });
    await its.destroy();
    await other.drop();
  });
});

/** Seven streams, in runs and in turns. */
async function fill(log: PostgresEventStore, name = 'a'): Promise<void> {
  const revisions = new Map<string, bigint>();
  for (let n = 0; n < 130; n++) {
    const stream = `thing-${name}${n % 7}`;
    const revision = revisions.get(stream);
    const events = Array.from({ length: 10 }, () => anEvent());
    await log.append([{ stream, expectedRevision: revision ?? 'no_stream', events }]);
    revisions.set(stream, (revision ?? -1n) + 10n);
  }
}
