/** A table beside what it should hold: rows that are missing, that nobody made, and that differ. */
import { type RawBuilder, sql } from 'kysely';
import { camel, type Scope, type Stage } from './check.js';

export interface Compared {
  readonly key: readonly string[];
  readonly values: readonly string[];
  /** Sums that are all zero mean the same as no row. */
  readonly sums?: boolean;
  /** Of `values`, those that are null where there is no row also when `sums`. */
  readonly optional?: readonly string[];
  readonly expected: RawBuilder<unknown>;
  readonly actual: RawBuilder<unknown>;
}

/** A read model beside what it should hold, as the log says. */
export interface Recomputation extends Pick<Compared, 'key' | 'values' | 'sums' | 'optional'> {
  readonly table: string;
  readonly what: string;
  readonly stages: readonly Stage[];
  readonly impliedBy?: readonly Stage[];
  readonly inOrder?: true;
  readonly expected: (scope: Scope) => RawBuilder<unknown>;
  /** Of a table that does not name the creator; the others are read as they are. */
  readonly actual?: (scope: Scope) => RawBuilder<unknown>;
}

/** A select of violations; both sides have the columns of key and values, and `creator_id`. */
export function differences(compared: Compared): RawBuilder<unknown> {
  const { key, values, sums = false, optional = [] } = compared;
  const read = (side: 'e' | 'a', column: string): string =>
    sums && !optional.includes(column) ? `coalesce(${side}.${column}, 0)` : `${side}.${column}`;
  const fields = (side: 'e' | 'a'): string =>
    `case when ${side}.is_there then jsonb_build_object(${values
      .map((column) => `'${camel(column)}', ${side}.${column}::text`)
      .join(', ')}) end`;
  const keys = key.map((column) => `'${camel(column)}', coalesce(e.${column}, a.${column})::text`);
  const same = key.map((column) => `e.${column} = a.${column}`).join(' and ');
  const presence = sums ? [] : ['e.is_there is null', 'a.is_there is null'];
  const differ = values.map((c) => `${read('e', c)} is distinct from ${read('a', c)}`);
  return sql`
    select ${sql.raw(`jsonb_build_object(${keys.join(', ')})`)} as key,
      coalesce(e.creator_id, a.creator_id) as creator_id,
      ${sql.raw(fields('e'))} as expected, ${sql.raw(fields('a'))} as actual
    from (select x.*, true as is_there from (${compared.expected}) x) e
    full join (select x.*, true as is_there from ${compared.actual} x) a on ${sql.raw(same)}
    where ${sql.raw([...presence, ...differ].join(' or '))}`;
}
