/** The obvious handler: each event in a transaction of its own, through the same projections. */
import { decodeEvent } from '#libs/application';
import { type Database, openDatabase } from '#libs/database';
import { PostgresEventStore, type RecordedEvent } from '#libs/event-store';
import {
  apply,
  Batches,
  moveReplayCheckpoint,
  nextSchema,
  REPLAY_CHECKPOINT,
  run,
  tableName,
} from '#libs/projector';
import { register } from '#projections';

/** Events a second, over a slice from the middle of the log. */
export async function projectOneByOne(url: string, slice: number): Promise<number> {
  const db = openDatabase(url, { max: 2, applicationName: 'bench one by one' });
  try {
    const store = new PostgresEventStore({ db, url });
    const middle = (await store.head()) / 2n;
    const events = await store.readAll({ after: middle, limit: slice });
    const batches = new Batches({ register, decode: decodeEvent });
    const schema = await db.transaction().execute(async (tx) => {
      const made = await nextSchema(tx, batches.shapes, { logged: true });
      const checkpoint = tableName(made, REPLAY_CHECKPOINT);
      await run(tx, `create table ${checkpoint} (position bigint, recorded_at bigint)`);
      await run(tx, `insert into ${checkpoint} values (${middle}, 0)`);
      return made;
    });
    const began = performance.now();
    let position = middle;
    for (const event of events) position = await project(db, schema, batches, position, event);
    const seconds = (performance.now() - began) / 1_000;
    await run(db, `drop schema ${schema} cascade`);
    return events.length / seconds;
  } finally {
    await db.destroy();
  }
}

async function project(
  db: Database,
  schema: string,
  batches: Batches<ReturnType<typeof decodeEvent>>,
  from: bigint,
  event: RecordedEvent,
): Promise<bigint> {
  const { folded } = batches.fold([event], 0);
  await db.transaction().execute(async (tx) => {
    await moveReplayCheckpoint(tx, schema, from, event);
    await apply(tx, schema, folded);
  });
  return event.position;
}
