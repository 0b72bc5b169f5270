/**
 * A session for statements that take long: with memory to sort, group and index whole tables, and
 * ended by the server soon after this process has died. Otherwise a killed replay's last statement
 * would run on for minutes, with the locks that tell everybody that it is alive.
 */
import { sql } from 'kysely';
import type { Database } from '#libs/database';
import { run } from './tables.js';

const SORT_MEMORY = '64MB';
const INDEX_MEMORY = '128MB';
const LOOK_FOR_CLIENT_MS = 2_000;

/** Lends one connection; it goes back as it came. */
export async function longSession<T>(
  db: Database,
  use: (session: Database) => Promise<T>,
): Promise<T> {
  return db.connection().execute(async (session) => {
    try {
      await run(session, `set work_mem = '${SORT_MEMORY}'`);
      await run(session, `set maintenance_work_mem = '${INDEX_MEMORY}'`);
      // Not every platform of a server can look.
      await run(session, `set client_connection_check_interval = ${LOOK_FOR_CLIENT_MS}`).catch(
        () => undefined,
      );
      return await use(session);
    } finally {
      await sql`reset work_mem`.execute(session).catch(() => undefined);
      await sql`reset maintenance_work_mem`.execute(session).catch(() => undefined);
      await sql`reset client_connection_check_interval`.execute(session).catch(() => undefined);
    }
  });
}
