/** How a row of `events` is read: the columns that a select names, and the recorded event they make. */
import { sql } from 'kysely';
import type { JsonObject, RecordedEvent } from '../event-store.js';

/** Times as whole numbers: parsing timestamps into Dates would cost more than all the rest of a row. */
export const milliseconds = (moment: ReturnType<typeof sql>) =>
  sql`(date_part('epoch', ${moment}) * 1000)::bigint`;

/** Of `events`, without an alias. */
export const EVENT_COLUMNS = sql`
  position, stream, revision, id, type,
  date_part('epoch', effective_at)::bigint as effective_at,
  ${milliseconds(sql`recorded_at`)} as recorded_at,
  data, metadata`;

export interface EventRow {
  readonly position: string;
  readonly stream: string;
  readonly revision: string;
  readonly id: string;
  readonly type: string;
  readonly effective_at: string;
  readonly recorded_at: string;
  readonly data: JsonObject;
  readonly metadata: JsonObject;
}

export function recordedEvent(row: EventRow): RecordedEvent {
  return {
    position: BigInt(row.position),
    stream: row.stream,
    revision: BigInt(row.revision),
    id: row.id,
    type: row.type,
    effectiveAt: Number(row.effective_at),
    recordedAt: Number(row.recorded_at),
    data: row.data,
    metadata: row.metadata,
  };
}
