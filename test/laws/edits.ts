/**
 * Random edits of read models behind the program's back: a number, a text or a flag changed, a null
 * set, a row deleted, a row invented. Each says which rows of which table it touched.
 */
import { sql } from 'kysely';
import type { Database } from '#libs/database';
import { columnNames, type Shape } from '#libs/projector';
import type { Random } from '../reference/random.js';

export type Row = Readonly<Record<string, string | number | boolean | null>>;

export interface Edit {
  readonly shape: Shape;
  readonly what: string;
  /** The one column that it changes, if it is a change. */
  readonly changed?: string;
  /** Row as it was; undefined: it is invented. */
  readonly before?: Row;
  /** Row as it is now; undefined: it is gone. */
  readonly after?: Row;
}

export const keyColumns = (shape: Shape): readonly string[] =>
  shape.kind === 'lines' ? ['position', 'n'] : shape.key.map(({ name }) => name);

export const keyOf = (shape: Shape, row: Row): Row =>
  Object.fromEntries(keyColumns(shape).map((name) => [name, row[name] ?? null]));

/** Every row that means something: sums that are all zero are none. */
export async function rowsOf(db: Database, schema: string, shape: Shape): Promise<Row[]> {
  const { rows } = await sql<{ row: Row }>`
    select to_jsonb(t) as row from ${sql.id(schema, shape.name)} t order by to_jsonb(t)`.execute(
    db,
  );
  const sums = shape.values.map(({ name }) => name);
  return rows
    .map(({ row }) => row)
    .filter((row) => shape.kind !== 'sums' || sums.some((name) => row[name] !== 0));
}

const OPERATIONS = ['change', 'change', 'change', 'change', 'delete', 'insert'] as const;

/** A change of each column of each table, so that none depends on chance. */
export const changeOfEach = (shapes: readonly Shape[]): { shape: Shape; column: string }[] =>
  shapes.flatMap((shape) => columnNames(shape).map((column) => ({ shape, column })));

export function changeOf(
  { shape, column }: { readonly shape: Shape; readonly column: string },
  rows: readonly Row[],
  random: Random,
  n: number,
): Edit {
  const row = random.pick(rows);
  const value = row[column] ?? null;
  const isNullable = column === shape.recomputed?.name;
  const changed =
    isNullable && value !== null && random.chance(30) ? null : another(value, random, n);
  return {
    shape,
    what: `${shape.name}.${column}: ${String(value)} → ${String(changed)}`,
    changed: column,
    before: row,
    after: { ...row, [column]: changed },
  };
}

/** An edit of one of these rows, which changes what the table says. An inserted row is the copy of another under a key of its own. */
export function randomEdit(shape: Shape, rows: readonly Row[], random: Random, n: number): Edit {
  const row = random.pick(rows);
  const operation = random.pick(OPERATIONS);
  if (operation === 'delete') return { shape, what: `${shape.name}: delete`, before: row };
  if (operation === 'insert') {
    const column = random.pick(keyColumns(shape));
    const invented = { ...row, [column]: another(row[column] ?? null, random, n) };
    return { shape, what: `${shape.name}: insert`, after: invented };
  }
  return changeOf({ shape, column: random.pick(columnNames(shape)) }, rows, random, n);
}

/** Another value of the same type; `n` keeps two edits of one row apart. */
function another(value: Row[string], random: Random, n: number): Row[string] {
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'string')
    return random.pick([`${value}~${n}`, `${n}~${value}`, ...(value === '' ? [] : [''])]);
  const step = random.pick([1, -1, 7, 100, -100, 86_400]);
  return (value ?? 0) + step * (1 + n * 10);
}

export async function applyEdit(db: Database, schema: string, edit: Edit): Promise<void> {
  const { shape, before, after } = edit;
  const table = sql.id(schema, shape.name);
  if (before !== undefined)
    await sql`delete from ${table} t where to_jsonb(t) = ${JSON.stringify(before)}::jsonb`.execute(
      db,
    );
  if (after === undefined) return;
  // A row of zeros may be there: it means nothing, and is no obstacle.
  const key = JSON.stringify(keyOf(shape, after));
  await sql`delete from ${table} t where to_jsonb(t) @> ${key}::jsonb`.execute(db);
  await sql`insert into ${table}
    select * from jsonb_populate_record(null::${table}, ${JSON.stringify(after)}::jsonb)`.execute(
    db,
  );
}

/** What no outcome may look like; a deleted row is missed by the events that name it. */
export const DELIVERY_EDITS: Readonly<Record<string, readonly string[]>> = {
  applied: [
    `update deliveries set outcome = 'unchanged'`,
    `update deliveries set outcome = 'pending'`,
    'update deliveries set position = position + 1',
    'update deliveries set position = null',
    `update deliveries set creator_id = creator_id || 'x'`,
    'update deliveries set creator_id = left(creator_id, -1)',
    'update deliveries set creator_id = null',
    'update deliveries set decided_at = null',
    `update deliveries set code = 'parent_unknown'`,
    'delete from deliveries',
  ],
  unchanged: [
    `update deliveries set outcome = 'applied'`,
    `update deliveries set outcome = 'parked', code = 'x'`,
    'update deliveries set position = 7',
    'update deliveries set decided_at = null',
  ],
  parked: [
    // To be pending is what becomes of it when it is decided again.
    `update deliveries set outcome = 'unchanged', code = null`,
    `update deliveries set outcome = 'quarantined'`,
    'update deliveries set code = null',
  ],
  ignored: [`update deliveries set outcome = 'unchanged'`, 'update deliveries set code = null'],
  quarantined: [
    `update deliveries set outcome = 'parked'`,
    `update deliveries set outcome = 'excluded'`,
    'update deliveries set code = null',
  ],
  excluded: [
    `update deliveries set outcome = 'unchanged'`,
    `update deliveries set outcome = 'applied'`,
    'update deliveries set decided_at = null',
  ],
  /** Of deliveries that orders leave for the intake. */
  order: [
    `update deliveries set outcome = 'unchanged'`,
    'update deliveries set position = position + 1',
    'update deliveries set position = null',
    `update deliveries set creator_id = creator_id || 'x'`,
    'update deliveries set decided_at = null',
  ],
};

/** Of the log itself, by somebody who may switch its triggers off. */
export const LOG_EDITS = [
  {
    what: 'an event that is gone',
    edits: [
      `delete from events where position = (select min(position) from events
        where revision = 1 and stream in (select stream from events where revision = 2))`,
    ],
    names: ['positions-without-gap', 'revisions-without-gap'],
  },
  {
    what: 'two events of a stream that have changed places',
    edits: ['0 → 9999', '1 → 0', '9999 → 1'].map((change) => {
      const [from, to] = change.split(' → ');
      return `update events set revision = ${to} where revision = ${from}
        and stream = (select stream from events where revision = 2 order by position limit 1)`;
    }),
    names: ['revisions-without-gap'],
  },
  {
    what: 'a share that is larger by one unit',
    edits: [
      `update events set data = jsonb_set(data, '{lines,0,3}',
        to_jsonb(((data #>> '{lines,0,3}')::bigint + 1)::text))
      where type = 'PaymentReceived' and data #>> '{lines,0,0}' = 'sale'`,
    ],
    names: ['shares-sum-to-sale', 'earnings-equal-commission', 'table-lines', 'table-member-days'],
  },
  {
    what: 'a payment whose conversion is gone',
    edits: [
      `update events set data = jsonb_set(data, '{lines}', (data -> 'lines') - 1)
      where type = 'PaymentReceived' and data #>> '{lines,1,0}' = 'conversion'`,
    ],
    names: ['monthly-referrals', 'referred-with-referrer', 'table-rankings', 'table-referrals'],
  },
  {
    what: 'a code that was reserved for another',
    edits: [
      `update events set data = jsonb_set(data, '{member}', '"user_other"')
      where type = 'ReferralCodeReserved'`,
    ],
    names: ['referral-codes-unique'],
  },
  {
    what: 'an event that a delivery caused and another claims',
    edits: [
      `update events set metadata = '{"delivery":"999999"}'
      where position = (select min(position) from events where type = 'PaymentReceived')`,
    ],
    names: ['deliveries-accounted-for'],
  },
  {
    what: 'a refund of which another share was taken back',
    edits: [
      `update events set data = jsonb_set(data, '{lines,0,5}',
        to_jsonb(((data #>> '{lines,0,5}')::bigint + 1)::text))
      where type = 'RefundTold' and data #>> '{lines,0,2}' is not null`,
    ],
    names: ['shares-sum-to-sale', 'earnings-equal-commission', 'table-lines', 'table-member-days'],
  },
  {
    what: 'a refund that takes more than there was',
    edits: [
      `update events set data = jsonb_set(jsonb_set(data, '{lines,0,4}', '"99999999"'), '{lines,0,6}',
        '"99999999"') where type in ('RefundTold', 'DisputeTold') and jsonb_array_length(data -> 'lines') > 0`,
    ],
    names: ['no-negative', 'shares-sum-to-sale', 'table-creator-months'],
  },
  {
    what: 'reversed referrals that are gone',
    edits: [
      `update events set data = jsonb_set(data, '{lines}', (
        select coalesce(jsonb_agg(l order by n), '[]')
        from jsonb_array_elements(data -> 'lines') with ordinality as x(l, n)
        where l ->> 0 <> 'reversedConversion'))
      where data @? '$.lines[*][0] ? (@ == "reversedConversion")'`,
    ],
    names: ['table-rankings', 'table-member-months', 'table-creator-months', 'table-lines'],
  },
  {
    what: 'a correction that names another',
    edits: [
      `update events set data = jsonb_set(data, '{referrer}', '"user_other"') where type = 'ReferrerCorrected'`,
    ],
    names: ['referred-with-referrer'],
  },
  {
    what: 'a page of a snapshot in which a member earned more',
    edits: [
      `update events set data = jsonb_set(data, '{lines,0,4}', '"99"') where position = (
        select max(position) from events where data #>> '{lines,0,0}' = 'referrer')`,
    ],
    names: ['snapshots-as-sealed', 'table-snapshot-referrers'],
  },
  {
    what: 'a line of a snapshot that is gone',
    edits: [
      `update events set data = jsonb_set(data, '{lines}', (data -> 'lines') - 0) where position = (
        select min(position) from events where type = 'SnapshotPage' and jsonb_array_length(data -> 'lines') > 1)`,
    ],
    names: ['snapshots-as-sealed'],
  },
  {
    what: 'a seal with another digest',
    edits: [
      `update events set data = jsonb_set(data, '{digest}', '"00"') where type = 'MonthRestated'`,
    ],
    names: ['snapshots-as-sealed', 'table-snapshots'],
  },
  {
    what: 'a seal with other totals',
    edits: [
      `update events set data = jsonb_set(data, '{totals,members}', '"0"') where type = 'MonthClosed'`,
    ],
    names: ['snapshots-as-sealed', 'table-snapshots'],
  },
  {
    what: 'orders of which the intake was told nothing',
    edits: [`delete from deliveries where generation = 'order'`],
    names: ['deliveries-accounted-for'],
  },
];
