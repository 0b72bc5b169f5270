/** Ends what other connections of ours do. */
import pg from 'pg';
import { clientConfig } from './connection.js';

/** As the role of the address, whose sessions they are: the application's role may not signal them. */
export async function cancelBackend(url: string, pid: number): Promise<void> {
  const client = new pg.Client(clientConfig(url, { applicationName: 'cancel', as: 'owner' }));
  client.on('error', () => {});
  await client.connect();
  try {
    await client.query('select pg_cancel_backend($1)', [pid]);
  } finally {
    await client.end();
  }
}

/**
 * Ends every session that was opened under this name (`ConnectionOptions.applicationName`): a server
 * notices late that a client was killed in the middle of a long statement.
 */
export async function endSessions(url: string, applicationName: string): Promise<void> {
  const client = new pg.Client(clientConfig(url, { applicationName: 'end sessions', as: 'owner' }));
  client.on('error', () => {});
  await client.connect();
  try {
    await client.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and application_name = $1`,
      [clientConfig(url, { applicationName }).application_name],
    );
  } finally {
    await client.end();
  }
}
