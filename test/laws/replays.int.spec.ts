/**
 * The proof of the difference: whatever is changed behind the program's back is in it, named by table,
 * key and column, with both values, and what was not changed is not; after the switch the tables are
 * those that the log makes.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { camel, runChecks } from '#libs/checks';
import { drawCode } from '#libs/ledger';
import {
  buildDifference,
  buildReplay,
  type DifferenceRow,
  type DifferenceSummary,
  differenceRows,
  dumpTables,
  promote,
  type Shape,
  shapeOf,
} from '#libs/projector';
import { type TestDatabase, type TestLedger, testDatabase, testLedger } from '#libs/testing';
import { register } from '#projections';
import { historyOf } from '../reference/histories.js';
import { randomOf } from '../reference/random.js';
import { closingOf } from './closed-months.js';
import { disjointEdits } from './disjoint-edits.js';
import {
  applyEdit,
  changeOfEach,
  type Edit,
  keyColumns,
  keyOf,
  type Row,
  rowsOf,
} from './edits.js';
import { deliverHistory, projectAll, projecting, settingsOfHistory } from './history-ledger.js';
import { giveOrders } from './orders-of-people.js';

const EDITS = Number(process.env.FLYWHEEL_REPLAY_EDITS ?? 1_000);
const EDITS_A_RUN = 100;
const SEED = Number(process.env.FLYWHEEL_LAW_FIRST_SEED ?? 2);
const ALL = 100_000;
const shapes = register.map(shapeOf);

describe('a ledger whose tables were edited', () => {
  let test: TestDatabase;
  let ledger: TestLedger;
  let live: string;
  let replayed: string;
  beforeAll(async () => {
    test = await testDatabase({ poolSize: 6 });
    ledger = await testLedger(test);
    const history = historyOf(SEED, {
      codeOf: (creatorId, userId) => drawCode(creatorId, userId, 0),
      creators: 5,
      members: 30,
    });
    await settingsOfHistory(ledger, history);
    await deliverHistory(ledger, history, SEED);
    const months = closingOf(test, ledger);
    await months.close();
    await giveOrders(test.db, ledger);
    await months.restate();
    live = (await projectAll(test, ledger)).schema;
    replayed = (await buildReplay(projecting(test, ledger))).schema;
  }, 240_000);
  afterAll(() => test.drop());

  it(`shows each of ${EDITS} edits, with both sides, and nothing else; and repairs them`, async () => {
    const options = projecting(test, ledger);
    const truth = new Map<Shape, Row[]>();
    for (const shape of shapes) truth.set(shape, await rowsOf(test.db, live, shape));
    expect((await buildDifference(options, replayed)).rows).toBe(0n);
    const expected = await dumpTables(test.db, live, register);
    const random = randomOf(SEED);
    const systematic = changeOfEach(shapes);
    const kinds = new Set<string>();
    let hash = '';
    for (let done = 0; done < EDITS; ) {
      if (done > 0) for (const { name } of shapes) await restoreTable(name);
      const count = Math.min(EDITS_A_RUN, EDITS - done);
      const edits = disjointEdits(truth, random, done, count, systematic);
      done += edits.length;
      for (const edit of edits) await applyEdit(test.db, live, edit);
      const summary = await buildDifference(options, replayed);
      const rows = await differenceRows(test.db, replayed, { limit: ALL });
      const wanted = edits.flatMap(wantedOf);
      expect(rows.map(told).sort()).toEqual(wanted.map(told).sort());
      expect(totalsOf(summary)).toEqual(totalsOfRows(rows));
      expect(BigInt(rows.length)).toBe(summary.rows);
      expect(summary.hash).not.toBe(hash);
      hash = summary.hash;
      for (const { table, kind } of rows) kinds.add(`${table} ${kind}`);
    }
    expect(systematic).toEqual([]);
    expect([...kinds].sort()).toEqual(
      shapes
        .flatMap(({ name }) => ['changed', 'extra', 'missing'].map((kind) => `${name} ${kind}`))
        .sort(),
    );
    // The last edits are in the tables that serve.
    expect(await dumpTables(test.db, live, register)).not.toEqual(expected);
    await promote({ ...options, differenceHash: hash }, replayed);
    expect(await dumpTables(test.db, replayed, register)).toEqual(expected);
    const { results } = await runChecks({ db: test.db, url: test.url });
    const failed = results.filter(({ severity, holds }) => severity === 'error' && !holds);
    expect(failed).toEqual([]);
  }, 300_000);

  /** As if nobody had edited it. */
  async function restoreTable(name: string): Promise<void> {
    const table = sql.id(live, name);
    await sql`truncate ${table}`.execute(test.db);
    await sql`insert into ${table} select * from ${sql.id(replayed, name)}`.execute(test.db);
  }
});

type Told = Pick<DifferenceRow, 'table' | 'kind' | 'key' | 'live' | 'replayed' | 'columns'>;

/** A sum of nothing is no row. */
const isThere = ({ kind, values }: Shape, row: Row | undefined): row is Row =>
  row !== undefined && (kind !== 'sums' || values.some(({ name }) => row[name] !== 0));

/** What the difference should say of an edit: one row, or two where a key was changed. */
function wantedOf({ shape, before, after }: Edit): Told[] {
  const key = (row: Row): string => JSON.stringify(keyOf(shape, row));
  const sameKey = before !== undefined && after !== undefined && key(before) === key(after);
  const pairs: readonly (readonly [Row | undefined, Row | undefined])[] = sameKey
    ? [[before, after]]
    : [
        [before, undefined],
        [undefined, after],
      ];
  return pairs.flatMap(([right, wrong]) => {
    const [replayed, live] = [right, wrong].map((row) => (isThere(shape, row) ? row : undefined));
    if (replayed === undefined && live === undefined) return [];
    const some = (replayed ?? live) as Row;
    const values = Object.keys(some).filter((name) => !keyColumns(shape).includes(name));
    const differing = values.filter(
      (name) => replayed === undefined || live === undefined || replayed[name] !== live[name],
    );
    return [
      {
        table: shape.name,
        kind: live === undefined ? 'missing' : replayed === undefined ? 'extra' : 'changed',
        key: texts(keyOf(shape, some)) as Record<string, string>,
        live: live === undefined ? null : texts(live, values),
        replayed: replayed === undefined ? null : texts(replayed, values),
        columns: differing.map(camel),
      },
    ];
  });
}

const texts = (row: Row, names = Object.keys(row)): Record<string, string | null> =>
  Object.fromEntries(
    names.map((name) => [camel(name), row[name] == null ? null : String(row[name])]),
  );

const sorted = (values: Readonly<Record<string, string | null>> | null) =>
  values && Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1));

const told = ({ table, kind, key, live, replayed, columns }: Told): string =>
  JSON.stringify([table, kind, sorted(key), sorted(live), sorted(replayed), [...columns].sort()]);

type Totals = Record<string, { rows: bigint; delta?: bigint }>;

function totalsOf({ tables }: DifferenceSummary): Totals {
  const of = tables.flatMap(({ table, columns }) =>
    columns.map(({ column, rows, delta }) => [
      `${table}.${column}`,
      { rows, ...(delta !== undefined && { delta }) },
    ]),
  );
  return Object.fromEntries(of) as Totals;
}

/** The same, added up from the rows. */
function totalsOfRows(rows: readonly DifferenceRow[]): Totals {
  const totals: Totals = {};
  for (const { table, columns, live, replayed } of rows) {
    const shape = shapes.find(({ name }) => name === table) as Shape;
    for (const column of columns) {
      const type = shape.values.find(({ property }) => property === column)?.type;
      const before = totals[`${table}.${column}`];
      const summed = type === 'count' || type === 'money';
      const delta = summed ? BigInt(replayed?.[column] ?? 0) - BigInt(live?.[column] ?? 0) : 0n;
      totals[`${table}.${column}`] = {
        rows: (before?.rows ?? 0n) + 1n,
        ...(summed && { delta: (before?.delta ?? 0n) + delta }),
      };
    }
  }
  return totals;
}
