import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import {
  createScratchDatabase,
  type Database,
  migrate,
  openDatabase,
  ROLES,
  type ScratchDatabase,
} from '#libs/database';
import { migrations } from '#migrations';
import { declaredGrants } from './grants.js';

/** Migrated as a ledger of somebody's is: without what tests may do beside. */
let scratch: ScratchDatabase;
let owner: Database;

beforeAll(async () => {
  scratch = await createScratchDatabase(process.env.FLYWHEEL_TEST_DATABASE_URL ?? '');
  await migrate(scratch.url, migrations);
  owner = openDatabase(scratch.url, { max: 2, as: 'owner' });
}, 60_000);
afterAll(async () => {
  await owner.destroy();
  await scratch.drop();
});

interface Row {
  readonly name: string;
}

/** Everything that anybody but the owner was given of tables and their columns. */
async function given(): Promise<string[]> {
  const { rows } = await sql<Row>`
    select format('%s %s on %s%s', coalesce(r.rolname, 'public'), lower(x.privilege_type), c.relname,
      case when x.attname is null then '' else format(' (%s)', x.attname) end) as name
    from pg_class c join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'public'
    cross join lateral (
      select null::name as attname, e.* from aclexplode(c.relacl) e
      union all
      select a.attname, e.* from pg_attribute a, aclexplode(a.attacl) e where a.attrelid = c.oid
    ) x left join pg_roles r on r.oid = x.grantee
    where x.grantee <> c.relowner
    order by 1`.execute(owner);
  return rows.map(({ name }) => name);
}

const declared = (): string[] =>
  declaredGrants()
    .map(({ role, table, privilege, column }) =>
      `${role} ${privilege} on ${table} ${column === null ? '' : `(${column})`}`.trim(),
    )
    .sort();

describe('what the roles were given', () => {
  it('is what is declared of each table and column, and nothing else', async () => {
    expect((await given()).sort()).toEqual(declared());
  });

  it('is declared for every table that there is, and for none that is not', async () => {
    const { rows } = await sql<Row>`
      select relname::text as name from pg_class
      where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm', 'f')
      order by relname collate "C"`.execute(owner);
    const tables = [...new Set(declaredGrants().map(({ table }) => table))].sort();
    expect(rows.map(({ name }) => name)).toEqual(tables);
  });

  it('is given again where it is missing, by the next call', async () => {
    await sql`revoke insert on events from flywheel_app`.execute(owner);
    await migrate(scratch.url, migrations);
    expect((await given()).sort()).toEqual(declared());
  });

  it('of the database and its schema is what each needs, and nothing for everybody', async () => {
    const { rows } = await sql<Row>`
      select format('%s %s on %s', coalesce(r.rolname, 'public'), lower(x.privilege_type), x.what) as name
      from (
        select 'the database' as what, e.*, d.datdba as owner
        from pg_database d, aclexplode(d.datacl) e where d.datname = current_database()
        union all
        select 'the schema', e.*, n.nspowner
        from pg_namespace n, aclexplode(n.nspacl) e where n.nspname = 'public'
      ) x left join pg_roles r on r.oid = x.grantee
      where x.grantee <> x.owner`.execute(owner);
    expect(rows.map(({ name }) => name).sort()).toEqual([
      'flywheel_app connect on the database',
      'flywheel_app temporary on the database',
      'flywheel_app usage on the schema',
      'flywheel_auditor connect on the database',
      'flywheel_auditor usage on the schema',
      'flywheel_projector connect on the database',
      'flywheel_projector create on the database',
      'flywheel_projector usage on the schema',
      'public usage on the schema',
    ]);
  });

  it('makes no role a login, a superuser, or a member of another', async () => {
    const { rows } = await sql<Row>`
      select rolname::text as name from pg_roles
      where rolname = any(${Object.values(ROLES)}::text[])
        and (rolcanlogin or rolsuper or rolcreaterole or rolcreatedb or rolreplication or rolbypassrls)
      union all
      select format('%s in %s', m.member::regrole, m.roleid::regrole) from pg_auth_members m
      where m.member::regrole::text = any(${Object.values(ROLES)}::text[])`.execute(owner);
    expect(rows).toEqual([]);
  });
});

describe('functions', () => {
  it('run as who calls them, with names that are looked for in one place, for nobody but triggers', async () => {
    const { rows } = await sql<Row>`
      select p.proname::text as name from pg_proc p
      where p.pronamespace = 'public'::regnamespace
        and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
        and (p.prosecdef
          or not coalesce(array_to_string(p.proconfig, ',') ~ 'search_path=', false)
          or p.proacl is null
          or exists (select from aclexplode(p.proacl) x where x.grantee = 0))`.execute(owner);
    expect(rows).toEqual([]);
  });
});

describe('read models', () => {
  it('belong to the projector, and are read by the others', async () => {
    const projector = openDatabase(scratch.url, { max: 1, as: 'projector' });
    const app = openDatabase(scratch.url, { max: 1 });
    try {
      await sql`create schema rm_1`.execute(projector);
      await sql`create table rm_1.sums (n bigint)`.execute(projector);
      await sql`insert into rm_1.sums values (1)`.execute(projector);
      const { rows } = await sql`select n from rm_1.sums`.execute(app);
      expect(rows).toEqual([{ n: '1' }]);
      for (const attack of ['insert into rm_1.sums values (2)', 'drop schema rm_1 cascade'])
        await expect(sql.raw(attack).execute(app)).rejects.toMatchObject({ code: '42501' });
      await expect(sql`create schema rm_2`.execute(app)).rejects.toMatchObject({ code: '42501' });
    } finally {
      await projector.destroy();
      await app.destroy();
    }
  });
});

describe('the application', () => {
  let app: Database;
  beforeAll(async () => {
    app = openDatabase(scratch.url, { max: 1 });
    await sql`
      insert into tokens (role, sha256, created_by, revoked_at, revoked_by)
      values ('admin', sha256('one'), 'test', now(), 'test'), ('admin', sha256('two'), 'test', null, null)`.execute(
      app,
    );
    await sql`
      insert into sign_in_links (id, sha256, role, made_at, made_by, expires_at, used_at)
      values ('one', sha256('one'), 'admin', now(), 'test', now() + interval '1 hour', now()),
        ('two', sha256('two'), 'admin', now(), 'test', now(), now()),
        ('three', sha256('three'), 'admin', now(), 'test', now() + interval '1 hour', null)`.execute(
      app,
    );
    await sql`
      insert into deliveries (provider, delivery_id, body_sha256, generation, body, received_at)
      values ('whop', 'msg_1', sha256('one'), 'v1', 'one', now())`.execute(app);
  });
  afterAll(() => app.destroy());

  it.each([
    'update tokens set revoked_at = null, revoked_by = null where revoked_at is not null',
    "update tokens set revoked_by = 'another' where revoked_at is not null",
    'update tokens set revoked_at = now() where revoked_at is not null',
    'update sign_in_links set used_at = null',
    'delete from sign_in_links where used_at is not null',
  ])('may mark once and never take it back: %s', async (attack) => {
    await expect(sql.raw(attack).execute(app)).rejects.toMatchObject({ code: '23000' });
  });

  it('may sweep links that open nothing any more, and take back one that nobody used', async () => {
    const { numAffectedRows } = await sql`
      delete from sign_in_links where expires_at <= now() or used_at is null`.execute(app);
    expect(numAffectedRows).toBe(2n);
  });

  it('may revoke what is not, and say when a token was used last', async () => {
    const { numAffectedRows } = await sql`
      update tokens set revoked_at = now(), revoked_by = 'test' where revoked_at is null`.execute(
      app,
    );
    expect(numAffectedRows).toBe(1n);
    await sql`update tokens set last_used_at = now()`.execute(app);
  });

  it.each([
    'update deliveries set received_at = now()',
    "update deliveries set delivery_id = 'msg_2'",
    "update deliveries set body_sha256 = sha256('two')",
    "update deliveries set provider = 'other'",
    'delete from deliveries',
  ])('may not change what came: %s', async (attack) => {
    await expect(sql.raw(attack).execute(app)).rejects.toMatchObject({ code: '42501' });
  });

  it('may write what is decided of it', async () => {
    const { numAffectedRows } = await sql`
      update deliveries set outcome = 'ignored', body = null, decided_at = now()
      where id in (select id from deliveries for update)`.execute(app);
    expect(numAffectedRows).toBe(1n);
  });
});

describe('the auditor', () => {
  const HIDDEN = [
    'select from secrets',
    'select from profiles',
    'select body from deliveries',
    'select headers from deliveries',
    'select detail from deliveries',
    'select * from deliveries',
  ];
  const SEEN = [
    'select from events',
    'select id, outcome from deliveries',
    'select from rm_1.sums',
  ];

  async function asAuditor(statement: string): Promise<void> {
    await owner.transaction().execute(async (tx) => {
      await sql`set local role flywheel_auditor`.execute(tx);
      await sql.raw(statement).execute(tx);
    });
  }

  it.each(HIDDEN)('is refused %s', async (statement) => {
    await expect(asAuditor(statement)).rejects.toMatchObject({ code: '42501' });
  });

  it.each(SEEN)('is shown %s', async (statement) => {
    await expect(asAuditor(statement)).resolves.toBeUndefined();
  });

  it('changes nothing', async () => {
    for (const statement of [
      'insert into routes values (1, 2)',
      'create temporary table t (n int)',
    ])
      await expect(asAuditor(statement)).rejects.toMatchObject({ code: '42501' });
  });
});
