/** Ends the statement that another connection of ours runs. */
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
