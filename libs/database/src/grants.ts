/**
 * Who may do what to which table of truth: the one declaration. `migrate` gives what is listed and not
 * given yet; a test walks the catalogue and fails for whatever is given and not listed. A new table
 * is one line here. Read models are the projector's own, and the others read them (migration 0013).
 */
import { sql } from 'kysely';
import type { Database, Tables } from './tables.js';

/** The roles that sessions work as. No login is one of them, and none of them owns the log. */
export const ROLES = {
  /** API and intake. */
  app: 'flywheel_app',
  /** Makes read models from events. */
  projector: 'flywheel_projector',
  /** Looks at everything but keys, persons and bodies of deliveries. */
  auditor: 'flywheel_auditor',
} as const;

export type Role = keyof typeof ROLES;

type Privilege = 'select' | 'insert' | 'update' | 'delete';

/** Of the whole table, or of some of its columns. */
type Held = Privilege | { readonly may: Privilege; readonly columns: readonly string[] };

export type Granted = { readonly [role in Role]?: readonly Held[] };

/** What a delivery is without what people wrote in it. */
const DELIVERY_COLUMNS = [
  ...['id', 'provider', 'delivery_id', 'body_sha256', 'generation', 'received_at', 'outcome'],
  ...['type', 'code', 'creator_id', 'effective_at', 'position', 'decided_at'],
] as const;

const READ: readonly Held[] = ['select'];
/** Kept as it was made, but for these. */
const kept = (...columns: string[]): readonly Held[] => [
  'select',
  'insert',
  { may: 'update', columns },
];

/** Tables that nobody reads through Kysely's types. */
type Other =
  | 'event_origins'
  | 'log_home'
  | 'open_orders'
  | 'imports'
  | 'import_ranges'
  | 'kysely_migration'
  | 'kysely_migration_lock';

export const GRANTS: Readonly<Record<keyof Tables | Other, Granted>> = {
  events: { app: ['select', 'insert'], projector: READ, auditor: READ },
  event_origins: { app: ['select', 'insert'], projector: READ, auditor: READ },
  log_home: {
    app: kept('position', 'commit_position', 'prepare_position', 'followed_at'),
    projector: READ,
    auditor: READ,
  },
  open_orders: {
    app: ['select', 'insert', { may: 'update', columns: ['made_at'] }, 'delete'],
    auditor: READ,
  },
  deliveries: {
    app: kept(
      ...['outcome', 'type', 'code', 'detail', 'creator_id', 'effective_at', 'position'],
      ...['decided_at', 'body', 'headers', 'body_form', 'subjects'],
    ),
    auditor: [{ may: 'select', columns: DELIVERY_COLUMNS }],
  },
  delivery_orders: { app: ['select', 'insert'], auditor: READ },
  routes: { app: ['select', 'insert'], auditor: READ },
  bearers: { app: ['select', 'insert', 'update'], auditor: READ },
  halves: { app: ['select', 'insert', 'update'], auditor: READ },
  waiting: { app: ['select', 'insert', 'delete'], auditor: READ },
  watchers: { app: ['select', 'insert'], auditor: READ },
  profiles: { app: ['select', 'insert', 'update'] },
  erased_subjects: { app: ['select', 'insert'] },
  secrets: { app: ['select', 'insert'] },
  tokens: { app: kept('last_used_at', 'revoked_at', 'revoked_by', 'label') },
  sign_in_links: { app: [...kept('used_at'), 'delete'] },
  sessions: { app: [...kept('seen_at'), 'delete'] },
  imports: { app: ['select', 'insert', 'update'], auditor: READ },
  import_ranges: { app: ['select', 'insert'], auditor: READ },
  projections: {
    app: READ,
    projector: ['select', 'insert', 'update', 'delete'],
    auditor: READ,
  },
  leases: { app: ['select', 'insert', 'update'], auditor: READ },
  check_results: { app: ['select', 'insert', 'update'], auditor: READ },
  blocked_months: { app: ['select', 'insert', 'update', 'delete'], auditor: READ },
  replays: { app: ['select', 'insert', 'update'], projector: ['select', 'update'], auditor: READ },
  kysely_migration: { app: READ, auditor: READ },
  kysely_migration_lock: { app: READ, auditor: READ },
};

export interface Grant {
  readonly role: string;
  readonly table: string;
  readonly privilege: string;
  /** Null: all of them. */
  readonly column: string | null;
}

/** The declaration as rows, one a privilege. */
export function declaredGrants(): Grant[] {
  return Object.entries(GRANTS).flatMap(([table, granted]) =>
    (Object.keys(ROLES) as Role[]).flatMap((role): Grant[] => {
      const grant = { role: ROLES[role], table };
      return (granted[role] ?? []).flatMap((held): Grant[] =>
        typeof held === 'string'
          ? [{ ...grant, privilege: held, column: null }]
          : held.columns.map((column) => ({ ...grant, privilege: held.may, column })),
      );
    }),
  );
}

/**
 * Gives what is declared and missing, for the tables and roles that there are: an older backup is
 * restored with the migrations that it knew. Takes nothing away: what was given beside is no accident,
 * and the start refuses it where it concerns the log (log-guard.ts). As the owner.
 */
export async function grantDeclared(db: Database): Promise<void> {
  const grants = declaredGrants();
  const { rows } = await sql<{ statement: string }>`
    select format('grant %s%s on public.%I to %I', g.privilege,
      case when g.named is null then '' else format(' (%I)', g.named) end, c.relname, r.rolname) as statement
    from unnest(${grants.map(({ role }) => role)}::text[], ${grants.map(({ table }) => table)}::text[],
      ${grants.map(({ privilege }) => privilege)}::text[],
      ${grants.map(({ column }) => column)}::text[]) as g(role, held, privilege, named)
    join pg_roles r on r.rolname = g.role
    join pg_class c on c.relname = g.held and c.relnamespace = 'public'::regnamespace
    left join pg_attribute a on a.attrelid = c.oid and a.attname = g.named and not a.attisdropped
    where not exists (
      select from aclexplode(case when g.named is null then c.relacl else a.attacl end) x
      where x.grantee = r.oid and x.privilege_type = upper(g.privilege))
      and (g.named is null or a.attname is not null)`.execute(db);
  for (const { statement } of rows) await sql.raw(statement).execute(db);
}
