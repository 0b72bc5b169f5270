/** Rows of `replays` as they are read, and the two ways in which they change. */
import { type RawBuilder, sql } from 'kysely';
import type { Database, ReplayState, Transaction } from '#libs/database';
import type { DifferenceSummary } from '#libs/projector';
import { type Progress, type Promotion, READY_MS, REPLAYS_CHANNEL, type Replay } from './replay.js';

interface ReplayRow {
  readonly id: string;
  readonly state: ReplayState;
  readonly projections: string[] | null;
  readonly until: string | null;
  readonly actor: string;
  readonly reason: string | null;
  readonly register: string;
  readonly automatic: boolean;
  readonly ordered_at: Date;
  readonly revision: string;
  readonly attempts: number;
  readonly started_at: Date | null;
  readonly schema: string | null;
  readonly phase: Progress['phase'] | null;
  readonly at_table: string | null;
  readonly position: string | null;
  readonly head: string | null;
  readonly events_per_second: string | null;
  readonly errors: number;
  readonly code: string | null;
  readonly detail: string | null;
  readonly ready_at: Date | null;
  readonly summary: unknown;
  readonly promote_actor: string | null;
  readonly promote_reason: string | null;
  readonly event_position: string | null;
  readonly ended_at: Date | null;
}

/** Rows of a condition, or of an order and a limit. */
export async function replaysWhere(
  db: Database | Transaction,
  rest: RawBuilder<unknown>,
): Promise<Replay[]> {
  const { rows } = await sql<ReplayRow>`select * from replays ${rest}`.execute(db);
  return rows.map(replayOfRow);
}

/** Changes the rows of a condition, and tells who watches. Returns them as they are then. */
export async function changeReplays(
  db: Database | Transaction,
  set: RawBuilder<unknown>,
  where: RawBuilder<unknown>,
): Promise<Replay[]> {
  const { rows } = await sql<ReplayRow>`
    with changed as (
      update replays set ${set}, touched_at = clock_timestamp(), revision = revision + 1
      where ${where} returning *
    )
    select changed.*, pg_notify(${REPLAYS_CHANNEL}, id::text) from changed`.execute(db);
  return rows.map(replayOfRow);
}

/** Numbers of any size as texts: JSON's own would be rounded. */
export const summaryText = (summary: DifferenceSummary): string =>
  JSON.stringify(summary, (_, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  );

const COUNTS = /^(position|livePosition|rows|stored|compared|missing|extra|changed|delta)$/;

const summaryOf = (stored: unknown): DifferenceSummary | null =>
  stored === null
    ? null
    : JSON.parse(JSON.stringify(stored), (key: string, value: unknown) =>
        COUNTS.test(key) && typeof value === 'string' ? BigInt(value) : value,
      );

const millisecondsOf = (date: Date | null): number | null => date?.getTime() ?? null;

export function replayOfRow(row: ReplayRow): Replay {
  const readyAt = millisecondsOf(row.ready_at);
  return {
    id: row.id,
    state: row.state,
    projections: row.projections,
    until: row.until,
    actor: row.actor,
    reason: row.reason,
    automatic: row.automatic,
    orderedAt: row.ordered_at.getTime(),
    startedAt: millisecondsOf(row.started_at),
    readyAt,
    endedAt: millisecondsOf(row.ended_at),
    expiresAt: row.state === 'ready' && readyAt !== null ? readyAt + READY_MS : null,
    attempts: row.attempts,
    errors: row.errors,
    code: row.code,
    detail: row.detail,
    progress: progressOf(row),
    summary: summaryOf(row.summary),
    promotion: promotionOf(row),
    schema: row.schema,
    register: row.register,
    revision: BigInt(row.revision),
  };
}

function progressOf({
  phase,
  at_table,
  position,
  head,
  events_per_second,
}: ReplayRow): Progress | null {
  if (phase === null) return null;
  return {
    phase,
    table: at_table,
    position: BigInt(position ?? 0),
    head: BigInt(head ?? 0),
    eventsPerSecond: Number(events_per_second ?? 0),
  };
}

function promotionOf({
  promote_actor,
  promote_reason,
  event_position,
}: ReplayRow): Promotion | null {
  if (promote_actor === null || promote_reason === null) return null;
  const position = event_position === null ? null : BigInt(event_position);
  return { actor: promote_actor, reason: promote_reason, position };
}
