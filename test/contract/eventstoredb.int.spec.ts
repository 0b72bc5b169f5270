/** The contract, kept by a cluster's log and its journal: against the stand-in, and against a server if one is named. */
import pg from 'pg';
import { EventStoreDbEventStore, runFollower } from '#libs/event-store';
import { testDatabase } from '#libs/testing';
import { StandIn } from '../standin/stand-in.js';
import { type ContractSubject, eventStoreContract } from './event-store.contract.js';

const NEVER_POLLS_MS = 60_000;
const PROMISES = { transactional: false, atomic: false };

eventStoreContract('The stand-in for EventStoreDB', () => subjectOn(), PROMISES);

const server = process.env.EVENTSTORE_TEST_URL;
if (server !== undefined)
  eventStoreContract('A server of EventStoreDB', () => subjectOn(server), PROMISES);

async function subjectOn(clusterUrl?: string): Promise<ContractSubject> {
  const test = await testDatabase({ poolSize: 18 });
  const standIn = clusterUrl === undefined ? await StandIn.start() : undefined;
  const cluster = { url: clusterUrl ?? standIn?.url ?? '' };
  const { db, url } = test;
  const store = () => new EventStoreDbEventStore({ db, url, cluster, fallbackMs: NEVER_POLLS_MS });
  const stores = [store(), store()] as const;
  const stop = new AbortController();
  const follower = runFollower({ db, url, cluster, signal: stop.signal });
  return {
    store: stores[0],
    other: stores[1],
    breakConnections: async () => {
      await terminateAll(url);
      await standIn?.restart();
    },
    close: async () => {
      stop.abort();
      await follower;
      await Promise.all(stores.map((one) => one.close()));
      await standIn?.stop();
      await test.drop();
    },
  };
}

async function terminateAll(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid()`,
  );
  await client.end();
}
