import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import pg from 'pg';
import { type Database, openDatabase, type Transaction } from '#libs/database';
import { type LogState, PostgresEventStore, type RecordedEvent } from '#libs/event-store';
import { type TestDatabase, testDatabase } from '#libs/testing';
import { eventStoreContract } from './event-store.contract.js';
import { exactlyOnce, FAULTLESS, lateCommit } from './exactly-once.js';
import { anEvent, aStream, opening } from './things.js';

const NEVER_POLLS_MS = 60_000;

eventStoreContract(
  'Postgres',
  async () => {
    const test = await testDatabase({ poolSize: 18 });
    const store = () =>
      new PostgresEventStore({ db: test.db, url: test.url, fallbackMs: NEVER_POLLS_MS });
    return {
      store: store(),
      other: store(),
      breakConnections: () => terminateAll(test.url),
      close: () => test.drop(),
    };
  },
  { transactional: true, atomic: true },
);

/** Ends every session of the database, as a restart of the server does. */
async function terminateAll(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid()`,
  );
  await client.end();
}

describe('the log in Postgres', () => {
  let test: TestDatabase;
  let owner: Database;
  let store: PostgresEventStore;
  beforeAll(async () => {
    test = await testDatabase();
    owner = openDatabase(test.url, { max: 2, as: 'owner' });
    store = new PostgresEventStore({ db: test.db, url: test.url });
    await store.append([opening(aStream(), anEvent(), anEvent())]);
  });
  afterAll(async () => {
    await owner.destroy();
    await test.drop();
  });

  const CHANGES = {
    update: sql`update events set type = 'SomethingElse' where position = 1`,
    delete: sql`delete from events where position = 1`,
    truncate: sql`truncate events`,
  };
  for (const [name, change] of Object.entries(CHANGES)) {
    it(`refuses ${name} even to its owner`, async () => {
      await expect(change.execute(owner)).rejects.toMatchObject({
        code: '23000',
        message: expect.stringContaining('append-only'),
      });
    });
    it(`does not grant ${name} to the application`, async () => {
      await expect(change.execute(test.db)).rejects.toMatchObject({ code: '42501' });
    });
  }

  it('has no gap after appends that were rolled back', async () => {
    const [stream, event] = [aStream(), anEvent()];
    const head = await store.head();
    const failing = async () => {
      throw new Error('failed within');
    };
    await expect(store.append([opening(aStream(), anEvent())], failing)).rejects.toThrow();
    const first = await store.append([opening(stream, event)]);
    await expect(store.append([opening(aStream(), anEvent(), event)])).rejects.toThrow();
    await expect(store.append([opening(stream, anEvent())])).rejects.toThrow();
    const second = await store.append([opening(aStream(), anEvent())]);
    expect([first.lastPosition, second.lastPosition]).toEqual([head + 1n, head + 2n]);
  });

  it('appends in a transaction of the caller, more than once, and can go on after a conflict', async () => {
    const stream = aStream();
    const head = await store.head();
    const appended = await test.db.transaction().execute(async (tx) => {
      await store.appendIn(tx, [opening(stream, anEvent())]);
      const conflict = await store
        .appendIn(tx, [opening(stream, anEvent())])
        .catch((error) => error);
      expect(conflict).toMatchObject({ code: 'revision_conflict', actual: 0n });
      const again = { stream, expectedRevision: 0n, events: [anEvent()] };
      return store.appendIn(tx, [again, opening(aStream(), anEvent())]);
    });
    expect(appended.lastPosition).toBe(head + 3n);
    expect(await store.head()).toBe(head + 3n);
  });

  it('never records a time before that of the last event, whatever the clock says', async () => {
    const future = Date.UTC(2999, 0, 1) + 789;
    const foreign = anEvent();
    const head = await store.head();
    await insertForeign(owner, head + 1n, foreign.id, future);
    const { events } = await store.append([opening(aStream(), anEvent())]);
    expect(events.map((e) => [e.position, e.recordedAt])).toEqual([[head + 2n, future]]);
    expect((await store.readAll({ after: head, limit: 9 })).map((e) => e.recordedAt)).toEqual([
      future,
      future,
    ]);
  });

  it('delivers an event of which no notification came, after the fallback interval', async () => {
    const polling = new PostgresEventStore({ db: test.db, url: test.url, fallbackMs: 30 });
    const head = await store.head();
    const stop = new AbortController();
    const foreign = anEvent();
    const tail = polling.tail({ after: head, signal: stop.signal })[Symbol.asyncIterator]();
    const next = tail.next();
    await listening(owner);
    await insertForeign(owner, head + 1n, foreign.id, Date.UTC(2999, 0, 2));
    const { value } = (await next) as IteratorYieldResult<RecordedEvent[]>;
    expect(value.map((event) => event.id)).toEqual([foreign.id]);
    stop.abort();
    await tail.next();
  });

  it('throws to the reader what is not a broken connection, and leaves no connection behind', async () => {
    const blind = new (class extends PostgresEventStore {
      override async readAll(): Promise<RecordedEvent[]> {
        await sql`select 1 from a_table_that_was_dropped`.execute(test.db);
        return [];
      }
    })({ db: test.db, url: test.url });
    const tail = blind.tail({ after: 0n, signal: new AbortController().signal });
    await expect(tail[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: '42P01' });
    expect(await listeners(owner)).toBe(0);
  });
});

/** What another program might write: without the lock and without a notification. */
async function insertForeign(owner: Database, position: bigint, id: string, recordedAt: number) {
  await sql`
    insert into events
      (position, stream, revision, id, type, effective_at, recorded_at, data, metadata)
    values (${position}, ${aStream()}, 0, ${id}, 'Foreign', now(),
      ${new Date(recordedAt).toISOString()}, '{}', '{}')`.execute(owner);
}

async function listeners(owner: Database): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from pg_stat_activity
    where datname = current_database() and application_name = 'flywheel tail'
      and state = 'idle'`.execute(owner);
  return rows[0]?.n ?? 0;
}

async function listening(owner: Database): Promise<void> {
  while ((await listeners(owner)) === 0);
}

describe('a log numbered by a bare sequence', () => {
  /** The Postgres store with what its theory forbids: no lock, and positions from a sequence. */
  class SequenceEventStore extends PostgresEventStore {
    protected override async lock(): Promise<void> {}

    protected override async stateOf(tx: Transaction, streams: readonly string[]) {
      const state: LogState = await super.stateOf(tx, streams);
      const { rows } = await sql<{ n: string }>`select nextval('naive')::text as n`.execute(tx);
      return { ...state, head: BigInt(rows[0]?.n ?? 0) - 1n };
    }
  }

  let test: TestDatabase;
  beforeAll(async () => {
    test = await testDatabase();
    const owner = openDatabase(test.url, { max: 1, as: 'owner' });
    await sql`create sequence naive`.execute(owner);
    await sql`grant usage on sequence naive to flywheel_app`.execute(owner);
    await owner.destroy();
  });
  afterAll(() => test.drop());

  it('loses an event that commits after its successor was read, and the check finds it', async () => {
    const sabotaged = new SequenceEventStore({
      db: test.db,
      url: test.url,
      fallbackMs: NEVER_POLLS_MS,
    });
    const findings = await exactlyOnce(sabotaged, (workload) =>
      lateCommit(workload, { first: anEvent, second: anEvent, streams: [aStream(), aStream()] }),
    );
    expect(findings).toMatchObject({ missed: [1n], afterGap: [2n], acknowledged: 2, delivered: 1 });
    expect(findings).not.toMatchObject(FAULTLESS);
  });
});
