/**
 * The log's lines about somebody, whatever the read models hold: what explanations are made of.
 *
 * Lines about a referrer lie in the streams of other members. Which streams those are is asked of
 * the log: nobody becomes a referrer but by a ClaimResolved or a ReferrerCorrected in the very
 * stream, and an index (migrations/0009-explain.ts) leads from whom they name to where they are. Read
 * models may name further streams; they only ever add places to look, so that a row that is lost,
 * altered or invented there changes nothing of what is found.
 */
import { type RawBuilder, sql } from 'kysely';
import type { Database } from '#libs/database';
import { type LineKind, memberStream } from '#libs/ledger';
import { expanded } from './log-lines.js';

/** Which log is read, and how far. */
export interface LogReading {
  readonly creatorId: string;
  /** Events after it are not read. */
  readonly position: bigint;
  /** Of the read models that are asked where else to look. */
  readonly schema: string;
}

/** A select of lines: `position, n, creator_id, member_id` and what `log-lines.ts` reads of a line. */
export type LinesSelect = RawBuilder<unknown>;

const through = ({ position }: LogReading): RawBuilder<unknown> =>
  sql`e.position <= ${String(position)}::bigint`;

/** All streams of a creator's members: '/' is the character after the dot. */
export const ofCreator = ({ creatorId }: LogReading): RawBuilder<unknown> =>
  sql`e.stream >= ${`member-${creatorId}.`}::text and e.stream < ${`member-${creatorId}/`}::text`;

/** Streams of members whose claims or corrections name the referrer: where the log says to look. */
export const streamsClaiming = (
  reading: LogReading,
  referrerId: string,
): RawBuilder<unknown> => sql`
  select e.stream from public.events e
  where e.type in ('ClaimResolved', 'ReferrerCorrected')
    and coalesce(e.data ->> 'member', e.data ->> 'referrer') = ${referrerId}::text
    and ${ofCreator(reading)} and ${through(reading)}`;

/** And those in which a read model has a line of theirs. */
const streamsNaming = (reading: LogReading, referrerId: string): RawBuilder<unknown> => {
  const { creatorId, schema } = reading;
  const listed = (table: string, where: RawBuilder<unknown>): RawBuilder<unknown> => sql`
    select ${`member-${creatorId}.`}::text || t.member_id from ${sql.id(schema, table)} t
    where t.creator_id = ${creatorId}::text and t.referrer_id = ${referrerId}::text and ${where}`;
  return sql`
    ${streamsClaiming(reading, referrerId)}
    union ${listed('referrals', sql`t.count <> 0`)}
    union ${listed('lines', sql`t.kind in ('sale', 'reversal') and t.referrer_id <> ''`)}`;
};

/** Lines that name this member as the referrer. */
export const linesNaming = (reading: LogReading, referrerId: string): LinesSelect => sql`
  select * from (${expanded(sql`
    e.stream = any(array(${streamsNaming(reading, referrerId)})) and ${through(reading)}`)}) named
  where named.referrer_id = ${referrerId}::text`;

/** Lines of the facts of one member, whoever referred them. */
export const linesOfMember = (reading: LogReading, memberId: string): LinesSelect =>
  expanded(
    sql`e.stream = ${memberStream(reading.creatorId, memberId)}::text and ${through(reading)}`,
  );

/** Months of lines, both included, `YYYY-MM`. */
export interface MonthsOfLines {
  readonly from: string;
  readonly to: string;
  /** Events that have no line of these kinds are not taken apart; absent: all are. */
  readonly kinds?: readonly LineKind[];
}

/**
 * Lines of all members of a creator that lie in these months. A fact's own lines have its day, so
 * events of other months are not even taken apart; restated ones may be of any month.
 */
export const linesOfCommunity = (
  reading: LogReading,
  { from, to, kinds }: MonthsOfLines,
): LinesSelect => sql`
  select * from (${expanded(sql`${ofCreator(reading)} and ${through(reading)}
    ${kinds === undefined ? sql`` : sql`and (${hasAny(kinds)})`} and (e.type = 'CommissionRestated'
      or left(e.data ->> 'day', 7) between ${from}::text and ${to}::text)`)}) told
  where left(told.day, 7) between ${from}::text and ${to}::text`;

/** A stored line is an array that begins with its kind. */
const hasAny = (kinds: readonly LineKind[]): RawBuilder<unknown> =>
  sql.join(
    kinds.map((kind) => sql`e.data -> 'lines' @> ${JSON.stringify([[kind]])}::text::jsonb`),
    sql` or `,
  );

/** Lines about one payment, refund or dispute: of the stream to which it leads. */
export const linesOfSource = (reading: LogReading, sourceId: string): LinesSelect => sql`
  select * from (${expanded(sql`e.stream in (
      select r.stream from public.routes r
      where r.key in (${`payment:${sourceId}`}::text, ${`reversal:${sourceId}`}::text))
    and ${ofCreator(reading)} and ${through(reading)}`)}) told
  where told.source_id = ${sourceId}::text`;

/** A line of the log, with the header of the event that says it. Amounts are signed, in minor units. */
export interface LogLine {
  readonly position: bigint;
  readonly n: number;
  readonly eventId: string;
  readonly type: string;
  readonly stream: string;
  /** Unix seconds of what the event tells. */
  readonly effectiveAt: number;
  /** Unix milliseconds. */
  readonly recordedAt: number;
  readonly kind: LineKind;
  readonly sourceId: string;
  readonly paymentId: string;
  readonly first: boolean;
  readonly at: number;
  readonly day: string;
  readonly memberId: string;
  readonly referrerId: string | null;
  readonly currency: string | null;
  readonly count: bigint;
  readonly saleMinor: bigint;
  readonly memberMinor: bigint;
  readonly creatorMinor: bigint;
  readonly platformMinor: bigint;
}

type LogLineRow = Readonly<Record<'count' | 'position' | 'effective_at' | 'recorded_at', string>> &
  Readonly<Record<'at' | 'sale_minor' | 'member_minor' | 'creator_minor', string>> &
  Readonly<Record<'platform_minor' | 'event_id' | 'type' | 'stream', string>> &
  Readonly<Record<'source_id' | 'payment_id' | 'day' | 'member_id' | 'currency', string>> & {
    readonly n: number;
    readonly first: boolean;
    readonly kind: LineKind;
    readonly referrer_id: string;
  };

/** Every line of a select, in the order of the log. */
export async function readLogLines(
  db: Pick<Database, 'getExecutor'>,
  lines: LinesSelect,
): Promise<readonly LogLine[]> {
  const { rows } = await sql<LogLineRow>`
    select l.*, v.id as event_id, v.type, v.stream,
      date_part('epoch', v.effective_at)::bigint as effective_at,
      (date_part('epoch', v.recorded_at) * 1000)::bigint as recorded_at
    from (${lines}) l join public.events v on v.position = l.position
    order by l.position, l.n`.execute(db);
  return rows.map(logLine);
}

const logLine = (row: LogLineRow): LogLine => ({
  position: BigInt(row.position),
  n: row.n,
  eventId: row.event_id,
  type: row.type,
  stream: row.stream,
  effectiveAt: Number(row.effective_at),
  recordedAt: Number(row.recorded_at),
  kind: row.kind,
  sourceId: row.source_id,
  paymentId: row.payment_id,
  first: row.first,
  at: Number(row.at),
  day: row.day,
  memberId: row.member_id,
  referrerId: row.referrer_id === '' ? null : row.referrer_id,
  currency: row.currency === '' ? null : row.currency,
  count: BigInt(row.count),
  saleMinor: BigInt(row.sale_minor),
  memberMinor: BigInt(row.member_minor),
  creatorMinor: BigInt(row.creator_minor),
  platformMinor: BigInt(row.platform_minor),
});
