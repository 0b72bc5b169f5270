/**
 * The server that everything is measured on: an embedded PostgreSQL of its own with the settings of
 * the product, or BENCH_DATABASE_URL. Every bench gets a fresh, migrated database on it.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { APP_ROLE, migrate, startEmbeddedPostgres } from '#libs/database';
import { migrations } from '#migrations';

export interface BenchServer {
  readonly version: string;
  /** Address of a new database with an empty ledger, as its owner. */
  database(name: string): Promise<string>;
  drop(name: string): Promise<void>;
  stop(): Promise<void>;
}

export async function startServer(): Promise<BenchServer> {
  const { url, stop } = await serverAddress();
  const version = await asOwner(url, async (client) => {
    const { rows } = await client.query<{ server_version: string }>('show server_version');
    return rows[0]?.server_version ?? 'unknown';
  });
  return {
    version,
    database: async (name) => {
      const address = new URL(url);
      address.pathname = `/${nameOf(name)}`;
      await asOwner(url, async (client) => {
        await client.query(`drop database if exists ${nameOf(name)} with (force)`);
        await client.query(`create database ${nameOf(name)}`);
      });
      await migrate(address.toString(), migrations);
      // Benches project with the application's session; outside of them another role does.
      await asOwner(address.toString(), (client) =>
        client.query(`grant create, temporary on database ${nameOf(name)} to ${APP_ROLE};
          grant insert, update, delete on projections to ${APP_ROLE}`),
      );
      return address.toString();
    },
    drop: async (name) => {
      await asOwner(url, (client) =>
        client.query(`drop database if exists ${nameOf(name)} with (force)`),
      );
    },
    stop,
  };
}

const nameOf = (bench: string): string => `flywheel_bench_${bench}`;

async function serverAddress(): Promise<{ url: string; stop: () => Promise<void> }> {
  const given = process.env.BENCH_DATABASE_URL;
  if (given !== undefined) return { url: given, stop: async () => {} };
  const home = await mkdtemp(path.join(tmpdir(), 'flywheel-bench-'));
  const server = await startEmbeddedPostgres({ home });
  return {
    url: server.url,
    stop: async () => {
      await server.stop();
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** Runs statements of the bench itself, with the rights of the server's owner. */
export async function asOwner<R>(url: string, work: (client: pg.Client) => Promise<R>): Promise<R> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
