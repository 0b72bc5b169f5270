/**
 * Logins of the embedded server: one for each process, with a password of its own in the data folder.
 * They own nothing and inherit nothing: a session may only become one of the roles that work
 * (flywheel_app, flywheel_projector), never the owner, whose password stays with who migrates.
 * Made after the migrations, which make those roles; and for a folder that is older, at its next start.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { link, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import { type Cluster, unlessMissing, writeDurably } from './cluster.js';
import { isPasswordOf, scramVerifier } from './scram.js';

export type ProcessLogin = 'api' | 'worker';

const LOGINS: Readonly<Record<ProcessLogin, { readonly login: string; readonly roles: string }>> = {
  api: { login: 'flywheel_api', roles: 'flywheel_app' },
  worker: { login: 'flywheel_worker', roles: 'flywheel_app, flywheel_projector' },
};

/** Two processes that start at once would alter one row of the catalogue at once. */
const LOGINS_LOCK = 7_390_500;

/** Addresses for the processes, of the same database as that of the owner. */
export async function processAddresses(
  cluster: Cluster,
  ownerUrl: string,
): Promise<Readonly<Record<ProcessLogin, string>>> {
  const passwords = {
    api: await keptPassword(cluster, 'api'),
    worker: await keptPassword(cluster, 'worker'),
  };
  const client = new pg.Client({ connectionString: ownerUrl, application_name: 'flywheel logins' });
  client.on('error', () => {});
  await client.connect();
  try {
    const database = pg.escapeIdentifier(new URL(ownerUrl).pathname.slice(1));
    if (!(await areMade(client, passwords))) await make(client, passwords, database);
  } finally {
    await client.end();
  }
  const address = (process: ProcessLogin): string => {
    const url = new URL(ownerUrl);
    url.username = LOGINS[process].login;
    url.password = passwords[process];
    return url.toString();
  };
  return { api: address('api'), worker: address('worker') };
}

type Passwords = Readonly<Record<ProcessLogin, string>>;

/** Whole or not there; of two processes that make it, both read the same. */
async function keptPassword(cluster: Cluster, process: ProcessLogin): Promise<string> {
  const file = path.join(cluster.folder, `password-${process}`);
  const kept = await unlessMissing(readFile(file, 'utf8'));
  if (kept !== undefined) return kept.trim();
  const draft = `${file}.${randomUUID()}`;
  await writeDurably(draft, `${randomBytes(24).toString('base64url')}\n`);
  try {
    await link(draft, file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(draft, { force: true });
  }
  return (await readFile(file, 'utf8')).trim();
}

async function areMade(client: pg.Client, passwords: Passwords): Promise<boolean> {
  const { rows } = await client.query<{ rolname: string; rolpassword: string | null }>(
    `select rolname, rolpassword from pg_authid where rolname = any($1::name[]) and rolcanlogin
      and has_database_privilege(oid, current_database(), 'connect')`,
    [Object.values(LOGINS).map(({ login }) => login)],
  );
  const kept = new Map(rows.map((row) => [row.rolname, row.rolpassword]));
  return (['api', 'worker'] as const).every((process) =>
    isPasswordOf(kept.get(LOGINS[process].login) ?? null, passwords[process]),
  );
}

/** The membership is given with the password: whichever is there, both are. */
async function make(client: pg.Client, passwords: Passwords, database: string): Promise<void> {
  await client.query('begin');
  await client.query('select pg_advisory_xact_lock($1)', [LOGINS_LOCK]);
  for (const process of ['api', 'worker'] as const) {
    const { login, roles } = LOGINS[process];
    const verifier = scramVerifier(passwords[process], randomBytes(16));
    const { rowCount } = await client.query('select from pg_roles where rolname = $1', [login]);
    await client.query(
      `${rowCount === 0 ? 'create' : 'alter'} role ${login} login noinherit nosuperuser nocreaterole
      nocreatedb noreplication nobypassrls password ${pg.escapeLiteral(verifier)}`,
    );
    await client.query(`grant ${roles} to ${login}`);
    await client.query(`grant connect on database ${database} to ${login}`);
  }
  // All of this server is ours: nobody else has a reason to be in its other databases.
  await client.query('revoke connect on database postgres, template1 from public');
  await client.query('commit');
}
