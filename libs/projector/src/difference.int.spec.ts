import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import type { Database } from '#libs/database';
import type { PostgresEventStore } from '#libs/event-store';
import { buildDifference } from './build-difference.js';
import { readCheckpoint } from './checkpoint.js';
import { DifferenceMissing, differenceRows, readDifference } from './difference.js';
import { dumpTables } from './dump.js';
import { LivingShop } from './living-shop.fixture.js';
import { promote } from './promote.js';
import { buildReplay } from './replay.js';
import { appendHistory, register } from './shop.fixture.js';

const EVENTS = 200;

describe('the difference of a replay', () => {
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

  it('is none where nothing was damaged, whatever has come meanwhile', async () => {
    const { schema } = await buildReplay(options());
    await expect(differenceRows(db, schema, { limit: 5 })).rejects.toThrow(DifferenceMissing);
    const first = await buildDifference(options(), schema);
    await appendHistory(store, EVENTS, EVENTS + 50);
    await projected(EVENTS + 50);
    const second = await buildDifference(options({ batchSize: 16 }), schema);
    expect([first.rows, second.rows]).toEqual([0n, 0n]);
    expect([first.position, second.position]).toEqual([200n, 250n]);
    expect([first.livePosition, second.livePosition]).toEqual([200n, 250n]);
    expect(second.hash).toBe(first.hash);
    expect(second.tables.map(({ table }) => table)).toEqual(register.map(({ name }) => name));
    expect(
      second.tables.every(({ compared, columns }) => compared > 0n && columns.length === 0),
    ).toBe(true);
    expect(await readDifference(db, schema)).toEqual(second);
    expect(await differenceRows(db, schema, { limit: 5 })).toEqual([]);
  });

  it('names what was changed, what is missing and what is too many, the largest first', async () => {
    const { schema } = await buildReplay(options());
    const empty = await buildDifference(options(), schema);
    await edit(`update rm_1.shops set spent_minor = spent_minor + 5, visits = visits - 2
      where shop = 'shop 0'`);
    await edit(`delete from rm_1.shops where shop = 'shop 1'`);
    await edit(`insert into rm_1.greetings values ('shop 9', 'nobody', null, true, 4)`);
    await edit(
      `update rm_1.guests set reached_at = null where guest = 'guest 3' and shop = 'shop 1'`,
    );
    await edit(`update rm_1.entries set guest = 'other', count = 3 where position = 2 and n = 0`);
    const summary = await buildDifference(options(), schema);
    const rows = await differenceRows(db, schema, { limit: 10 });
    const { rows: lost } = await sql<{ visits: string; spentMinor: string }>`
      select visits, spent_minor as "spentMinor" from ${sql.table(`${schema}.shops`)}
      where shop = 'shop 1'`.execute(db);
    const [{ visits, spentMinor } = { visits: '', spentMinor: '' }] = lost;
    expect(rows.map(({ table, kind, key, columns }) => ({ table, kind, key, columns }))).toEqual([
      {
        table: 'shops',
        kind: 'missing',
        key: { shop: 'shop 1' },
        columns: ['visits', 'spentMinor'],
      },
      {
        table: 'shops',
        kind: 'changed',
        key: { shop: 'shop 0' },
        columns: ['visits', 'spentMinor'],
      },
      {
        table: 'entries',
        kind: 'changed',
        key: { position: '2', n: '0' },
        columns: ['guest', 'count'],
      },
      {
        table: 'greetings',
        kind: 'extra',
        key: { shop: 'shop 9', guest: 'nobody' },
        columns: ['greeting', 'regular', 'at'],
      },
      {
        table: 'guests',
        kind: 'changed',
        key: { shop: 'shop 1', guest: 'guest 3' },
        columns: ['reachedAt'],
      },
    ]);
    expect(rows.map(({ weight }) => weight)).toEqual([
      BigInt(visits) + BigInt(spentMinor),
      7n,
      3n,
      3n,
      1n,
    ]);
    expect(rows[0]).toMatchObject({ n: 1, live: null, replayed: { visits, spentMinor } });
    expect(rows[3]).toMatchObject({
      live: { greeting: null, regular: 'true', at: '4' },
      replayed: null,
    });
    expect(rows[4]?.live).toMatchObject({ reachedAt: null });
    const shops = summary.tables.find(({ table }) => table === 'shops');
    expect(shops).toEqual({
      table: 'shops',
      compared: 3n,
      missing: 1n,
      extra: 0n,
      changed: 1n,
      columns: [
        { column: 'visits', rows: 2n, delta: BigInt(visits) + 2n },
        { column: 'spentMinor', rows: 2n, delta: BigInt(spentMinor) - 5n },
      ],
    });
    expect([summary.rows, summary.stored]).toEqual([5n, 5n]);
    expect(summary.hash).not.toBe(empty.hash);
    // The same damage, seen from another replay and another position, is the same difference.
    await appendHistory(store, EVENTS, EVENTS + 1);
    await projected(EVENTS + 1);
    const again = await buildReplay(options());
    expect(again.schema).not.toBe(schema);
    expect((await buildDifference(options(), again.schema)).hash).toBe(summary.hash);
    await edit(`update rm_1.greetings set at = 5 where guest = 'nobody'`);
    expect((await buildDifference(options(), again.schema)).hash).not.toBe(summary.hash);
  });

  it('sees no row where sums are all zero', async () => {
    const { schema } = await buildReplay(options());
    await edit(`insert into rm_1.visits values ('shop 7', 'ghost', 1, 0)`);
    await edit(`insert into rm_1.guests values ('shop 7', 'ghost', 0, 0, 77)`);
    const none = await buildDifference(options(), schema);
    expect(none.rows).toBe(0n);
    await edit(`update rm_1.shops set visits = 0, spent_minor = 0 where shop = 'shop 2'`);
    await buildDifference(options(), schema);
    expect(await differenceRows(db, schema, { limit: 2 })).toMatchObject([
      { table: 'shops', kind: 'missing', key: { shop: 'shop 2' }, live: null },
    ]);
  });

  it('of an emptied table is counted and hashed whole, and kept up to a limit', async () => {
    const { schema } = await buildReplay(options());
    await edit('truncate rm_1.entries');
    await edit(`update rm_1.shops set visits = visits + 9000000000000000000`);
    const keptRows = 20;
    const summary = await buildDifference(options({ keptRows }), schema);
    const { rows: made } = await sql<{ n: string; spent: string }>`
      select count(*) as n, sum(spent_minor) as spent from ${sql.table(`${schema}.entries`)}`.execute(
      db,
    );
    const entries = summary.tables.find(({ table }) => table === 'entries');
    expect(entries).toMatchObject({ missing: BigInt(made[0]?.n ?? 0), extra: 0n, changed: 0n });
    expect(entries?.missing).toBeGreaterThan(20n);
    expect(entries?.columns.at(-1)).toEqual({
      column: 'spentMinor',
      rows: entries?.missing,
      delta: BigInt(made[0]?.spent ?? 0),
    });
    expect([summary.rows, summary.stored]).toEqual([(entries?.missing ?? 0n) + 3n, 23n]);
    const all = await differenceRows(db, schema, { limit: 500 });
    expect(all.map(({ n }) => n)).toEqual(Array.from({ length: 23 }, (_, i) => i + 1));
    expect(all.map(({ weight }) => weight)).toEqual(
      all.map(({ weight }) => weight).sort((a, b) => (a < b ? 1 : a > b ? -1 : 0)),
    );
    const page = await differenceRows(db, schema, { limit: 4, after: 5, table: 'entries' });
    expect(page).toEqual(all.filter(({ n, table }) => n > 5 && table === 'entries').slice(0, 4));
    // A row that is not kept is in the hash all the same.
    await edit(`insert into rm_1.entries select * from ${schema}.entries
      order by abs(spent_minor) + abs(count), position desc limit 1`);
    const other = await buildDifference(options({ keptRows }), schema);
    expect(await differenceRows(db, schema, { limit: 500 })).toEqual(all);
    expect(other.hash).not.toBe(summary.hash);
  });

  it('is what is promoted, or nothing is', async () => {
    const { schema } = await buildReplay(options());
    await edit(`delete from rm_1.shops`);
    const unseen = promote(options({ differenceHash: 'ab' }), schema);
    await expect(unseen).rejects.toMatchObject({ code: 'difference_changed', stored: undefined });
    const { hash } = await buildDifference(options(), schema);
    await edit(`delete from rm_1.greetings`);
    const { hash: newer } = await buildDifference(options(), schema);
    const other = promote(options({ differenceHash: hash }), schema);
    await expect(other).rejects.toMatchObject({ code: 'difference_changed', stored: newer });
    const within = async () => {
      throw new Error('not now');
    };
    const refused = promote(options({ differenceHash: newer, within }), schema);
    await expect(refused).rejects.toThrow('not now');
    expect(await readCheckpoint(db, register)).toMatchObject({ schema: 'rm_1', position: 200n });
    const seen: unknown[] = [];
    const moved = await promote(
      options({
        differenceHash: newer,
        within: async (tx: Database, to: unknown) => {
          seen.push(to, await readCheckpoint(tx, register));
        },
      }),
      schema,
    );
    expect(seen).toEqual([moved, moved]);
    // It is kept for whoever asks later what the switch has changed.
    expect((await readDifference(db, schema))?.hash).toBe(newer);
    expect((await dumpTables(db, schema, register)).shops).toHaveLength(3);
  });

  it('waits for live tables that are behind, and says so when they do not come', async () => {
    await shop.pause();
    await appendHistory(store, EVENTS, EVENTS + 30);
    const ahead = await buildReplay(options());
    expect(ahead.position).toBe(230n);
    const early = buildDifference(options({ waitMs: 100 }), ahead.schema);
    await expect(early).rejects.toMatchObject({ code: 'read_models_behind', live: 200n });
    const level = await buildReplay(options({ until: 'live' }));
    expect(level.position).toBe(200n);
    expect((await buildDifference(options(), level.schema)).rows).toBe(0n);
    const waiting = buildDifference(options(), ahead.schema);
    shop.project();
    expect(await waiting).toMatchObject({ position: 230n, rows: 0n });
  });
});
