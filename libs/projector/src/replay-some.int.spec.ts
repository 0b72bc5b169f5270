import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import type { Database } from '#libs/database';
import type { PostgresEventStore } from '#libs/event-store';
import { buildDifference } from './build-difference.js';
import { RegisterNotServed } from './checkpoint.js';
import { differenceRows } from './difference.js';
import { dumpTables } from './dump.js';
import { LivingShop } from './living-shop.fixture.js';
import { promote } from './promote.js';
import { buildReplay, type ReplayProgress } from './replay.js';
import { discardReplay, dropOldSchemas, schemaState } from './schemas.js';
import { appendHistory, register } from './shop.fixture.js';

const EVENTS = 200;

describe('a replay of a part', () => {
  let shop: LivingShop;
  let db: Database;
  let store: PostgresEventStore;
  beforeEach(async () => {
    shop = await LivingShop.open(EVENTS);
    ({ db, store } = shop);
  });
  afterEach(() => shop.close());
  const options = (changes = {}) => shop.options(changes);
  const projected = (position: number) => shop.projected(position);
  const edit = (text: string) => shop.edit(text);
  const structure = async (schema: string) => {
    const { rows } = await sql<{ d: string }>`
      select concat(c.relpersistence, c.relkind, ' ', c.relname, pg_get_indexdef(c.oid)) as d
      from pg_class c where c.relnamespace = ${schema}::regnamespace
        and c.relkind in ('r', 'i') and c.relname <> 'replay_checkpoint' order by 1`.execute(db);
    return rows.map(({ d }) => d.replaceAll(schema, 'rm'));
  };

  it('rebuilds some projections and copies the others as they are, all at one position', async () => {
    const expected = await dumpTables(db, 'rm_1', register);
    await edit(`update rm_1.guests set visits = visits + 1`);
    await edit(`insert into rm_1.shops values ('shop 9', 1, 7)`);
    const seen: ReplayProgress[] = [];
    const appending = (async () => {
      for (let n = EVENTS; n < EVENTS + 40; n += 2) await appendHistory(store, n, n + 2);
    })();
    const { schema } = await buildReplay(
      options({
        projections: ['guests'],
        until: 'live',
        batchSize: 30,
        onProgress: (progress: ReplayProgress) => seen.push(progress),
      }),
    );
    await appending;
    await projected(EVENTS + 40);
    expect(seen.filter(({ phase }) => phase === 'tables').map(({ table }) => table)).toEqual([
      'visits',
      'guests',
    ]);
    expect(seen.filter(({ phase }) => phase === 'copies').map(({ table }) => table)).toEqual([
      'entries',
      'shops',
      'greetings',
    ]);
    expect(await structure(schema)).toEqual(await structure('rm_1'));
    const { tables } = await buildDifference(options(), schema);
    const different = tables.filter((t) => t.missing + t.extra + t.changed > 0n);
    expect(different.map(({ table }) => table)).toEqual(['guests']);
    expect(different[0]?.changed).toBe(BigInt(expected.guests?.length ?? 0));
    await promote(options(), schema);
    const promoted = await dumpTables(db, schema, register);
    expect(promoted.shops).toContain('["shop 9", 1, 7]');
    const whole = await buildReplay(options());
    const truth = await dumpTables(db, whole.schema, register);
    expect({ ...promoted, shops: undefined }).toEqual({ ...truth, shops: undefined });
    await buildDifference(options(), whole.schema);
    expect(await differenceRows(db, whole.schema, { limit: 5 })).toMatchObject([
      { table: 'shops', kind: 'extra', key: { shop: 'shop 9' } },
    ]);
  });

  it('copies what stood at one position, whatever comes meanwhile', async () => {
    const greetings = register.filter(({ name }) => name === 'greetings');
    const others = register.filter(({ name }) => name !== 'greetings');
    const phases: string[] = [];
    let building: ReturnType<typeof buildReplay> | undefined;
    await db.transaction().execute(async (tx) => {
      // Copied first, and it has to wait.
      await sql`lock table rm_1.greetings in access exclusive mode`.execute(tx);
      building = buildReplay(
        options({
          register: [...greetings, ...others],
          projections: ['guests'],
          onProgress: ({ phase }: ReplayProgress) => phases.push(phase),
        }),
      );
      building.catch(() => undefined);
      while (!phases.includes('copies')) await new Promise((again) => setTimeout(again, 10));
      // Visits only: nobody is greeted.
      await appendHistory(store, EVENTS, EVENTS + 3);
      expect(await projected(EVENTS + 3)).toBe(true);
    });
    const built = await building;
    expect(built?.position).toBe(200n);
    const { rows, position } = await buildDifference(options(), built?.schema ?? '');
    expect([rows, position]).toEqual([0n, 203n]);
  });

  it('is refused where there is nothing to copy from', async () => {
    const unknown = buildReplay(options({ projections: ['visitors'] }));
    await expect(unknown).rejects.toMatchObject({ code: 'projection_unknown' });
    const changed = register.map((p) => (p.name === 'shops' ? { ...p, version: 2 } : p));
    const other = buildReplay(options({ register: changed, projections: ['guests'] }));
    await expect(other).rejects.toThrow(RegisterNotServed);
    expect(await schemaState(db, 'rm_2')).toBeUndefined();
    const whole = await buildReplay(options({ register: changed }));
    await expect(promote(options(), whole.schema)).rejects.toMatchObject({
      code: 'replay_not_promotable',
      reason: 'register',
    });
  });

  it('shows the tables as they were, to be looked at and never served', async () => {
    const { schema, position } = await buildReplay(options({ until: 120n, batchSize: 50 }));
    expect([position, await schemaState(db, schema)]).toEqual([120n, 'past']);
    const { rows } = await sql<{ last: string }>`
      select max(position) as last from ${sql.table(`${schema}.entries`)}`.execute(db);
    expect(Number(rows[0]?.last)).toBeGreaterThan(110);
    await expect(promote(options(), schema)).rejects.toMatchObject({ reason: 'past' });
    expect(await buildDifference(options(), schema)).toMatchObject({
      position: 120n,
      livePosition: 200n,
    });
    const since = await differenceRows(db, schema, { limit: 500, table: 'entries' });
    expect(since.every(({ kind, key }) => kind === 'extra' && Number(key.position) > 120)).toBe(
      true,
    );
    const [at150] = await store.readAll({ after: 149n, limit: 1 });
    const instant = { recordedAt: at150?.recordedAt ?? 0 };
    const then = await buildReplay(options({ until: instant, projections: ['guests'] }));
    const upTo = (await store.readAll({ after: 0n, limit: 1_000 })).filter(
      ({ recordedAt }) => recordedAt <= instant.recordedAt,
    );
    expect(then.position).toBe(upTo.at(-1)?.position);
    const { tables } = await buildDifference(options(), then.schema);
    expect(tables.map(({ table }) => table)).toEqual(['visits', 'guests']);
  });

  it('is discarded, or swept away when its time is over, and never when it serves', async () => {
    const first = await buildReplay(options());
    await buildDifference(options(), first.schema);
    expect(await discardReplay(db, first.schema)).toBe(true);
    expect(await discardReplay(db, first.schema)).toBe(true);
    await expect(promote(options(), first.schema)).rejects.toMatchObject({ reason: 'missing' });
    await expect(buildDifference(options(), first.schema)).rejects.toMatchObject({
      code: 'replay_not_built',
    });
    const second = await buildReplay(options());
    const past = await buildReplay(options({ until: 3n }));
    const held = db.transaction().execute(async (tx) => {
      await sql`select from ${sql.table(`${past.schema}.shops`)}`.execute(tx);
      const discarding = discardReplay(db, past.schema);
      // Nobody waits behind who would drop: he goes on to another table, and has not failed.
      for (let n = 0; n < 20; n++)
        await sql`select from ${sql.table(`${past.schema}.entries`)}`.execute(tx);
      expect(await discarding).toBe(false);
    });
    await held;
    await promote(options(), second.schema);
    for (const schema of ['rm_1', second.schema])
      await expect(discardReplay(db, schema)).rejects.toMatchObject({ code: 'replay_promoted' });
    expect(await dropOldSchemas(db)).toEqual([]);
    expect(await dropOldSchemas(db, { graceSeconds: 0, builtSeconds: 0 })).toEqual([
      'rm_1',
      past.schema,
    ]);
    expect(await schemaState(db, second.schema)).toBe('serving');
  });
});
