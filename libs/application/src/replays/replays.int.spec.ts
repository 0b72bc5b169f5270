import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { acquireLease, type Lease } from '#libs/database';
import { renderPayment } from '#libs/ingestion';
import { DomainError, frozenClock } from '#libs/ledger';
import {
  ensureReadModels,
  type Log,
  ProjectionFailed,
  readCheckpoint,
  registerText,
  runProjector,
} from '#libs/projector';
import { type TestDatabase, type TestLedger, testDatabase, testLedger } from '#libs/testing';
import { register } from '#projections';
import { orderReplayOf, type ReplayWanted } from '../commands/order-replay.command.js';
import { promoteReplayOf } from '../commands/promote-replay.command.js';
import { decodeEvent } from '../decisions.js';
import { differencePageOf, replayOf, replaysOf } from '../queries/replays.js';
import { isSettled, MAX_ATTEMPTS, type Replay } from './replay.js';
import type { Failure } from './replay-course.js';
import { runReplays } from './replay-loop.js';
import { discardIn } from './replay-orders.js';
import { type ReplayParts, type ReplayToRun, runReplay } from './run-replay.js';

const quiet: Log = { info: () => {}, warn: () => {}, error: () => {} };
const NOW = Date.UTC(2026, 2, 14, 12);
const NO_HASH = '0'.repeat(64);
type Runner = (replay: ReplayToRun, signal: AbortSignal) => Promise<Failure | undefined>;

let test: TestDatabase;
let ledger: TestLedger;
let stop: AbortController;
let loops: Promise<void>[] = [];
const projecting = (changed: readonly (typeof register)[number][] = register) => ({
  db: test.db,
  store: ledger.store,
  register: changed,
  decode: decodeEvent,
  signal: stop.signal,
  log: quiet,
});

beforeAll(async () => {
  test = await testDatabase({ poolSize: 16 });
  ledger = await testLedger(test);
  stop = new AbortController();
  await ledger.deliver(
    ...['a', 'b', 'c'].map((user) =>
      renderPayment('v1', {
        creatorId: 'biz_a',
        userId: `user_${user}`,
        paymentId: `pay_${user}`,
        status: 'succeeded',
        amount: '49.99',
        currency: 'usd',
        paidAt: NOW / 1000 - 1000,
        createdAt: NOW / 1000 - 1000,
      }),
    ),
  );
  await ledger.decide();
  await ensureReadModels(projecting());
}, 60_000);
afterAll(() => test.drop());

beforeEach(() => {
  stop = new AbortController();
});
afterEach(async () => {
  stop.abort();
  await Promise.all(loops);
  loops = [];
  await sql`delete from replays`.execute(test.db).catch(() => asOwner('delete from replays'));
});

async function asOwner(text: string): Promise<void> {
  const { openDatabase } = await import('#libs/database');
  const db = openDatabase(test.url, { max: 1, as: 'owner' });
  await sql.raw(text).execute(db);
  await db.destroy();
}

/** As its process would, in this one. */
const inProcess =
  (parts: Partial<ReplayParts> = {}): Runner =>
  async (replay, signal) => {
    const all = { ...projecting(), clock: frozenClock(NOW), ...parts, signal };
    try {
      await runReplay(all, replay);
      return undefined;
    } catch (error) {
      return { code: 'replay_died', detail: String(error) };
    }
  };

/** Answers a way to wait until the loop has looked so many times more, at what there is to do. */
function begin(run: Runner = inProcess(), changed = register): (times: number) => Promise<void> {
  const loop = { db: test.db, url: test.url, register: changed, run, signal: stop.signal };
  let looks = 0;
  const onLooked = () => {
    looks += 1;
  };
  loops.push(
    runReplays({ ...loop, log: quiet, askMs: 50, forsakenMs: 200, onLooked }),
    runProjector(projecting(changed)),
  );
  return async (times) => {
    for (const enough = looks + times; looks < enough; )
      await new Promise((resolve) => setTimeout(resolve, 10));
  };
}

const parts = () => ({ db: test.db, store: ledger.store, register });
const order = (wanted: ReplayWanted = {}): Promise<Replay> =>
  orderReplayOf(parts(), wanted, 'admin');

async function settled(
  { id }: Pick<Replay, 'id'>,
  isSo: (replay: Replay) => boolean = isSettled,
): Promise<Replay> {
  for (let n = 0; n < 600; n++) {
    const replay = await replayOf(test.db, id);
    if (isSo(replay)) return replay;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`replay ${id} did not come to an end: ${JSON.stringify(await list())}`);
}
const list = async () =>
  (await replaysOf(test.db, { limit: 10 })).map(({ id, state, code, detail }) => ({
    ...{ id, state, code, detail },
  }));

const schemas = async (): Promise<string[]> => {
  const { rows } = await sql<{ nspname: string }>`
    select nspname from pg_namespace where nspname ~ '^rm_' order by 1`.execute(test.db);
  return rows.map(({ nspname }) => nspname);
};
const serving = async () => (await readCheckpoint(test.db, register)).schema;
const damage = async () =>
  sql`update ${sql.id(await serving(), 'creator_months')}
    set initial_minor = initial_minor + 100`.execute(test.db);
const promotions = async () => {
  const events = await ledger.events();
  return events.filter(({ type }) => type === 'ReplayPromoted');
};

const refusal = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'not refused',
    (error: unknown) => (error instanceof DomainError ? error.code : String(error)),
  );

describe('a replay that was ordered', () => {
  it('finds nothing where nothing is damaged', async () => {
    begin();
    const { state, summary, attempts } = await settled(await order());
    expect({ state, rows: summary?.rows, attempts }).toEqual({
      state: 'ready',
      rows: 0n,
      attempts: 1,
    });
  });

  it('names what differs, repairs it when what was seen is promoted, and says so in the log', async () => {
    begin();
    await damage();
    const before = await serving();
    const { id, summary } = await settled(await order({ reason: 'edited by hand' }));
    const hash = summary?.hash ?? '';
    const page = await differencePageOf(test.db, id, { limit: 10 });
    expect(page.rows).toMatchObject([
      { table: 'creator_months', kind: 'changed', columns: ['initialMinor'], weight: 100n },
    ]);
    expect(page.rows[0]?.explain).toBe(
      '/api/creators/biz_a/explain?figure=initialMinor&currency=usd&month=2026-03',
    );
    expect(await refusal(promoteReplayOf(parts(), { id, differenceHash: NO_HASH }, 'a'))).toBe(
      'difference_hash_mismatch',
    );
    expect(await serving()).toBe(before);

    const ordered = await promoteReplayOf(parts(), { id, differenceHash: hash }, 'admin');
    const promoted = await settled(ordered, ({ state }) => state === 'promoted');
    expect(await serving()).not.toBe(before);
    const event = (await promotions()).at(-1);
    expect(promoted.promotion).toEqual({
      actor: 'admin',
      reason: 'edited by hand',
      position: event?.position,
    });
    expect(event).toMatchObject({
      stream: `replay-${id}`,
      effectiveAt: NOW / 1000,
      data: {
        differenceHash: hash,
        tables: [['creator_months', '0', '0', '1']],
        reason: 'edited by hand',
      },
      metadata: { command: 'PromoteReplay', actor: 'admin' },
    });
    const again = await promoteReplayOf(parts(), { id, differenceHash: hash }, 'admin');
    expect(again.state).toBe('promoted');
    expect((await settled(await order())).summary?.rows).toBe(0n);
  });

  it('is alone: a second one is told which', async () => {
    const first = await order();
    const refused = await order().catch((error: DomainError) => error);
    expect(refused).toMatchObject({ code: 'replay_running' });
    expect(String(refused)).toContain(`replay ${first.id}, ordered by admin, is ordered`);
  });

  it('takes the place of one that is ready, whose tables go', async () => {
    const before = await schemas();
    begin();
    const first = await settled(await order());
    const second = await settled(await order());
    await settled(first, ({ schema }) => schema === null);
    expect(await replayOf(test.db, first.id)).toMatchObject({
      state: 'discarded',
      code: 'replay_superseded',
    });
    expect(await schemas()).toEqual([...before, second.schema].sort());
    const hash = first.summary?.hash ?? '';
    const late = promoteReplayOf(parts(), { id: first.id, differenceHash: hash, reason: 'x' }, 'a');
    expect(await refusal(late)).toBe('replay_not_ready');
  });

  it('up to a moment of the past is looked at and never promoted', async () => {
    begin();
    const { id, summary } = await settled(await order({ until: '2' }));
    expect(summary?.position).toBe(2n);
    const wanted = { id, differenceHash: summary?.hash ?? '', reason: 'x' };
    expect(await refusal(promoteReplayOf(parts(), wanted, 'a'))).toBe('replay_for_looking');
  });

  it('of some projections rebuilds those', async () => {
    begin();
    await damage();
    const some = await settled(await order({ projections: ['rankings'] }));
    expect(some.summary?.rows).toBe(0n);
    const other = await settled(await order({ projections: ['creator_months'] }));
    expect(other.summary?.rows).toBe(1n);
    const wanted = { id: other.id, differenceHash: other.summary?.hash ?? '', reason: 'x' };
    const promoted = await settled(
      await promoteReplayOf(parts(), wanted, 'admin'),
      ({ state }) => state === 'promoted',
    );
    expect(promoted.errors).toBe(0);
    expect((await promotions()).at(-1)?.data).toMatchObject({ projections: ['creator_months'] });
  });

  it.each([
    [{ projections: ['nonsense'] }, 'projection_unknown'],
    [{ projections: [] }, 'projection_unknown'],
    [{ until: 'yesterday' }, 'until_malformed'],
    [{ until: '999999' }, 'until_out_of_range'],
    [{ reason: 'two\nlines' }, 'reason_required'],
  ])('is refused when it makes no sense: %j', async (wanted, code) => {
    expect(await refusal(order(wanted))).toBe(code);
  });
});

describe('a replay that is discarded', () => {
  it('leaves nothing, and ends also while it is at work', async () => {
    let begun = (): void => {};
    const isBegun = new Promise<void>((resolve) => {
      begun = resolve;
    });
    // It reads for ever, until it is stopped.
    const endless = Object.assign(Object.create(ledger.store) as typeof ledger.store, {
      readAll: async (): Promise<never[]> => {
        begun();
        await new Promise((resolve) => setTimeout(resolve, 100));
        return (await ledger.store.readAll({ after: 0n, limit: 1 })) as never[];
      },
    });
    begin(inProcess({ store: endless }));
    const before = await schemas();
    const replay = await order();
    await isBegun;
    expect((await discardIn(test.db, { id: replay.id, actor: 'admin' })).state).toBe('discarded');
    const gone = async () => (await schemas()).every((schema) => before.includes(schema));
    for (let n = 0; n < 200 && !(await gone()); n++)
      await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await gone()).toBe(true);
    expect((await discardIn(test.db, { id: replay.id, actor: 'admin' })).state).toBe('discarded');
  });

  it('by time says so, and so does who would promote it then', async () => {
    begin();
    const { id, summary, schema } = await settled(await order());
    await asOwner(`update replays set ready_at = ready_at - interval '25 hours'`);
    const wanted = { id, differenceHash: summary?.hash ?? '', reason: 'x' };
    expect(await refusal(promoteReplayOf(parts(), wanted, 'a'))).toBe('replay_expired');
    const expired = await settled({ id }, (now) => now.schema === null);
    expect(expired).toMatchObject({ state: 'discarded', code: 'replay_expired' });
    expect(await schemas()).not.toContain(schema);
    expect(await refusal(promoteReplayOf(parts(), wanted, 'a'))).toBe('replay_expired');
    expect(await refusal(differencePageOf(test.db, id, { limit: 1 }))).toBe('difference_missing');
  });
});

describe('a replay that comes after one that left its row', () => {
  it('keeps its tables, though they have the name that the row still holds', async () => {
    const looked = begin();
    const first = await settled(await order());
    await discardIn(test.db, { id: first.id, actor: 'admin' });
    for (let n = 0; n < 200 && (await schemas()).includes(first.schema ?? ''); n++)
      await new Promise((resolve) => setTimeout(resolve, 25));
    const second = await settled(await order());
    expect(second.schema).toBe(first.schema);
    // As its runner leaves it that was killed between dropping the tables and saying so.
    await asOwner(`update replays set schema = '${first.schema}' where id = ${first.id}`);
    await looked(3);
    expect(await schemas()).toContain(second.schema);
    expect((await replayOf(test.db, second.id)).state).toBe('ready');
  });
});

describe('a replay whose process', () => {
  it('dies is begun again, and what it left is dropped', async () => {
    let deaths = 0;
    const before = await schemas();
    begin(async (replay, signal) => {
      if (deaths++ > 1) return inProcess()(replay, signal);
      // It comes to the end of its work, and is killed before it says so.
      const dying = AbortSignal.any([signal, AbortSignal.timeout(150)]);
      await inProcess()(replay, dying);
      await asOwner(`update replays set state = 'running' where id = ${replay.id}`);
      return { code: 'replay_died', detail: 'its process ended with SIGKILL' };
    });
    const replay = await settled(await order());
    expect(replay).toMatchObject({ state: 'ready', errors: 2, attempts: 3 });
    expect(await schemas()).toEqual([...before, replay.schema].sort());
  });

  it('dies again and again fails, and says so', async () => {
    begin(async () => ({ code: 'replay_died', detail: 'its process ended with SIGKILL' }));
    await asOwner(`alter sequence replays_id_seq restart with 1000`);
    const replay = await order();
    await asOwner(`update replays set attempts = ${MAX_ATTEMPTS - 1}`);
    const failed = await settled(replay);
    expect(failed).toMatchObject({ state: 'failed', code: 'replay_died' });
    expect(failed.detail).toBe('its process ended with SIGKILL');
  });

  it('meets an event that cannot be projected fails at once, and names it', async () => {
    const decode = () => {
      throw new Error('a shape that nobody knows');
    };
    begin(inProcess({ decode }));
    const failed = await settled(await order());
    expect(failed).toMatchObject({ state: 'failed', attempts: 1 });
    expect(failed.detail).toBe(
      new ProjectionFailed(1n, 'decode', new Error('x')).message.replace(
        'x',
        'a shape that nobody knows',
      ),
    );
  });

  it('was replaced can neither say anything nor switch', async () => {
    begin();
    const { id, summary } = await settled(await order());
    stop.abort();
    await Promise.all(loops);
    const old = (await acquireLease({
      url: test.url,
      name: 'replays',
      signal: AbortSignal.timeout(5_000),
    })) as Lease;
    await old.release();
    const wanted = { id, differenceHash: summary?.hash ?? '', reason: 'x' };
    await promoteReplayOf(parts(), wanted, 'admin');
    const before = await serving();
    const next = (await acquireLease({
      url: test.url,
      name: 'replays',
      signal: AbortSignal.timeout(5_000),
    })) as Lease;
    stop = new AbortController();
    const late = await inProcess()({ id, lease: old }, stop.signal);
    expect(late).toMatchObject({ detail: expect.stringContaining('lease') });
    expect(await serving()).toBe(before);
    await next.release();
    begin();
    await settled({ id }, ({ state }) => state === 'promoted');
  });
});

describe('projections that have changed', () => {
  const versioned = (version: number) =>
    register.map((projection) =>
      projection.name === 'rankings' ? { ...projection, version } : projection,
    );
  const changed = versioned(99);

  it('are replayed and switched by themselves, while the old tables serve', async () => {
    const before = await serving();
    const waits: string[] = [];
    begin(async (replay, signal) => {
      waits.push(await serving());
      return inProcess({ register: changed })(replay, signal);
    }, changed);
    let replay: Replay | undefined;
    for (let n = 0; n < 400 && replay?.state !== 'promoted'; n++) {
      [replay] = await replaysOf(test.db, { limit: 1 });
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    expect(waits).toEqual([before]);
    expect(replay).toMatchObject({
      state: 'promoted',
      actor: 'start',
      reason: 'The projections have changed: rankings 1 → 99',
    });
    expect((await readCheckpoint(test.db, changed)).schema).not.toBe(before);
    expect((await promotions()).at(-1)).toMatchObject({
      data: { tables: [], reason: 'The projections have changed: rankings 1 → 99' },
      metadata: { actor: 'start' },
    });
    expect(await replaysOf(test.db, { limit: 5 })).toHaveLength(1);
  });

  it('leave the orders of others alone, until nobody is there to run them', async () => {
    await order();
    await asOwner(
      `update replays set register = 'of another build', touched_at = now() + interval '1 second'`,
    );
    begin(inProcess({ register: changed }), changed);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect((await list())[0]?.state).toBe('ordered');
    for (let n = 0; n < 200 && (await list())[0]?.state !== 'failed'; n++)
      await new Promise((resolve) => setTimeout(resolve, 25));
    expect((await list())[0]).toMatchObject({ state: 'failed', code: 'register_changed' });
    expect(registerText(changed)).not.toBe(registerText(register));
  });

  it('are not switched back by a worker of the version before', async () => {
    const newer = versioned(100);
    const older = begin(inProcess({ register: changed }), changed);
    await older(1);
    begin(inProcess({ register: newer }), newer);
    for (let n = 0; n < 400 && (await list())[0]?.state !== 'promoted'; n++)
      await new Promise((resolve) => setTimeout(resolve, 25));
    await older(5);
    expect(await list()).toMatchObject([{ state: 'promoted' }]);
    expect(await readCheckpoint(test.db, newer)).toBeDefined();
  });

  it('that cannot be projected are not tried again at once', async () => {
    const decode = () => {
      throw new Error('a shape that nobody knows');
    };
    const newest = versioned(101);
    const looked = begin(inProcess({ register: newest, decode }), newest);
    for (let n = 0; n < 400 && (await list())[0]?.state !== 'failed'; n++)
      await new Promise((resolve) => setTimeout(resolve, 25));
    await looked(5);
    expect(await list()).toMatchObject([{ state: 'failed' }]);
  });
});
