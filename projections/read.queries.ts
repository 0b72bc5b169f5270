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
): Promise<Read<T> | undefined> {
  const result = await readStatement<T>(schema, sql`${creatorId}`, rows).execute(db);
  return readFrom(result.rows[0]);
}

interface ReadRow<T> {
  readonly position: string;
  readonly recorded_at: string;
  readonly settings: string | null;
  readonly rows: readonly T[];
}

const readStatement = <T>(
  schema: string,
  creatorId: RawBuilder<unknown>,
  rows: RawBuilder<unknown>,
  inJson = sql`coalesce(json_agg(r), '[]')`,
): RawBuilder<ReadRow<T>> => sql<ReadRow<T>>`
  select p.position, p.recorded_at,
    (${settingsRead(schema, creatorId)}) as settings,
    (select ${inJson} from (${rows}) r) as rows
  from projections p where p.name = ${sql.lit(CHECKPOINT_OF)} and p.schema = ${sql.lit(schema)}`;

function readFrom<T>(row: ReadRow<T> | undefined): Read<T> | undefined {
  if (row === undefined) return undefined;
  return {
    asOf: { position: BigInt(row.position), recordedAt: Number(row.recorded_at) },
    rows: row.rows,
    settings: row.settings,
  };
}

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

/** Stands for a value in a statement that is compiled once. */
class Parameter {
  constructor(readonly name: string) {}
}
type Parameters<P> = { readonly [K in keyof P]: RawBuilder<unknown> };
type Values = Readonly<Record<string, string | number>> & { readonly creatorId: string };

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
  /** Names of the parameters. */
  readonly names: readonly string[];
  readonly columns: readonly string[];
  readonly once: readonly string[];
}

const compiled = new Map<string, Compiled>();
const MAX_COMPILED = 1_000;

/**
 * `readOf` for the page that everybody opens: putting the text together takes longer than a look-up
 * in an index, so it is done once for each `name` and schema, and every value is sent once. The rows
 * come by columns: PostgreSQL looks up how a type is written once for a column, not for each value.
 */
export async function readPrepared<T extends object, P extends Values>(
  { db, schema }: ReadSource,
  name: string,
  build: (parameters: Parameters<P>) => Page,
  values: P,
): Promise<Read<T> | undefined> {
  const key = `${schema} ${name}`;
  let statement = compiled.get(key);
  if (statement === undefined) {
    if (compiled.size >= MAX_COMPILED) compiled.clear();
    statement = compileOnce(db, schema, build, Object.keys(values));
    compiled.set(key, statement);
  }
  const result = await db.executeQuery<ReadRow<unknown>>(
    CompiledQuery.raw(
      statement.text,
      statement.names.map((parameter) => values[parameter]),
    ),
  );
  const read = readFrom(result.rows[0]);
  return read && { ...read, rows: rowsOf<T>(statement, read.rows) };
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

function compileOnce<P extends Values>(
  db: Database,
  schema: string,
  build: (parameters: Parameters<P>) => Page,
  names: readonly string[],
): Compiled {
  const parameters = Object.fromEntries(
    names.map((name) => [name, sql`${new Parameter(name)}`]),
  ) as unknown as Parameters<P>;
  const { rows, columns, once } = build(parameters);
  const arrays = columns.map((column) => sql`json_agg(r.${sql.ref(column)})`);
  const inJson = sql`json_build_array(${sql.join([...arrays, ...Object.values(once)])})`;
  const query = readStatement(schema, parameters.creatorId, rows, inJson).compile(db);
  const used = query.parameters.map((parameter) => (parameter as Parameter).name);
  const distinct = [...new Set(used)];
  const text = query.sql.replace(
    /\$(\d+)/g,
    (_, n: string) => `$${distinct.indexOf(used[Number(n) - 1] ?? '') + 1}`,
  );
  return { text, names: distinct, columns, once: Object.keys(once) };
}
