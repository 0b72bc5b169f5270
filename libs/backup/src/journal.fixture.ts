/** Rows of the tables that only some ledgers fill: who bears a name, who waits, who watches, and a cluster's journal. */
import type { ClientBase } from 'pg';

/** Needs an event at position 1 and delivery 21. */
export async function fillRarely(client: ClientBase): Promise<void> {
  await client.query(`insert into bearers values ('u:x', 'member-a.b', 17, 'pay_1')`);
  await client.query(`insert into waiting values ('payment:p', 21)`);
  await client.query(`insert into watchers values ('c:x', 'member-a.b')`);
  await client.query('insert into event_origins values (1, 17, 18)');
  await client.query(`insert into log_home values (true, 'log', 1, 17, 18, 'epoch')`);
  await client.query(
    `insert into open_orders select id, stream, revision, '{"a":1}', 'epoch' from events limit 1`,
  );
}

/** A journal is written by its follower alone: then the log is this database's own again. */
export const endJournal = (client: ClientBase) => client.query('delete from log_home');
