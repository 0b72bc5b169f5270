/** A database to throw away, beside others on somebody's server: for trials that must touch no ledger. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { clientConfig } from './connection.js';

export interface ScratchDatabase {
  readonly url: string;
  readonly name: string;
  /** Ends whoever is still connected to it. */
  drop(): Promise<void>;
}

/** Makes an empty database on the server of the address; its user must be allowed to. */
export async function createScratchDatabase(url: string): Promise<ScratchDatabase> {
  const name = `flywheel_scratch_${randomBytes(8).toString('hex')}`;
  await onServer(url, `create database ${name}`);
  const scratch = new URL(url);
  scratch.pathname = `/${name}`;
  return {
    url: scratch.toString(),
    name,
    drop: () => onServer(url, `drop database if exists ${name} with (force)`),
  };
}

async function onServer(url: string, statement: string): Promise<void> {
  const client = new pg.Client(clientConfig(url, { applicationName: 'scratch', as: 'owner' }));
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
