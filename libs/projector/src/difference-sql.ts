/**
 * The statements that compare one table of two schemas. The rows that differ are put aside once, side
 * by side (`l_…` live, `r_…` replayed), by one full join on the key; counts, sums, hash and the rows
 * to be kept are then read from there. Nothing of it passes through this process.
 */
import type { Shape } from './shape.js';
import { quoted, tableName } from './tables.js';

/** A column as the comparison sees it. */
interface Compared {
  readonly property: string;
  readonly name: string;
  /** Counts and money: what a delta and a weight can be made of. */
  readonly summed: boolean;
}

export interface Comparison {
  readonly table: string;
  readonly key: readonly Compared[];
  readonly values: readonly Compared[];
  /** Rows that mean something: a sum of nothing is none. */
  readonly where: string;
}

export function comparisonOf(shape: Shape): Comparison {
  const compared = ({ property, name, type }: Shape['key'][number]): Compared => ({
    property,
    name,
    summed: type === 'count' || type === 'money',
  });
  const place = ['position', 'n'].map((name) => ({ property: name, name, summed: false }));
  const { recomputed } = shape;
  const added = recomputed && [
    { property: recomputed.property, name: recomputed.name, summed: false },
  ];
  const zero = shape.values.map(({ name }) => `${name} <> 0`).join(' or ');
  return {
    table: shape.name,
    key: shape.kind === 'lines' ? place : shape.key.map(compared),
    values: [...shape.values.map(compared), ...(added ?? [])],
    where: shape.kind === 'sums' && zero !== '' ? ` where ${zero}` : '',
  };
}

/** Rows that differ, of the table being compared; dropped when they are read. */
const ASIDE = 'replay_difference_aside';
/** Rows to be kept, until all tables are compared and they can be numbered. */
const FOUND = 'replay_difference_found';

export const createFound = (schema: string): string => `
  create unlogged table ${tableName(schema, FOUND)} (found bigint generated always as identity,
    "table" text, kind text, key jsonb, live jsonb, replayed jsonb, columns text[], weight bigint)`;

/** Puts the rows that differ aside. */
export function puttingAside(comparison: Comparison, live: string, schema: string): string {
  const { table, key, values, where } = comparison;
  const columns = [...key, ...values].map(({ name }) => name);
  const sides = ['l', 'r'].flatMap((s) => columns.map((name) => `${s}.${name} as ${s}_${name}`));
  const [first = ''] = columns;
  const on = key.map(({ name }) => `l.${name} = r.${name}`).join(' and ');
  const other = values.map(({ name }) => ` or l.${name} is distinct from r.${name}`).join('');
  return `
    create unlogged table ${tableName(schema, ASIDE)} as
    select case when l.${first} is null then 'missing' when r.${first} is null then 'extra'
      else 'changed' end as kind, ${sides.join(', ')}
    from (select * from ${tableName(live, table)}${where}) as l
    full join (select * from ${tableName(schema, table)}${where}) as r on ${on}
    where l.${first} is null or r.${first} is null${other}`;
}

export const dropAside = (schema: string): string => `drop table ${tableName(schema, ASIDE)}`;

/** Rows of the replay that mean something. */
export const counting = ({ table, where }: Comparison, schema: string): string =>
  `select count(*) as n from ${tableName(schema, table)}${where}`;

const differs = ({ name }: Compared): string =>
  `(kind <> 'changed' or l_${name} is distinct from r_${name})`;
const delta = ({ name }: Compared): string =>
  `(coalesce(r_${name}, 0)::numeric - coalesce(l_${name}, 0)::numeric)`;

/** One row: counts by kind; then per column `rows_<i>`, and of summed ones `delta_<i>`. */
export function summing({ values }: Comparison, schema: string): string {
  const kinds = ['missing', 'extra', 'changed'].map(
    (kind) => `count(*) filter (where kind = '${kind}') as ${kind}`,
  );
  const columns = values.flatMap((column, i) => [
    `count(*) filter (where ${differs(column)}) as rows_${i}`,
    ...(column.summed ? [`coalesce(sum(${delta(column)}), 0)::text as delta_${i}`] : []),
  ]);
  return `select ${[...kinds, ...columns].join(', ')} from ${tableName(schema, ASIDE)}`;
}

/**
 * One row: a hash over all rows that differ, whatever their order. Each row is hashed as a JSON array
 * of texts; the hashes are sorted within buckets, those hashed, and the buckets in their order: so
 * nothing is ever as long as the table.
 */
export function hashing({ key, values }: Comparison, schema: string): string {
  const texts = (side: string): string[] =>
    [...key, ...values].map(({ name }) => `${side}_${name}::text`);
  const row = `jsonb_build_array(kind, ${[...texts('l'), ...texts('r')].join(', ')})::text`;
  return `
    select encode(sha256(coalesce(string_agg(hash, ''::bytea order by bucket), '')), 'hex') as hash
    from (
      select substr(hash, 1, 2) as bucket,
        sha256(string_agg(hash, ''::bytea order by hash)) as hash
      from (select sha256(convert_to(${row}, 'UTF8')) as hash from ${tableName(schema, ASIDE)}) as h
      group by 1
    ) as buckets`;
}

const MOST = '9223372036854775807';

/** Keeps the largest of the rows put aside. */
export function keeping({ table, key, values }: Comparison, schema: string, limit: number): string {
  const object = (columns: readonly Compared[], text: (name: string) => string): string =>
    `jsonb_build_object(${columns.map(({ property, name }) => `'${property}', ${text(name)}`).join(', ')})`;
  const side = (s: string, gone: string): string =>
    `case when kind <> '${gone}' then ${object(values, (name) => `${s}_${name}::text`)} end`;
  const named = values.map((c) => `case when ${differs(c)} then '${c.property}' end`).join(', ');
  const weight = values
    .map((c) => (c.summed ? `abs${delta(c)}` : `case when ${differs(c)} then 1 else 0 end`))
    .join(' + ');
  const order = key.map(({ name }) => `coalesce(l_${name}, r_${name})`).join(', ');
  return `
    insert into ${tableName(schema, FOUND)} ("table", kind, key, live, replayed, columns, weight)
    select '${table}', kind, ${object(key, (name) => `coalesce(l_${name}, r_${name})::text`)},
      ${side('l', 'missing')}, ${side('r', 'extra')},
      array_remove(array[${named}]::text[], null), least(${MOST}, ${weight || '1'})::bigint as weight
    from ${tableName(schema, ASIDE)}
    order by weight desc, ${order} limit ${limit}`;
}

/** Numbers what was kept, the largest first, under `rows`. */
export const numbering = (schema: string, rows: string): string[] => [
  `create table ${tableName(schema, rows)} as
  select row_number() over (order by weight desc, found)::integer as n,
    "table", kind, key, live, replayed, columns, weight
  from ${tableName(schema, FOUND)}`,
  `alter table ${tableName(schema, rows)} add primary key (n)`,
  `create index on ${tableName(schema, rows)} ("table", n)`,
  `drop table ${tableName(schema, FOUND)}`,
  `analyze ${tableName(schema, rows)}`,
];

export const droppingEarlier = (schema: string, tables: readonly string[]): string[] =>
  tables.map((table) => `drop table if exists ${quoted(schema)}.${quoted(table)}`);
