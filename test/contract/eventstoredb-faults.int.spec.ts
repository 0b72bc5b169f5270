/** What the adapter and the follower make of a cluster that fails: against the stand-in. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import {
  EventStoreDbEventStore,
  type FollowerStatus,
  newFollowerStatus,
  PostgresEventStore,
  runFollower,
} from '#libs/event-store';
import { type TestDatabase, testDatabase } from '#libs/testing';
import type { Fault } from '../standin/faults.js';
import { StandIn } from '../standin/stand-in.js';
import { anEvent, aStream, opening } from './things.js';

interface Side {
  readonly test: TestDatabase;
  readonly status: FollowerStatus;
  readonly said: string[];
  stop(): Promise<void>;
}

describe('a cluster that fails (stand-in)', () => {
  let standIn: StandIn;
  let side: Side;
  let store: EventStoreDbEventStore;
  const sides: Side[] = [];

  const follow = async (test?: TestDatabase): Promise<Side> => {
    const own = test ?? (await testDatabase({ poolSize: 8 }));
    const stop = new AbortController();
    const status = newFollowerStatus();
    const said: string[] = [];
    const running = runFollower({
      db: own.db,
      url: own.url,
      cluster: { url: standIn.url },
      signal: stop.signal,
      status,
      log: (_, message, about) => said.push(`${message} ${JSON.stringify(about)}`),
    });
    const made: Side = {
      test: own,
      status,
      said,
      stop: async () => {
        stop.abort();
        await running;
      },
    };
    sides.push(made);
    return made;
  };

  beforeEach(async () => {
    standIn = await StandIn.start();
    side = await follow();
    store = storeOn(side.test);
  });
  const storeOn = ({ db, url }: TestDatabase, journalMs = 10_000) =>
    new EventStoreDbEventStore({
      ...{ db, url, journalMs },
      cluster: { url: standIn.url, timeoutMs: 500, patienceMs: 20_000 },
    });
  afterEach(async () => {
    await store.close();
    for (const one of sides.splice(0)) {
      await one.stop();
      await one.test.drop().catch(() => {});
    }
    await standIn.stop();
  });

  const FAULTS: Record<string, Fault> = {
    'cut before the write': { kind: 'cut-before' },
    'cut after the write': { kind: 'cut-after' },
    'never answered': { kind: 'silent' },
    'answered after our patience with one call': { kind: 'slow', ms: 700 },
    'sent to another node than the leader': { kind: 'not-leader' },
    'answered with a status that nobody knows': { kind: 'status', code: 7 },
  };
  for (const [name, fault] of Object.entries(FAULTS))
    it(`has an append that was ${name} once, and says so`, async () => {
      const [stream, events] = [aStream(), [anEvent(), anEvent()]];
      standIn.faults.order('append', fault, { stream });
      const appended = await store.append([opening(stream, ...events)]);
      expect(standIn.faults.left).toBe(0);
      expect(appended.events.map(({ revision }) => revision)).toEqual([0n, 1n]);
      expect(standIn.log.stream(stream)?.map(({ id }) => id)).toEqual(events.map(({ id }) => id));
      const read = await store.readStreams([stream]);
      expect(read.get(stream)).toEqual(appended.events);
    });

  it('does not poison what comes after: what the client could not learn of the server is asked again', async () => {
    standIn.faults.order('features', { kind: 'status', code: 7 });
    const fresh = storeOn(side.test);
    const { events } = await fresh.append([opening(aStream(), anEvent())]);
    expect(events).toHaveLength(1);
    expect(standIn.faults.left).toBe(0);
    await fresh.close();
  });

  it('breaks the appends of one connection without ending the process that has another', async () => {
    const other = storeOn(side.test);
    const streams = Array.from({ length: 60 }, () => aStream());
    for (const stream of streams.slice(0, 20))
      standIn.faults.order('append', { kind: 'cut-after' }, { stream });
    const appending = streams.map((stream, n) =>
      (n % 2 === 0 ? store : other).append([opening(stream, anEvent())]),
    );
    await Promise.all(appending);
    for (const stream of streams) expect(standIn.log.stream(stream)).toHaveLength(1);
    await other.close();
  });

  it('is waited for while it restarts, and nothing acknowledged is lost', async () => {
    const stream = aStream();
    await store.append([opening(stream, anEvent())]);
    const restarting = standIn.restart(1_000);
    await store.append([{ stream, expectedRevision: 0n, events: [anEvent()] }]);
    await restarting;
    expect(standIn.log.stream(stream)).toHaveLength(2);
  });

  it('says that the outcome is unknown when it stays away, and takes the repetition for one', async () => {
    const [stream, event] = [aStream(), anEvent()];
    standIn.faults.order('append', { kind: 'silent' }, { times: 100, stream });
    const impatient = new EventStoreDbEventStore({
      ...{ db: side.test.db, url: side.test.url },
      cluster: { url: standIn.url, timeoutMs: 100, patienceMs: 300 },
    });
    await expect(impatient.append([opening(stream, event)])).rejects.toMatchObject({
      code: 'log_unavailable',
    });
    standIn.faults.clear();
    const { events } = await store.append([opening(stream, event)]);
    expect(events.map(({ id, revision }) => [id, revision])).toEqual([[event.id, 0n]]);
    expect(standIn.log.stream(stream)).toHaveLength(1);
    await impatient.close();
  });

  it('is followed event by event through cuts, repetitions and restarts, and every journal is the same', async () => {
    standIn.faults.repeatEvents = true;
    standIn.faults.order('subscribe', { kind: 'cut-after' }, { times: 2 });
    const second = await follow();
    for (let n = 0; n < 30; n++) {
      await store.append([opening(aStream(), anEvent(), anEvent()), opening(aStream(), anEvent())]);
      if (n === 10) await standIn.restart();
      if (n === 15) standIn.faults.order('subscribe', { kind: 'cut-before' }, { times: 2 });
      if (n === 20) await standIn.restart();
    }
    const head = await store.head();
    expect(head).toBe(90n);
    await reached(second, head);
    const third = await follow();
    await reached(third, head);
    const journals = await Promise.all([side, second, third].map(journalOf));
    expect(journals[1]).toEqual(journals[0]);
    expect(journals[2]).toEqual(journals[0]);
    const ours = standIn.log.events.filter(({ stream }) => stream.startsWith('thing-'));
    expect(journals[0]?.map(({ id, origin }) => [id, origin])).toEqual(
      ours.map(({ id, position }) => [id, String(position)]),
    );
  });

  it('is followed by one of two, and a follower that was frozen writes nothing when it wakes', async () => {
    const rival = await follow(side.test);
    await store.append([opening(aStream(), anEvent())]);
    expect([side.status.active, rival.status.active].filter(Boolean)).toHaveLength(1);
    // As after a freeze: the lease went to somebody else, and the old one still reads the cluster.
    for (let n = 0; n < 5; n++) {
      await sql`update leases set expires_at = '-infinity' where name = 'follower'`.execute(
        side.test.db,
      );
      await store.append([opening(aStream(), anEvent(), anEvent())]);
      await delay(100);
    }
    const positions = (await journalOf(side)).map(({ position }) => position);
    expect(positions).toEqual(Array.from({ length: 11 }, (_, n) => String(n + 1)));
  }, 90_000);

  it('is not followed where an event is missing, nor by a journal of another log', async () => {
    const stream = aStream();
    await store.append([opening(stream, anEvent(), anEvent())]);
    const lost = standIn.log.events.findIndex((event) => event.stream === stream);
    standIn.log.events.splice(lost, 1);
    const blind = await follow();
    await until(() => blind.status.lastError !== undefined);
    expect(blind.status.lastError).toMatch(/^log_gap: .*revision 1 where 0 would be next/);
    expect((await journalOf(blind)).length).toBe(0);

    const owning = await testDatabase();
    const own = new PostgresEventStore({ db: owning.db, url: owning.url });
    await own.append([opening(aStream(), anEvent())]);
    const refused = await follow(owning);
    await until(() => refused.status.lastError !== undefined);
    expect(refused.status.lastError).toMatch(/^log_in_postgres: /);
  });

  it('lets nobody write to its journal but the follower', async () => {
    await store.append([opening(aStream(), anEvent())]);
    const own = new PostgresEventStore({ db: side.test.db, url: side.test.url });
    await expect(own.append([opening(aStream(), anEvent())])).rejects.toMatchObject({
      code: '55000',
      message: expect.stringContaining('only its follower writes to the journal'),
    });
  });

  it('is said to be away from its journal, when nobody follows', async () => {
    await side.stop();
    const impatient = storeOn(side.test, 200);
    const stream = aStream();
    const event = anEvent();
    await expect(impatient.append([opening(stream, event)])).rejects.toMatchObject({
      code: 'log_unavailable',
      message: expect.stringContaining('follower'),
    });
    const again = await follow(side.test);
    const { events } = await store.append([opening(stream, event)]);
    await reached(again, 1n);
    expect(events.map(({ position }) => position)).toEqual([1n]);
    await impatient.close();
  });
});

async function until(holds: () => boolean): Promise<void> {
  const end = performance.now() + 20_000;
  while (!holds()) {
    if (performance.now() > end) throw new Error('waited in vain');
    await delay(10);
  }
}

const reached = (side: Side, position: bigint) => until(() => side.status.position >= position);

async function journalOf({ test }: Side) {
  const { rows } = await sql<{ position: string; id: string; origin: string }>`
    select e.*, o.commit_position as origin from events e
    left join event_origins o on o.position = e.position order by e.position`.execute(test.db);
  return rows;
}
