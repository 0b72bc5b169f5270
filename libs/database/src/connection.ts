/**
 * Connections to PostgreSQL. Every statement is a prepared one, named after its text: planning a
 * five-table join costs more than running it. So statement texts must come from a bounded set:
 * use `= any($1)` and unnest, never a list of parameters of varying length.
 */
import { createHash } from 'node:crypto';
import { Kysely, PostgresDialect, type PostgresPool, type PostgresPoolClient, sql } from 'kysely';
import pg from 'pg';
import { asParameter } from './array-literal.js';
import { ROLES } from './grants.js';
import type { Database, Tables, Transaction } from './tables.js';

export interface ConnectionOptions {
  /** Connections in the pool. */
  readonly max?: number;
  readonly applicationName?: string;
  /**
   * `app` (the default): flywheel_app; `projector`: flywheel_projector, for whatever makes read models.
   * `owner`: whoever the address names, for migrations, and to end what the same login does elsewhere.
   */
  readonly as?: 'app' | 'projector' | 'owner';
  /** For what can be done again from the log: a commit does not wait for the disk. Never for the log or deliveries. */
  readonly rebuildable?: boolean;
}

export const APP_ROLE = ROLES.app;
const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Settings of every session: who we are, where names are looked for (whoever may make schemas could
 * else make one of our own name, which would come first), and bounds that keep a dead or stuck session
 * from holding locks.
 */
export function clientConfig(url: string, options: ConnectionOptions = {}): pg.ClientConfig {
  const { as = 'app' } = options;
  const role = as === 'owner' ? '' : `-c role=${ROLES[as]}`;
  const commit = options.rebuildable ? '-c synchronous_commit=off' : '';
  return {
    connectionString: url,
    application_name: `flywheel ${options.applicationName ?? ''}`.trim(),
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    options:
      `${role} ${commit} -c search_path=public -c jit=off -c idle_in_transaction_session_timeout=60000 -c tcp_user_timeout=30000`.trim(),
  };
}

export function openDatabase(url: string, options: ConnectionOptions = {}): Database {
  const pool = new pg.Pool({ ...clientConfig(url, options), max: options.max ?? 10 });
  // A server that restarts breaks idle connections; the pool replaces them. Without a listener Node would exit.
  pool.on('error', () => {});
  // The pool takes its listener off a client that is checked out; whoever uses it hears of the error by its query.
  pool.on('connect', (client) => client.on('error', () => {}));
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool: preparing(pool) }) });
}

/** From here to its end the transaction works as another role that the login may become. */
export async function workAs(tx: Transaction, role: 'app' | 'projector'): Promise<void> {
  await sql`set local role ${sql.id(ROLES[role])}`.execute(tx);
}

const names = new Map<string, string>();
const MAX_NAMES = 2_000;

/** The name under which a statement is prepared, or none when too many different texts were seen. */
export function statementName(text: string): string | undefined {
  const known = names.get(text);
  if (known !== undefined) return known;
  if (names.size >= MAX_NAMES) return undefined;
  const name = `f${createHash('sha1').update(text).digest('base64url').slice(0, 20)}`;
  names.set(text, name);
  return name;
}

const PREPARABLE = /^\s*(select|with|insert|update|delete)\b/i;
type Wrapped = PostgresPoolClient & { flywheel?: true };

const parameters = (values: unknown): unknown =>
  Array.isArray(values) ? values.map(asParameter) : values;

/** The pool as Kysely sees it, naming each statement and writing its arrays. */
function preparing(pool: pg.Pool): PostgresPool {
  return {
    connect: async () => {
      const client = (await pool.connect()) as unknown as Wrapped & pg.PoolClient;
      if (client.flywheel) return client;
      const query = client.query.bind(client) as (...args: unknown[]) => unknown;
      const prepared = (text: unknown, values?: unknown, ...rest: unknown[]): unknown => {
        if (typeof text !== 'string' || !PREPARABLE.test(text)) return query(text, values, ...rest);
        return query({ name: statementName(text), text, values: parameters(values) }, ...rest);
      };
      return Object.assign(client, { query: prepared, flywheel: true as const });
    },
    end: () => pool.end(),
  } as PostgresPool;
}
