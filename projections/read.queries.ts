/**
 * How every figure is read: one statement answers the rows, the position they were answered from
 * and the creator's settings, all of one snapshot. The schema is the pointer that the caller knows;
 * when a promote has moved it meanwhile the statement answers nothing, and the caller asks again.
 */
import { CompiledQuery, type RawBuilder, sql } from 'kysely';
import type { Database } from '#libs/database';

export interface AsOf {
  readonly position: bigint;
  /** Unix milliseconds; 0 before the first event. */
  readonly recordedAt: number;
}

export interface Read<T> {
  readonly asOf: AsOf;
  readonly rows: readonly T[];
  /** The creator's settings as `settingsRead` reads them; null: nobody knows this creator. */
  readonly settings: string | null;
  /** Rows of another kind, of the same snapshot, where the statement reads any. */
  readonly beside?: readonly unknown[];
}

/** The read models' schema and the connection to it. */
export interface ReadSource {
  readonly db: Database;
  readonly schema: string;
}

/** A select of rows of this shape: for one answer, or for a snapshot that is read to its end. */
export type Select<T> = RawBuilder<T>;

/** A page of a list; no limit: all of it. */
export interface PageArgs<Place> {
  readonly limit: number | null;
  /** Place of the last row of the page before. */
  readonly after?: Place | undefined;
}

/** All move together: any one row is the checkpoint of them all. */
export const CHECKPOINT_OF = 'lines';

/**
 * `rows` is a select whose columns are text, booleans or safe integers (amounts as text).
 * Undefined: the pointer has moved.
 */
export async function readOf<T>(
  { db, schema }: ReadSource,
  creatorId: string,
  rows: RawBuilder<unknown>,
  beside?: RawBuilder<unknown>,
): Promise<Read<T> | undefined> {
  const parts = beside === undefined ? {} : { beside };
  const result = await readStatement<T>(schema, sql`${creatorId}`, rows, parts).execute(db);
  const [row] = result.rows;
  return row && readFrom(row);
}

interface ReadRow<T> {
  readonly position: string;
  readonly recorded_at: string;
  readonly settings: string | null;
  readonly rows: readonly T[];
  readonly beside?: readonly unknown[];
}

interface ReadParts {
  /** For several asks at once. */
  readonly each?: { readonly inJson: RawBuilder<unknown>; readonly asks: RawBuilder<unknown> };
  /** Rows of another kind. */
  readonly beside?: RawBuilder<unknown>;
}

const readStatement = <T>(
  schema: string,
  creatorId: RawBuilder<unknown>,
  rows: RawBuilder<unknown>,
  { each, beside }: ReadParts = {},
): RawBuilder<ReadRow<T>> => sql<ReadRow<T>>`
  select p.position, p.recorded_at,
    (${settingsRead(schema, creatorId)}) as settings,
    (select ${each?.inJson ?? sql`coalesce(json_agg(r), '[]')`} from (${rows}) r) as rows${
      beside === undefined
        ? sql``
        : sql`, (select coalesce(json_agg(b), '[]') from (${beside}) b) as beside`
    }
  from projections p ${each === undefined ? sql`` : sql`cross join ${each.asks}`}
  where p.name = ${sql.lit(CHECKPOINT_OF)} and p.schema = ${sql.lit(schema)}
  ${each === undefined ? sql`` : sql`order by ask.n`}`;

const readFrom = <T>(row: ReadRow<T>): Read<T> => ({
  asOf: { position: BigInt(row.position), recordedAt: Number(row.recorded_at) },
  rows: row.rows,
  settings: row.settings,
  ...(row.beside === undefined ? {} : { beside: row.beside }),
});

/** A creator's settings alone. Undefined: the pointer has moved. */
export async function settingsOf(
  source: ReadSource,
  creatorId: string,
): Promise<Read<never> | undefined> {
  return readOf<never>(source, creatorId, sql`select 1 where false`);
}

/** `[defaults, [setting, effectiveAt, value]…]` as JSON text: equal text, equal settings. */
export const settingsRead = (
  schema: string,
  creatorId: RawBuilder<unknown>,
): RawBuilder<unknown> => sql`
  select json_build_array(c.defaults, (
    select json_agg(json_build_array(s.setting, s.effective_at, s.value) order by s.effective_at, s.from_month)
    from ${table(schema, 'creator_settings')} s where s.creator_id = c.creator_id))::text
  from ${table(schema, 'creators')} c where c.creator_id = ${creatorId}`;

/** A read model by name, in the schema of the pointer. */
export const table = (schema: string, name: string): RawBuilder<unknown> =>
  sql`${sql.id(schema, name)}`;

type SqlType = 'text' | 'bigint';
/** What a page is asked by: the SQL type of each value. */
export type AskTypes = Readonly<Record<string, SqlType>> & { readonly creatorId: 'text' };
/** The values of one ask; a bigint as text or as a safe integer. */
export type Ask<P extends AskTypes> = { readonly [K in keyof P]: string | number };
type Parameters<P> = { readonly [K in keyof P]: RawBuilder<unknown> };

/** A statement whose rows come as one array for each column, and what is the same for all of them. */
export interface Page {
  readonly rows: RawBuilder<unknown>;
  /** Names of the columns of `rows`. */
  readonly columns: readonly string[];
  /** Expressions by the name of the property that every row gets. */
  readonly once: Readonly<Record<string, RawBuilder<unknown>>>;
}

interface Compiled {
  readonly text: string;
  readonly columns: readonly string[];
  readonly once: readonly string[];
}

const compiled = new Map<string, Compiled>();
const MAX_COMPILED = 1_000;

/**
 * `readOf` for the page that everybody opens, for as many who ask as there are: one statement, and
 * an answer for each in their order. Putting the text together takes longer than a look-up in an
 * index, so it is done once for each `name` and schema. The rows come by columns: PostgreSQL looks up
 * how a type is written once for a column, not for each value.
 */
export async function readEach<T extends object, P extends AskTypes>(
  { db, schema }: ReadSource,
  { name, types, build }: PageStatement<P>,
  asks: readonly Ask<P>[],
): Promise<readonly Read<T>[] | undefined> {
  const [first] = asks;
  const alone = first !== undefined && asks.length === 1;
  const key = `${schema} ${name} ${alone}`;
  let statement = compiled.get(key);
  if (statement === undefined) {
    if (compiled.size >= MAX_COMPILED) compiled.clear();
    statement = compileOnce(db, schema, { types, build, alone });
    compiled.set(key, statement);
  }
  const { rows } = await db.executeQuery<ReadRow<unknown>>(
    CompiledQuery.raw(
      statement.text,
      alone ? Object.keys(types).map((value) => first[value]) : [JSON.stringify(asks)],
    ),
  );
  // Without the pointer there is no row, else one for each.
  if (rows.length === 0) return undefined;
  return rows.map((row) => ({ ...readFrom(row), rows: rowsOf<T>(statement, row.rows) }));
}

/** What `build` makes is kept by `name`: it may depend on nothing else but the schema. */
export interface PageStatement<P extends AskTypes> {
  readonly name: string;
  readonly types: P;
  readonly build: (parameters: Parameters<P>) => Page;
}

/** Rows from the arrays of their columns, which are null when there is no row, and what is said once. */
function rowsOf<T extends object>({ columns, once }: Compiled, sent: readonly unknown[]): T[] {
  const arrays = sent.slice(0, columns.length) as (readonly unknown[] | null)[];
  const rows: T[] = [];
  for (let n = 0; n < (arrays[0]?.length ?? 0); n++) {
    const row: Record<string, unknown> = {};
    for (let c = 0; c < columns.length; c++) row[columns[c] as string] = arrays[c]?.[n];
    for (let c = 0; c < once.length; c++) row[once[c] as string] = sent[columns.length + c];
    rows.push(row as T);
  }
  return rows;
}

function compileOnce<P extends AskTypes>(
  db: Database,
  schema: string,
  { types, build, alone }: Pick<PageStatement<P>, 'types' | 'build'> & { readonly alone: boolean },
): Compiled {
  const parameters = Object.fromEntries(
    Object.keys(types).map((name) => [name, sql.ref(`ask.${name}`)]),
  ) as unknown as Parameters<P>;
  const { rows, columns, once } = build(parameters);
  const arrays = columns.map((column) => sql`json_agg(r.${sql.ref(column)})`);
  const inJson = sql`json_build_array(${sql.join([...arrays, ...Object.values(once)])})`;
  const asks = alone ? oneAsk(types) : manyAsks(types);
  const query = readStatement(schema, parameters.creatorId, rows, {
    each: { inJson, asks },
  }).compile(db);
  return { text: query.sql, columns, once: Object.keys(once) };
}

/** A parameter for each value, which the planner puts where they are used. */
function oneAsk(types: AskTypes): RawBuilder<unknown> {
  const values = Object.entries(types).map(
    ([name, type]) => sql`${name}::${sql.raw(type)} as ${sql.id(name)}`,
  );
  return sql`(select ${sql.join(values)}, 1 as n) as ask`;
}

/**
 * One parameter, a JSON array: the text does not depend on how many ask. Nor does what the planner
 * expects, as it would of arrays; it keeps a plan only if it expects as much whatever the values.
 */
function manyAsks(types: AskTypes): RawBuilder<unknown> {
  const typed = Object.entries(types).map(([name, type]) => sql`${sql.id(name)} ${sql.raw(type)}`);
  const names = [...Object.keys(types), 'n'].map((name) => sql.id(name));
  return sql`
    rows from (json_to_recordset(${'asks'}::json) as (${sql.join(typed)})) with ordinality
      as ask(${sql.join(names)})`;
}
