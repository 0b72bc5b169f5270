/** What each check found when it was last run, kept for health, metrics and whoever asks later. */
import { sql } from 'kysely';
import type { Database } from '#libs/database';
import type { Check, Severity, Violation } from './check.js';
import { checks } from './register.js';
import type { ChecksRun } from './run-checks.js';

export interface LastResult {
  readonly name: string;
  readonly severity: Severity;
  readonly holds: boolean;
  readonly violations: number;
  readonly first: readonly Violation[];
  /** Of the read models that were checked. */
  readonly position: bigint;
  readonly durationMs: number;
  /** Unix milliseconds. */
  readonly ranAt: number;
}

/** Replaces what was known of the checks of this run. */
export async function keepResults(db: Database, { results, position }: ChecksRun): Promise<void> {
  await sql`
    insert into check_results (name, severity, violations, first, position, duration_ms, ran_at)
    select v.name, v.severity, v.violations, v.first, ${String(position)}::bigint, v.ms, clock_timestamp()
    from unnest(
      ${results.map(({ name }) => name)}::text[], ${results.map(({ severity }) => severity)}::text[],
      ${results.map(({ violations }) => violations)}::bigint[],
      ${results.map(({ first }) => JSON.stringify(first))}::jsonb[],
      ${results.map(({ durationMs }) => Math.round(durationMs))}::integer[]
    ) as v (name, severity, violations, first, ms)
    on conflict (name) do update set severity = excluded.severity, violations = excluded.violations,
      first = excluded.first, position = excluded.position, duration_ms = excluded.duration_ms,
      ran_at = excluded.ran_at`.execute(db);
}

/** Whether each of these checks was run within so many milliseconds, by the server's clock. */
export async function ranWithin(
  db: Database,
  asked: readonly Pick<Check, 'name'>[],
  ms: number,
): Promise<boolean> {
  const { rows } = await sql<{ recent: string }>`
    select count(*) as recent from check_results
    where name = any(${asked.map(({ name }) => name)}::text[])
      and ran_at > clock_timestamp() - make_interval(secs => ${ms / 1000}::float8)`.execute(db);
  return Number(rows[0]?.recent) === asked.length;
}

/** In the register's order; a check that was never run is absent. */
export async function lastResults(db: Database): Promise<LastResult[]> {
  const rows = await db
    .selectFrom('check_results')
    .select(['name', 'severity', 'violations', 'first', 'position', 'duration_ms', 'ran_at'])
    .execute();
  const known = new Map(rows.map((row) => [row.name, row]));
  const inOrder = checks.flatMap(({ name }) => known.get(name) ?? []);
  return inOrder.map((row) => ({
    name: row.name,
    severity: row.severity,
    holds: row.violations === '0',
    violations: Number(row.violations),
    first: row.first as readonly Violation[],
    position: BigInt(row.position),
    durationMs: row.duration_ms,
    ranAt: row.ran_at.getTime(),
  }));
}
