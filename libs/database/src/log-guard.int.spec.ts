import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import {
  clientConfig,
  createScratchDatabase,
  migrate,
  type ScratchDatabase,
  verifyLogGuard,
} from '#libs/database';
import { migrations } from '#migrations';
import { attempted, logGuardOf } from './log-guard.js';

const NOT_PERMITTED = '42501';
const SERVER = process.env.FLYWHEEL_TEST_DATABASE_URL ?? '';
/** Roles are the whole server's: names of our own, and what would harm others is rolled back. */
const MARK = randomBytes(4).toString('hex');
const LOGIN = `flywheel_login_${MARK}`;
const OWNER = `flywheel_owner_${MARK}`;

let scratch: ScratchDatabase;
let admin: pg.Client;
let loginUrl: string;

/** An owner who is no superuser, and a login of the application's own, as `flywheel db roles` says. */
beforeAll(async () => {
  scratch = await createScratchDatabase(SERVER);
  await migrate(scratch.url, migrations);
  admin = new pg.Client({ connectionString: scratch.url });
  await admin.connect();
  await admin.query(`create role ${OWNER} nologin; alter table events owner to ${OWNER}`);
  await admin.query(`create role ${LOGIN} login noinherit password '${MARK}'`);
  await admin.query(`grant flywheel_app, flywheel_projector, flywheel_auditor to ${LOGIN}`);
  await admin.query(`grant connect on database ${scratch.name} to ${LOGIN}`);
  const url = new URL(scratch.url);
  url.username = LOGIN;
  url.password = MARK;
  loginUrl = url.toString();
}, 60_000);
afterAll(async () => {
  await admin.end();
  await scratch.drop();
  const last = new pg.Client({ connectionString: SERVER });
  await last.connect();
  await last.query(`drop role ${LOGIN}; drop role ${OWNER}`);
  await last.end();
});

/** What somebody with SQL would try. Each that went through would change the log, or be a way to. */
const ATTACKS: readonly string[] = [
  `update events set type = 'x'`,
  'update events set data = data where false',
  'delete from events',
  'truncate events',
  'truncate events cascade',
  'insert into events select * from events on conflict (position) do update set type = excluded.type',
  `merge into events e using (select 1) s on false when matched then update set type = 'x'`,
  'select from events for update',
  'do $$ begin lock table events in access exclusive mode; end $$',
  'alter table events disable trigger events_keep',
  'alter table events disable trigger all',
  'alter table events rename to gone',
  'alter table events add column x int',
  'drop trigger events_keep on events',
  'drop table events cascade',
  'drop schema public cascade',
  'create trigger x before update on events for each row execute function suppress_redundant_updates_trigger()',
  'create rule x as on insert to events do instead nothing',
  'create table public.x (position bigint references events (position))',
  'create or replace function events_are_immutable() returns trigger language plpgsql as $$ begin return null; end $$',
  'drop function events_are_immutable() cascade',
  'set session_replication_role = replica',
  `set role ${OWNER}`,
  `set session authorization ${OWNER}`,
  `alter role ${LOGIN} superuser`,
  `grant ${OWNER} to ${LOGIN}`,
  `copy (select 1) to program 'true'`,
  `alter system set fsync = off`,
];

describe.each(['flywheel_app', 'flywheel_projector', 'flywheel_auditor'])('%s', (role) => {
  let client: pg.Client;
  beforeEach(async () => {
    client = new pg.Client({ connectionString: loginUrl });
    await client.connect();
    await client.query(`set role ${role}`);
  });
  afterEach(() => client.end());

  it.each(ATTACKS)('is refused: %s', async (attack) => {
    await expect(client.query(attack)).rejects.toMatchObject({ code: NOT_PERMITTED });
  });

  it('gives itself nothing', async () => {
    // The server answers with a warning, where a role has any other privilege of the table.
    await client.query('grant update on events to flywheel_app').catch(() => {});
    const { rows } = await client.query(
      `select has_table_privilege('flywheel_app', 'events', 'update') as given`,
    );
    expect(rows).toEqual([{ given: false }]);
  });

  it.each(['reset role', 'set role none', 'reset session authorization'])(
    'is no more after %s',
    async (way) => {
      await client.query(way);
      for (const attack of [...ATTACKS, 'select from events'])
        await expect(client.query(attack)).rejects.toMatchObject({ code: NOT_PERMITTED });
    },
  );
});

it('is refused to the projector to write to the log', async () => {
  const client = new pg.Client(clientConfig(loginUrl, { as: 'projector' }));
  await client.connect();
  const copy = 'insert into events select * from events where false';
  await expect(client.query(copy)).rejects.toMatchObject({ code: NOT_PERMITTED });
  await client.end();
});

it('finds tables by their names in one schema, whatever schemas others make', async () => {
  const projector = new pg.Client(clientConfig(loginUrl, { as: 'projector' }));
  const app = new pg.Client(clientConfig(loginUrl));
  await Promise.all([projector.connect(), app.connect()]);
  await projector.query('create schema flywheel_app; create table flywheel_app.events (n bigint)');
  await projector.query('grant usage on schema flywheel_app to flywheel_app');
  const { rows } = await app.query(
    `select 'events'::regclass::oid = 'public.events'::regclass as ours`,
  );
  expect(rows).toEqual([{ ours: true }]);
  await projector.query('drop schema flywheel_app cascade');
  await Promise.all([projector.end(), app.end()]);
});

const BOTH = { roles: ['app', 'projector'] } as const;

describe('a process that starts', () => {
  it('with a login of its own knows that it is refused', async () => {
    const guard = await verifyLogGuard(loginUrl, { ...BOTH, ownLogin: true });
    expect(guard).toEqual({ login: 'own' });
  });

  it('does not start with the owner where it should have a login of its own', async () => {
    const starting = verifyLogGuard(scratch.url, { ...BOTH, ownLogin: true });
    await expect(starting).rejects.toMatchObject({ code: 'log_not_protected' });
  });

  it('with the address of an owner says so, and works as roles that are refused', async () => {
    const guard = await verifyLogGuard(scratch.url, { ...BOTH, ownLogin: false });
    expect(guard).toEqual({ login: 'owner' });
  });

  it('waits for nobody who writes, and leaves no lock', async () => {
    const writer = new pg.Client({ connectionString: scratch.url });
    await writer.connect();
    await writer.query('begin; lock table events in row exclusive mode');
    const client = new pg.Client(clientConfig(loginUrl, { as: 'owner' }));
    await client.connect();
    // Whoever waits for the writer would wait for ever: then it gives way, and that is seen.
    let gaveWay = false;
    const enough = setTimeout(() => {
      gaveWay = true;
      void writer.query('rollback');
    }, 10_000);
    await logGuardOf(client, { ...BOTH, ownLogin: true });
    clearTimeout(enough);
    expect(gaveWay).toBe(false);
    const { rows } = await admin.query(
      `select count(*)::int as n from pg_locks where relation = 'events'::regclass and pid <> $1`,
      [(writer as unknown as { processID: number }).processID],
    );
    expect(rows).toEqual([{ n: 0 }]);
    await client.end();
    await writer.end();
  });
});

/** What somebody did to the server, and what is said of it. */
const DONE: readonly (readonly [string, RegExp])[] = [
  ['grant update on events to flywheel_app', /flywheel_app has the privilege update/],
  ['grant update (type) on events to flywheel_app', /flywheel_app has the privilege update/],
  ['grant update on events to public', /has the privilege update/],
  ['grant delete on events to flywheel_projector', /flywheel_projector has the privilege delete/],
  ['grant truncate on events to flywheel_app', /the privilege truncate/],
  ['grant trigger on events to flywheel_app', /the privilege trigger/],
  ['grant references on events to flywheel_app', /the privilege references/],
  ['grant insert on events to flywheel_projector', /flywheel_projector has the privilege insert/],
  ['grant pg_write_all_data to flywheel_app', /flywheel_app has the privilege update/],
  ['grant pg_execute_server_program to flywheel_app', /may act as pg_execute_server_program/],
  ['alter role flywheel_app superuser', /flywheel_app is a role with the attribute superuser/],
  ['alter role flywheel_projector createrole', /with the attribute createrole/],
  [`alter role ${LOGIN} superuser`, new RegExp(`${LOGIN} is a role with the attribute superuser`)],
  [`grant ${OWNER} to ${LOGIN}`, new RegExp(`${LOGIN} may act as ${OWNER}`)],
  [`grant ${OWNER} to flywheel_app`, new RegExp(`flywheel_app may act as ${OWNER}`)],
  ['alter table events owner to flywheel_app', /flywheel_app owns the log/],
  [
    'alter schema public owner to flywheel_projector',
    /flywheel_projector owns the log or its schema/,
  ],
  [
    'grant set on parameter session_replication_role to flywheel_app',
    /which switches triggers off/,
  ],
  ['alter table events disable trigger events_keep', /its trigger events_keep is switched off/],
  ['alter table events enable replica trigger events_keep_all', /events_keep_all is switched off/],
  ['drop trigger events_keep_all on events', /its trigger events_keep_all is gone/],
  ['create rule r as on insert to events do also nothing', /the rule r rewrites/],
];

describe('a process does not start after', () => {
  let session: pg.Client;
  beforeEach(async () => {
    session = new pg.Client({ connectionString: scratch.url });
    await session.connect();
    await session.query('begin');
  });
  afterEach(() => session.end());

  it.each(DONE)('%s', async (done, said) => {
    await session.query(done);
    // Seen by this session alone, which speaks for the login.
    await session.query(`set local session authorization ${LOGIN}`);
    const starting = logGuardOf(session, { ...BOTH, ownLogin: true });
    await expect(starting).rejects.toMatchObject({ code: 'log_not_protected' });
    await session.query('rollback; begin');
    await session.query(done);
    await session.query(`set local session authorization ${LOGIN}`);
    await expect(logGuardOf(session, { ...BOTH, ownLogin: true })).rejects.toThrow(said);
  });
});

describe('an attempt, whatever the catalogue says, goes through after', () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ['grant update on events to flywheel_app', ['update', 'insert … on conflict do update']],
    ['grant delete on events to flywheel_app', ['delete']],
    ['grant truncate on events to flywheel_app', ['truncate']],
    ['grant trigger on events to flywheel_app', ['create trigger']],
    [
      'alter table events owner to flywheel_app',
      [
        ...['update', 'delete', 'truncate', 'insert … on conflict do update'],
        ...['alter table … disable trigger', 'alter table … add column', 'drop table'],
        ...['create trigger', 'create rule'],
      ],
    ],
    [
      'grant set on parameter session_replication_role to flywheel_app',
      ['set session_replication_role'],
    ],
  ];

  it.each(cases)('%s', async (done, expected) => {
    const session = new pg.Client({ connectionString: scratch.url });
    await session.connect();
    await session.query('begin');
    await session.query(done);
    await session.query(`set local session authorization ${LOGIN}`);
    const through = await attempted(session, 'flywheel_app', undefined);
    await session.end();
    expect(through).toEqual(expected);
  });

  // Who a session may become is decided by who connected: here the login itself has to.
  const becoming = [
    [`grant ${OWNER} to ${LOGIN}`, `revoke ${OWNER} from ${LOGIN}`, ['set role']],
    [
      `alter role ${LOGIN} superuser`,
      `alter role ${LOGIN} nosuperuser`,
      ['set role', 'set session authorization'],
    ],
  ] as const;

  it.each(becoming)('%s', async (done, undone, expected) => {
    await admin.query(done);
    const session = new pg.Client({ connectionString: loginUrl });
    try {
      await session.connect();
      const through = await attempted(session, 'flywheel_app', OWNER);
      expect(through).toEqual(expected.map((way) => `${way} ${OWNER}`));
    } finally {
      await session.end();
      await admin.query(undone);
    }
  });
});
