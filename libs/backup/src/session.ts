/** A connection for one backup or restore: nothing else runs on it, and it can be cut off in the middle of a COPY. */
import { Socket } from 'node:net';
import pg from 'pg';
import { type ConnectionOptions, clientConfig } from '#libs/database';

/** Connects, acts and disconnects; whatever is unfinished when it throws is rolled back by the server. */
export async function inSession<T>(
  url: string,
  options: Pick<ConnectionOptions, 'as' | 'applicationName'>,
  act: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const socket = new Socket();
  const client = new pg.Client({ ...clientConfig(url, options), stream: () => socket });
  client.on('error', () => {}); // whoever uses it hears of it by its query
  try {
    await client.connect();
    const result = await act(client);
    await client.end();
    return result;
  } finally {
    // A goodbye in the middle of a COPY would wait for its end.
    socket.destroy();
  }
}

/** Sessions of Flywheel in the same database, this one left out; what they are called. */
export async function otherSessions(client: pg.ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(`
    select distinct application_name as name from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()
      and application_name like 'flywheel %' order by 1`);
  return rows.map(({ name }) => name);
}
