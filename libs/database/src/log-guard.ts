/**
 * The log cannot be changed by the application, and each process proves that to itself before it
 * serves. Privileges stop the application, triggers stop accidents; whoever owns the table is stopped by
 * neither, and is found out by tamper evidence alone. So the proof is that we are not the owner, cannot
 * become it, and are refused.
 *
 * It is proved twice. First from the catalogue: what the roles that we work as, and the login behind
 * them, were given. Only when nothing is found there, each attempt is made: in a transaction that is
 * rolled back, with a savepoint for each, by the role that will work. Privileges are looked at before
 * rows, so an empty log proves as much as a full one; every attempt is of a kind that would change
 * nothing even if it were let through. Hazard: CREATE RULE and CREATE TRIGGER lock the table before they
 * look at privileges; a lock that is not free at once is not waited for, or writers would queue up
 * behind us. The catalogue has decided such an attempt already.
 */
import pg from 'pg';
import { clientConfig } from './connection.js';
import { ROLES } from './grants.js';

export type WorkingRole = 'app' | 'projector';

export interface LogGuardOptions {
  /** The roles that this process works as. */
  readonly roles: readonly WorkingRole[];
  /**
   * The login is the application's own, so it must not be able to become the owner. False: the address
   * may be that of an owner, which is only said (`LogGuard.login`).
   */
  readonly ownLogin: boolean;
}

export interface LogGuard {
  /** `owner`: the login may change the log, and privileges guard against accidents only. */
  readonly login: 'own' | 'owner';
}

/** What lets the log be changed, and what takes that away. */
export interface Finding {
  readonly what: string;
  readonly remedy: string;
}

export class LogNotProtected extends Error {
  override readonly name = 'LogNotProtected';
  readonly code = 'log_not_protected';

  constructor(readonly findings: readonly Finding[]) {
    const lines = findings.map(({ what, remedy }) => `  ${what}\n    what is right: ${remedy}`);
    super(
      'The log could be changed by the application, so it does not start:\n' +
        `${lines.join('\n')}\n  flywheel db roles prints logins that have what is needed and no more.`,
    );
  }
}

/** Says it once more at each start, and in `flywheel status`. */
export const ACCIDENTS_ONLY =
  'the login of DATABASE_URL owns the log: privileges guard against accidents only ' +
  '(flywheel db roles prints a login of its own for the application)';

const LOCK_TIMEOUT_MS = 5;
const MAX_FINDINGS = 5;

/** Throws LogNotProtected. A database without a log has nothing to protect yet. */
export async function verifyLogGuard(url: string, options: LogGuardOptions): Promise<LogGuard> {
  const client = new pg.Client(clientConfig(url, { as: 'owner', applicationName: 'log guard' }));
  client.on('error', () => {});
  await client.connect();
  try {
    return await logGuardOf(client, options);
  } finally {
    await client.end();
  }
}

/** On a session of the login, outside of a transaction. */
export async function logGuardOf(
  client: pg.ClientBase,
  { roles, ownLogin }: LogGuardOptions,
): Promise<LogGuard> {
  const names = roles.map((role) => ROLES[role]);
  const { rows } = await client.query<Catalogue>(CATALOGUE, [names, ROLES.projector, ownLogin]);
  const [found] = rows;
  if (found === undefined) return { login: 'own' };
  const given = withoutWhatFollows(found.given).slice(0, MAX_FINDINGS).map(findingOf);
  if (given.length > 0) throw new LogNotProtected(given);
  const mayOwn = found.may_own && !ownLogin;
  for (const role of names) {
    const through = await attempted(client, role, mayOwn ? undefined : found.owner);
    if (through.length > 0) throw new LogNotProtected(through.map((what) => passed(role, what)));
  }
  return { login: found.may_own ? 'owner' : 'own' };
}

interface Catalogue {
  readonly owner: string;
  readonly may_own: boolean;
  /** Name of a role, what it has, and of which kind that is. */
  readonly given: readonly (readonly [
    string,
    string,
    'grant' | 'attribute' | 'member' | 'table',
  ])[];
}

/**
 * One row, or none without a log. Of each role that works: what it may do by itself and by roles that
 * it inherits from, columns included. Unless the login is (known to be, and allowed to be) that of the
 * owner: the same of every role that it could become, at however many removes.
 */
const CATALOGUE = `
  with log as (
    select c.oid, c.relowner, n.nspowner from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.oid = to_regclass('public.events')
  ), who as (
    select r.* from pg_roles r
    where r.rolname = any($1::text[]) or pg_has_role(session_user, r.oid, 'member')
      and ($3::boolean or not exists (select from log where pg_has_role(session_user, relowner, 'member')))
  ), given as (
    select w.rolname, g.what, g.kind from who w, log l, lateral (values
      (1, 'superuser', 'attribute', w.rolsuper),
      (2, 'createrole', 'attribute', w.rolcreaterole),
      (3, pg_get_userbyid(l.relowner), 'member', pg_has_role(w.oid, l.relowner, 'member')),
      (4, pg_get_userbyid(l.nspowner), 'member', pg_has_role(w.oid, l.nspowner, 'member')),
      (5, 'pg_write_server_files', 'member', pg_has_role(w.oid, 'pg_write_server_files', 'member')),
      (6, 'pg_execute_server_program', 'member', pg_has_role(w.oid, 'pg_execute_server_program', 'member')),
      (7, 'update', 'grant', has_any_column_privilege(w.oid, l.oid, 'update')),
      (8, 'delete', 'grant', has_table_privilege(w.oid, l.oid, 'delete')),
      (9, 'truncate', 'grant', has_table_privilege(w.oid, l.oid, 'truncate')),
      (10, 'trigger', 'grant', has_table_privilege(w.oid, l.oid, 'trigger')),
      (11, 'references', 'grant', has_any_column_privilege(w.oid, l.oid, 'references')),
      (12, 'insert', 'grant', w.rolname = $2 and has_any_column_privilege(w.oid, l.oid, 'insert')),
      (13, 'session_replication_role', 'attribute',
        has_parameter_privilege(w.oid, 'session_replication_role', 'set'))
    ) as g(n, what, kind, has)
    where g.has
    order by w.rolsuper desc, w.rolname = session_user desc, w.rolname, g.n
  ), altered as (
    select 'its trigger ' || t.tgname as rolname, 'is switched off' as what, 'table' as kind
    from pg_trigger t join log l on t.tgrelid = l.oid
    where t.tgname in ('events_keep', 'events_keep_all') and t.tgenabled not in ('O', 'A')
    union all
    select 'its trigger ' || wanted, 'is gone', 'table' from unnest(array['events_keep', 'events_keep_all']) wanted, log l
    where not exists (select from pg_trigger t where t.tgrelid = l.oid and t.tgname = wanted)
    union all
    select 'the rule ' || r.rulename, 'rewrites what is written to it', 'table'
    from pg_rewrite r join log l on r.ev_class = l.oid
  )
  select pg_get_userbyid(l.relowner)::text as owner,
    pg_has_role(session_user, l.relowner, 'member') as may_own,
    (select coalesce(json_agg(json_build_array(x.rolname, x.what, x.kind)), '[]') from
      (select * from given union all select * from altered) x) as given
  from log l`;

/** Of a superuser or an owner one line is enough: whatever else they may do comes with that. */
function withoutWhatFollows(given: Catalogue['given']): Catalogue['given'] {
  const all = new Set(
    given.flatMap(([role, what]) => (what === 'superuser' || what === role ? [role] : [])),
  );
  const named = new Set<string>();
  return given.filter(([role]) => {
    if (!all.has(role)) return true;
    return !named.has(role) && named.add(role).has(role);
  });
}

function findingOf([role, what, kind]: Catalogue['given'][number]): Finding {
  switch (kind) {
    case 'attribute':
      return what === 'session_replication_role'
        ? {
            what: `${role} may set session_replication_role, which switches triggers off`,
            remedy: `revoke set on parameter session_replication_role from ${role}`,
          }
        : {
            what: `${role} is a role with the attribute ${what}`,
            remedy: `alter role ${role} no${what}; or connect as another login`,
          };
    case 'member':
      if (role === what)
        return {
          what: `${role} owns the log or its schema, and so may change it`,
          remedy: 'connect as a login of its own, with the owner in DATABASE_OWNER_URL alone',
        };
      return {
        what: `${role} may act as ${what}`,
        remedy: `revoke ${what} from whoever passes it on to ${role}; or connect as another login`,
      };
    case 'table':
      return {
        what: `${role} ${what}`,
        remedy: 'find out who did that and what was written since; then put the log back in order',
      };
    default:
      return {
        what: `${role} has the privilege ${what} on events`,
        remedy: `revoke ${what} on events from whoever gave it to ${role} (it may be public)`,
      };
  }
}

const passed = (role: string, what: string): Finding => ({
  what: `${role} was not refused: ${what}`,
  remedy: 'see what a role, a rule or an extension of this server grants beside the catalogue',
});

/** Each would change nothing if it were let through, and is undone. */
const ATTEMPTS: readonly (readonly [string, string])[] = [
  ['update', 'update public.events set type = type where false'],
  ['delete', 'delete from public.events where false'],
  ['truncate', 'truncate public.events'],
  [
    'insert … on conflict do update',
    'insert into public.events select * from public.events where false on conflict (position) do update set type = excluded.type',
  ],
  ['alter table … disable trigger', 'alter table public.events disable trigger events_keep'],
  ['alter table … add column', 'alter table public.events add column flywheel_attempt boolean'],
  ['drop table', 'drop table public.events'],
  [
    'create trigger',
    'create trigger flywheel_attempt before update on public.events for each row execute function suppress_redundant_updates_trigger()',
  ],
  [
    'create rule',
    'create rule flywheel_attempt as on insert to public.events where false do instead nothing',
  ],
  [
    'alter the function of its triggers',
    'alter function public.events_are_immutable() rename to flywheel_attempt',
  ],
  ['set session_replication_role', 'set local session_replication_role = replica'],
];

/** What the role was not refused. */
export async function attempted(
  client: pg.ClientBase,
  role: string,
  owner: string | undefined,
): Promise<readonly string[]> {
  const becoming: typeof ATTEMPTS =
    owner === undefined
      ? []
      : [
          [`set role ${owner}`, `set local role ${pg.escapeIdentifier(owner)}`],
          [
            `set session authorization ${owner}`,
            `set local session authorization ${pg.escapeIdentifier(owner)}`,
          ],
        ];
  const attempts = [...ATTEMPTS, ...becoming];
  const listed = attempts.map((pair) => pair.map((text) => pg.escapeLiteral(text)).join(', '));
  const text = `
    begin;
    set local role ${pg.escapeIdentifier(role)};
    set local lock_timeout = ${LOCK_TIMEOUT_MS};
    do $attempts$
    declare
      attempts constant text[] := array[${listed.join(',\n')}];
      passed text[] := '{}';
    begin
      for n in 1 .. cardinality(attempts) / 2 loop
        begin
          execute attempts[2 * n];
          raise exception 'it was let through' using errcode = 'FW001';
        exception
          when insufficient_privilege or lock_not_available then null;
          when others then passed := passed || attempts[2 * n - 1];
        end;
      end loop;
      perform set_config('flywheel.passed', array_to_json(passed)::text, true);
    end $attempts$;
    select current_setting('flywheel.passed') as passed;
    rollback`;
  try {
    // Several statements in one message: one round trip, and an array of results.
    const results = (await client.query(text)) as unknown as readonly pg.QueryResult[];
    const answer = results.find(({ command }) => command === 'SELECT')?.rows[0] as
      | { readonly passed: string }
      | undefined;
    if (answer === undefined) throw new Error('the server did not answer the attempts');
    return JSON.parse(answer.passed) as string[];
  } catch (error) {
    await client.query('rollback').catch(() => {});
    throw error;
  }
}
