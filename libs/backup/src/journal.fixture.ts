/** Rows of the tables that only some ledgers fill: who bears a name, who waits, who watches, and a cluster's journal. */
import type { ClientBase } from 'pg';

/** Needs an event at position 1 and delivery 21. */
export async function fillRarely(client: ClientBase): Promise<void> {
  await client.query(`insert into bearers values ('u:x', 'member-a.b', 17, 'pay_1')`);
  await client.query(`insert into waiting values ('payment:p', 21)`);
  await client.query(`insert into watchers values ('c:x', 'member-a.b')`);
  await client.query('insert into event_origins values (1, 17, 18)');
  await beginJournal(client);
  await client.query(
    `insert into open_orders select id, stream, revision, '{"a":1}', 'epoch' from events limit 1`,
  );
}

export const beginJournal = (client: ClientBase) =>
  client.query(`insert into log_home values (true, 'log', 1, 17, 18, 'epoch')`);

/** A journal is written by its follower alone: meanwhile the log is this database's own. */
export async function asOwnLog(client: ClientBase, act: () => Promise<unknown>): Promise<void> {
  await client.query('delete from log_home');
  await act();
  await beginJournal(client);
}
