/**
 * The log cannot be changed by the application: as it runs, with the logins that its processes have,
 * on the embedded PostgreSQL and on one of somebody's own.
 */
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { type EmbeddedPostgres, rolesSql, startEmbeddedPostgres } from '#libs/database';
import { NotStarted, newHome, type Running, removeHome, startUp } from './running.js';

const LIMIT_MS = 300_000;
const NOT_PERMITTED = '42501';

const ATTACKS = [
  `update events set type = 'x'`,
  'delete from events',
  'truncate events',
  'insert into events select * from events on conflict (position) do update set type = excluded.type',
  'alter table events disable trigger all',
  'drop table events',
  'create trigger x before update on events for each row execute function suppress_redundant_updates_trigger()',
  'create rule x as on insert to events do instead nothing',
  'set session_replication_role = replica',
  'set role flywheel_owner',
  'set session authorization flywheel_owner',
  `copy (select 1) to program 'true'`,
];

const words = async (...file: string[]): Promise<string> =>
  (await readFile(path.join(...file), 'utf8')).trim();

/** Of the running embedded server, as what the data folder says. */
async function addressOf(home: string, login: string, file: string): Promise<string> {
  const folder = path.join(home, 'postgres');
  const [password, port] = [await words(folder, file), await words(folder, 'server.port')];
  return `postgres://${login}:${password}@127.0.0.1:${port}/flywheel`;
}

async function connected<R>(url: string, act: (client: pg.Client) => Promise<R>): Promise<R> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await act(client);
  } finally {
    await client.end();
  }
}

async function refusedAll(url: string, roles: readonly string[]): Promise<void> {
  await connected(url, async (client) => {
    for (const become of ['reset role', ...roles.map((role) => `set role ${role}`)]) {
      await client.query(become);
      for (const attack of ATTACKS)
        await expect(client.query(attack)).rejects.toMatchObject({ code: NOT_PERMITTED });
    }
  });
}

interface Ready {
  readonly status: string;
  readonly components: { readonly log: { readonly status: string; readonly detail?: string } };
}

const readinessOf = async ({ url }: Running): Promise<Ready> =>
  (await (await fetch(`${url}/health/ready`)).json()) as Ready;

describe('with the embedded PostgreSQL', () => {
  let home = '';
  let flywheel: Running | undefined;
  const owner = (): Promise<string> => addressOf(home, 'flywheel_owner', 'password');
  const again = async (): Promise<Running> => {
    await flywheel?.stop();
    flywheel = undefined;
    flywheel = await startUp({ home });
    return flywheel;
  };

  beforeAll(async () => {
    home = await newHome();
    flywheel = await startUp({ home });
  }, LIMIT_MS);
  afterAll(async () => {
    await flywheel?.stop();
    await removeHome(home);
  }, LIMIT_MS);

  it('no process is connected as its owner', async () => {
    if (flywheel !== undefined) await readinessOf(flywheel); // idle connections are closed
    const names = await connected(await owner(), async (client) => {
      const { rows } = await client.query<{ name: string }>(`
        select distinct usename::text as name from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid() order by 1`);
      return rows.map(({ name }) => name);
    });
    expect(names).toEqual(['flywheel_api', 'flywheel_worker']);
  });

  it('the logins of its processes are refused, whatever they become', async () => {
    const app = ['flywheel_app'];
    await refusedAll(await addressOf(home, 'flywheel_api', 'password-api'), app);
    const both = [...app, 'flywheel_projector'];
    await refusedAll(await addressOf(home, 'flywheel_worker', 'password-worker'), both);
  });

  it(
    'a folder without those logins, as before there were any, has them after the next start',
    async () => {
      await connected(await owner(), (client) =>
        client.query(`
          alter role flywheel_api nologin password null;
          select pg_terminate_backend(pid) from pg_stat_activity where usename = 'flywheel_worker';
          drop owned by flywheel_worker; drop role flywheel_worker`),
      );
      await rm(path.join(home, 'postgres', 'password-worker'));
      expect((await readinessOf(await again())).components.log).toEqual({ status: 'ok' });
      await refusedAll(await addressOf(home, 'flywheel_worker', 'password-worker'), []);
    },
    LIMIT_MS,
  );

  it(
    'it does not start where somebody gave the application more, and says what',
    async () => {
      await connected(await owner(), (client) =>
        client.query('grant update (type) on events to flywheel_app'),
      );
      const starting = again();
      await expect(starting).rejects.toBeInstanceOf(NotStarted);
      await expect(starting).rejects.toThrow(/flywheel_app has the privilege update on events/);
    },
    LIMIT_MS,
  );
});

describe('with a PostgreSQL of somebody’s own', () => {
  let home = '';
  let place = '';
  let server: EmbeddedPostgres;
  const as = (login: string): string => {
    const url = new URL(server.url);
    url.username = login;
    url.password = 'secret';
    return url.toString();
  };

  beforeAll(async () => {
    home = await newHome();
    place = await newHome();
    server = await startEmbeddedPostgres({ home: place });
    // As psql runs it, which asks for the passwords.
    const sql = rolesSql({ database: 'flywheel' }).replaceAll(
      /^\\password (\w+)$/gm,
      `alter role $1 password 'secret';`,
    );
    await connected(server.url, (client) => client.query(sql));
  }, LIMIT_MS);
  afterAll(async () => {
    await server?.stop();
    await removeHome(home);
    await removeHome(place);
  }, LIMIT_MS);

  /** Beside a database of one's own it must be given. */
  const key = { FLYWHEEL_DATA_KEY: '0123456789abcdef'.repeat(4) };

  async function started<R>(
    env: Readonly<Record<string, string>>,
    act: (running: Running) => Promise<R>,
  ): Promise<R> {
    const running = await startUp({ home, env: { ...key, ...env } });
    try {
      return await act(running);
    } finally {
      await running.stop();
    }
  }

  it(
    'asks for the owner while migrations are missing',
    async () => {
      const env = { DATABASE_URL: as('flywheel_worker') };
      await expect(startUp({ home, env: { ...key, ...env } })).rejects.toThrow(
        /Migrations are missing/,
      );
    },
    LIMIT_MS,
  );

  it(
    'migrates as the owner, who is no superuser, and serves as a login that is refused',
    async () => {
      const env = {
        DATABASE_URL: as('flywheel_worker'),
        DATABASE_OWNER_URL: as('flywheel_migrator'),
      };
      await started(env, async (running) => {
        const { status, components } = await readinessOf(running);
        expect([status, components.log]).toEqual(['ready', { status: 'ok' }]);
        await refusedAll(env.DATABASE_URL, ['flywheel_app', 'flywheel_projector']);
      });
    },
    LIMIT_MS,
  );

  it(
    'needs the owner no more afterwards',
    async () => {
      await connected(server.url, (client) =>
        client.query('alter role flywheel_migrator nocreaterole'),
      );
      await started({ DATABASE_URL: as('flywheel_worker') }, async (running) => {
        expect((await readinessOf(running)).components.log).toEqual({ status: 'ok' });
      });
    },
    LIMIT_MS,
  );

  it(
    'with the owner’s address alone says that privileges guard against accidents only',
    async () => {
      await started({ DATABASE_URL: as('flywheel_migrator') }, async (running) => {
        const { components } = await readinessOf(running);
        expect(components.log.detail).toMatch(/against accidents only/);
        expect(running.stderr()).toMatch(/owns the log/);
      });
    },
    LIMIT_MS,
  );

  it(
    'does not start with the owner’s address where there is one for the owner beside it',
    async () => {
      const url = as('flywheel_migrator');
      const starting = startUp({
        home,
        env: { ...key, DATABASE_URL: url, DATABASE_OWNER_URL: url },
      });
      await expect(starting).rejects.toThrow(/flywheel_migrator owns the log/);
    },
    LIMIT_MS,
  );
});
