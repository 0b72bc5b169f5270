/**
 * What proves in one go that nothing is wrong, and names nothing. These proofs are exact: no hash
 * stands for a value, so there is no collision to be explained to an auditor. Where one fails, the
 * dear statement that finds the rows is run; it decides.
 */
import { type RawBuilder, sql } from 'kysely';
import { SUM } from './sums.js';

/** Whether a valid index over all rows keeps two of them from having the same in these columns. */
export const isUnique = (table: string, columns: readonly string[]): RawBuilder<unknown> => sql`
  exists (select from pg_index i
    where i.indrelid = ${sql.lit(table)}::regclass
      and i.indisunique and i.indisvalid and i.indimmediate
      and i.indpred is null and i.indexprs is null and (
        select array_agg(a.attname::text) from unnest(i.indkey) k (attnum)
        join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
      ) <@ array[${sql.join(columns.map((column) => sql.lit(column)))}])`;

/** Rows of amounts beside the table of their sums. */
export interface Summed {
  readonly key: readonly string[];
  readonly sums: readonly string[];
  /** Any number of rows of a key, null where there is nothing to add. */
  readonly expected: RawBuilder<unknown>;
  readonly actual: RawBuilder<unknown>;
}

/**
 * True where the rows add up to the table: taking the latter from the former leaves nothing under
 * any key. Both are added up in one pass, so that neither is stored nor looked up in the other.
 */
export function addsUp({ key, sums, expected, actual }: Summed): RawBuilder<unknown> {
  const listed = (columns: readonly string[]): RawBuilder<unknown> => sql.raw(columns.join(', '));
  const left = sums.map((name) => `${SUM}(${name}) <> 0`).join(' or ');
  // Counted: of `not exists` the planner wants the first row soon, and goes by an index to all.
  return sql`
    select count(*) = 0 as holds from (select from (
      select ${listed([...key, ...sums])} from (${expected}) e
      union all
      select ${listed([...key, ...sums.map((name) => `-${name}`)])} from ${actual} a) x
    group by ${listed(key)} having ${sql.raw(left)}) y`;
}
