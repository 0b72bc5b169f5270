/** Tables that a replay of some projections does not rebuild: copied from those that serve, at the position of the others. */
import { sql } from 'kysely';
import type { Database, Transaction } from '#libs/database';
import { atLivePosition, type LivePositionOptions } from './live-position.js';
import type { Projection } from './projection.js';
import { columnNames, type Shape, shapeOf } from './shape.js';
import { analyze, createIndexes, createTable, primaryKey, run, tableName } from './tables.js';

interface Copying<E> extends Omit<LivePositionOptions<E>, 'rebuilt'> {
  readonly register: readonly Projection<E>[];
  readonly rebuilt: readonly Projection<E>[];
  readonly copied: readonly Projection<E>[];
  readonly onTable?: (name: string) => void;
}

/**
 * Copies on the session that builds the schema, and leaves all of its tables at the live position.
 * Nobody waits for the copies: they are made on a snapshot.
 */
export async function copyTables<E>(
  options: Copying<E>,
  schema: string,
  session: Database,
): Promise<void> {
  const shapes = options.copied.map(shapeOf);
  await atLivePosition(options, schema, session, async (tx, live) => {
    for (const shape of shapes) {
      options.signal.throwIfAborted();
      options.onTable?.(shape.name);
      await copyTable(tx, shape, live.schema, schema);
    }
  });
  for (const shape of shapes) await run(session, analyze(schema, shape));
}

async function copyTable(tx: Transaction, shape: Shape, from: string, to: string): Promise<void> {
  const columns = columnNames(shape).join(', ');
  await run(tx, createTable(to, shape, { logged: true, keyed: false }));
  await sql
    .raw(
      `insert into ${tableName(to, shape.name)} (${columns})
      select ${columns} from ${tableName(from, shape.name)}`,
    )
    .execute(tx);
  if (shape.kind !== 'lines')
    await run(tx, `alter table ${tableName(to, shape.name)} add ${primaryKey(shape)}`);
  for (const text of createIndexes(to, shape)) await run(tx, text);
}
