/**
 * A database of its own for each test file, made from a migrated template, on the server that the
 * test run started (or FLYWHEEL_TEST_DATABASE_URL names).
 */
import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import { APP_ROLE, type Database, migrate, openDatabase, ROLES } from '#libs/database';
import { migrations } from '#migrations';

export interface TestDatabase {
  /** For whatever opens its own connections. The role is the owner's. */
  readonly url: string;
  /** As the application sees it: role flywheel_app. */
  readonly db: Database;
  drop(): Promise<void>;
}

/** Serialises template creation and `create database` between test workers. */
const TEMPLATE_LOCK = 7_390_001;

export async function testDatabase(options: { poolSize?: number } = {}): Promise<TestDatabase> {
  const server = process.env.FLYWHEEL_TEST_DATABASE_URL;
  if (server === undefined)
    throw new Error('run tests with npm test: it starts the database server');
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const admin = new pg.Client({ connectionString: server });
  await admin.connect();
  try {
    await admin.query('select pg_advisory_lock($1)', [TEMPLATE_LOCK]);
    const template = await migratedTemplate(admin, server);
    await admin.query(`create database ${name} template ${template}`);
    // Privileges on a database are not copied from its template.
    await admin.query(`grant create, temporary on database ${name} to ${APP_ROLE}`);
    await admin.query(`grant create on database ${name} to ${ROLES.projector}`);
  } finally {
    await admin.end();
  }
  const url = withDatabase(server, name);
  const db = openDatabase(url, { max: options.poolSize ?? 4, applicationName: 'test' });
  return {
    url,
    db,
    drop: async () => {
      await db.destroy();
      const client = new pg.Client({ connectionString: server });
      await client.connect();
      await client.query(`drop database if exists ${name} with (force)`);
      await client.end();
    },
  };
}

/** The template is made anew when any migration's text changes, or what is granted; tests run from the project's root. */
const MIGRATIONS = path.resolve('migrations');
const GRANTS = path.resolve('libs/database/src/grants.ts');

async function migratedTemplate(admin: pg.Client, server: string): Promise<string> {
  const files = (await readdir(MIGRATIONS)).filter((file) => file.endsWith('.ts')).sort();
  const paths = [...files.map((file) => path.join(MIGRATIONS, file)), GRANTS];
  const source = await Promise.all(paths.map((file) => readFile(file)));
  const hash = createHash('sha256').update(Buffer.concat(source)).digest('hex').slice(0, 16);
  const name = `template_${hash}`;
  const known = await admin.query('select 1 from pg_database where datname = $1', [name]);
  if (known.rowCount === 1) return name;
  const draft = `${name}_draft`;
  await admin.query(`drop database if exists ${draft} with (force)`);
  await admin.query(`create database ${draft}`);
  await migrate(withDatabase(server, draft), migrations);
  await letTestsProject(withDatabase(server, draft));
  await admin.query(`alter database ${draft} rename to ${name}`);
  return name;
}

/**
 * Tests project, tidy up and spoil rows with the application's session; outside of tests other roles
 * do that (libs/database, grants.ts). The log stays as it is for everybody.
 */
export async function letTestsProject(ownerUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    await client.query(`
      do $$ begin
        execute format('grant create, temporary on database %I to ${APP_ROLE}', current_database());
      end $$;
      grant select, insert, update, delete on projections, leases, routes, bearers, halves,
        waiting, watchers, check_results to ${APP_ROLE};
      grant delete on deliveries to ${APP_ROLE}`);
  } finally {
    await client.end();
  }
}

function withDatabase(server: string, database: string): string {
  const url = new URL(server);
  url.pathname = `/${database}`;
  return url.toString();
}
