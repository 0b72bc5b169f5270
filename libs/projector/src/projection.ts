/**
 * A projection: one table, and what each event adds to it. `rows` is a pure function of one event;
 * it never looks anything up, checks a rule, or asks the time (docs/architecture.md, section 5).
 *
 * Tables are of three kinds. *Sums*: a key and summed columns, merged by addition; a row whose sums
 * are all zero means the same as no row. *Latest*: every column of the row is replaced together; all
 * rows of a key come from one stream. *Lines*: appended under (position, n), never changed.
 */

/** Column types and what they are in TypeScript and PostgreSQL. */
export type ColumnType =
  | 'text' // string, text collate "C" not null
  | 'optional' // string | null, text collate "C"
  | 'instant' // whole unix seconds: number, bigint
  | 'count' // bigint, bigint
  | 'money' // minor units: bigint, bigint
  | 'flag'; // boolean, boolean

export const text = 'text';
export const optional = 'optional';
export const instant = 'instant';
export const count = 'count';
export const money = 'money';
export const flag = 'flag';

export type Columns = Readonly<Record<string, ColumnType>>;

type ValueOf<T extends ColumnType> = T extends 'text'
  ? string
  : T extends 'optional'
    ? string | null
    : T extends 'instant'
      ? number
      : T extends 'flag'
        ? boolean
        : bigint;
export type RowOf<C extends Columns> = { readonly [K in keyof C]: ValueOf<C[K]> };
/** A row with its column types forgotten, as the projector handles it. */
export type Row = Readonly<Record<string, string | number | bigint | boolean | null>>;

/** An index beside the primary key: camelCase columns, each optionally with ' desc'; `where` is SQL. */
export interface Index {
  readonly columns: readonly string[];
  readonly where?: string;
}

/**
 * The one exception to "ranks and such are queries": a column recomputed for the touched keys in the
 * same transaction, because an index must order by it. `sql` is an expression over the row `t`;
 * `{schema}` stands for the read models' schema.
 */
export interface Recomputed {
  readonly column: string;
  readonly type: 'instant';
  readonly sql: string;
}

interface Common<E> {
  /** Table name, snake_case. */
  readonly name: string;
  /** Raised when the meaning of the table changes: it is then rebuilt by replay. */
  readonly version: number;
  readonly indexes: readonly Index[];
  readonly rows: (event: E) => readonly Row[];
}
export interface Sums<E> extends Common<E> {
  readonly kind: 'sums';
  readonly key: Columns;
  readonly sums: Readonly<Record<string, 'count' | 'money'>>;
  readonly recomputed?: Recomputed;
}
export interface Latest<E> extends Common<E> {
  readonly kind: 'latest';
  readonly key: Columns;
  readonly columns: Columns;
}
export interface Lines<E> extends Common<E> {
  readonly kind: 'lines';
  /** Beside `position` and `n`, which the projector adds. */
  readonly columns: Columns;
}
export type Projection<E> = Sums<E> | Latest<E> | Lines<E>;

type Declared<C> = Omit<C, 'kind' | 'rows' | 'indexes' | 'key' | 'sums' | 'columns'> & {
  readonly indexes?: readonly Index[];
};

/** Declares a sums table: `sumsOf<LedgerEvent>()({ name, version, key, sums, rows })`. */
export const sumsOf =
  <E>() =>
  <K extends Columns, S extends Readonly<Record<string, 'count' | 'money'>>>(
    declared: Declared<Sums<E>> & {
      readonly key: K;
      readonly sums: S;
      readonly rows: (event: E) => readonly (RowOf<K> & RowOf<S>)[];
    },
  ): Sums<E> => ({ indexes: [], ...declared, kind: 'sums' });

/** Declares a table whose rows are replaced whole by the latest event of their stream. */
export const latestOf =
  <E>() =>
  <K extends Columns, C extends Columns>(
    declared: Declared<Latest<E>> & {
      readonly key: K;
      readonly columns: C;
      readonly rows: (event: E) => readonly (RowOf<K> & RowOf<C>)[];
    },
  ): Latest<E> => ({ indexes: [], ...declared, kind: 'latest' });

/** Declares an append-only table, keyed by the event's position and the row's number in it. */
export const entriesOf =
  <E>() =>
  <C extends Columns>(
    declared: Declared<Lines<E>> & {
      readonly columns: C;
      readonly rows: (event: E) => readonly RowOf<C>[];
    },
  ): Lines<E> => ({ indexes: [], ...declared, kind: 'lines' });

/** `readModel` in TypeScript is `read_model` in SQL. */
export const snake = (camel: string): string =>
  camel.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`);
