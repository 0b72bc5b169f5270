import { sql } from 'kysely';
import type { Database } from './tables.js';

/** The server does not keep what it acknowledges, or is too old; the code is stable. */
export class DurabilityError extends Error {
  override readonly name = 'DurabilityError';

  constructor(
    readonly code: 'not_durable' | 'server_too_old',
    message: string,
  ) {
    super(message);
  }
}

export interface ServerSettings {
  readonly fsync: string;
  readonly synchronousCommit: string;
  readonly fullPageWrites: string;
  /** Such as 150003 for 15.3. */
  readonly version: number;
}

const OLDEST_MAJOR = 15;

/**
 * Refuses a server that would lose acknowledged facts in a power cut, or that is older than
 * PostgreSQL 15. Every synchronous_commit but `off` waits for the server's own disk.
 */
export async function verifyDurability(db: Database): Promise<void> {
  const { rows } = await sql<ServerSettings>`
    select current_setting('fsync') as fsync,
           current_setting('synchronous_commit') as "synchronousCommit",
           current_setting('full_page_writes') as "fullPageWrites",
           current_setting('server_version_num')::int as version`.execute(db);
  const [settings] = rows;
  const refusal = settings && durabilityRefusal(settings);
  if (refusal !== undefined) throw refusal;
}

/** Why a server with these settings is refused, if it is. */
export function durabilityRefusal(settings: ServerSettings): DurabilityError | undefined {
  if (settings.version < OLDEST_MAJOR * 10_000)
    return new DurabilityError(
      'server_too_old',
      `The database server is PostgreSQL ${Math.floor(settings.version / 10_000)}, and Flywheel ` +
        `needs ${OLDEST_MAJOR} or newer: upgrade it, or unset DATABASE_URL to use the embedded one.`,
    );
  const off = [
    settings.fsync === 'on' ? [] : ['fsync'],
    settings.synchronousCommit === 'off' ? ['synchronous_commit'] : [],
    settings.fullPageWrites === 'on' ? [] : ['full_page_writes'],
  ].flat();
  if (off.length === 0) return undefined;
  return new DurabilityError(
    'not_durable',
    `The database server would lose acknowledged facts in a power cut: switch on ` +
      `${off.join(', ')} (postgresql.conf, or alter system, database or role), then restart.`,
  );
}
