/**
 * A database that fails at one statement, counted over all connections, transactions' own included:
 * either it never arrives, or it is done and the answer is lost, or nothing arrives from then on, as
 * when the process is killed. In each case the connection is gone.
 */
import { Kysely, PostgresDialect, type PostgresPool } from 'kysely';
import pg from 'pg';
import { clientConfig, type Database } from '#libs/database';

export type Fault = 'not sent' | 'answer lost' | 'killed';

export interface FailingDatabase {
  readonly db: Database;
  /** Statements since the fault was planned. */
  readonly count: () => number;
  /** The nth statement from now on fails; Infinity: none. */
  plan(nth: number, fault: Fault): void;
  /** Every connection is gone at once, whatever runs on it. */
  cut(): void;
}

class ConnectionCut extends Error {
  readonly code = 'ECONNRESET';
}

export function failingDatabase(url: string): FailingDatabase {
  const pool = new pg.Pool({ ...clientConfig(url, { applicationName: 'failing' }), max: 6 });
  pool.on('error', () => {});
  const connected = new Set<pg.PoolClient>();
  pool.on('connect', (client) => {
    client.on('error', () => {});
    connected.add(client);
  });
  let statements = 0;
  let failing = { nth: Number.POSITIVE_INFINITY, fault: 'not sent' as Fault };
  const cutAt = async (client: pg.PoolClient, send: () => Promise<unknown>): Promise<unknown> => {
    statements += 1;
    const fails =
      failing.fault === 'killed' ? statements >= failing.nth : statements === failing.nth;
    if (!fails) return send();
    if (failing.fault === 'answer lost') await send();
    hangUp(client);
    throw new ConnectionCut(`cut at statement ${statements}`);
  };
  const connect = async (): Promise<unknown> => {
    const client = await pool.connect();
    const query = client.query.bind(client) as (...args: unknown[]) => Promise<unknown>;
    return {
      query: (...args: unknown[]) => cutAt(client, () => query(...args)),
      release: () => client.release(),
    };
  };
  const dialect = new PostgresDialect({
    pool: { connect, end: () => pool.end() } as unknown as PostgresPool,
  });
  return {
    db: new Kysely({ dialect }),
    count: () => statements,
    plan: (nth, fault) => {
      statements = 0;
      failing = { nth, fault };
    },
    cut: () => {
      for (const client of connected) hangUp(client);
    },
  };
}

const hangUp = (client: pg.PoolClient): void =>
  (
    client as unknown as { connection: { stream: { destroy(): void } } }
  ).connection.stream.destroy();
