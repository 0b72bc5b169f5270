/** A creator's months: what is sealed of each, and what has become known since. */
import { type RawBuilder, sql } from 'kysely';
import {
  CREATOR_FIGURES,
  type CreatorFigure,
  REFERRER_FIGURES,
  type ReferrerFigure,
} from '#libs/ledger';
import type { SealedName } from '#libs/vault';
import { type Read, type ReadSource, readOf, type Select, table } from './read.queries.js';
import {
  ALL_STATE,
  type AmountColumns,
  amountsJson,
  type CreatorAmountsRow,
  creatorDifference,
  creatorKnown,
  earliestOf,
  isMonth,
  latestSnapshots,
  type ReferrerAmountsRow,
  referrerDifference,
} from './stated.queries.js';

/** One sealed version. */
export interface SnapshotRow {
  readonly month: string;
  readonly version: number;
  readonly snapshot: string;
  readonly position: string;
  readonly digest: string;
  readonly pages: number;
  readonly lines: number;
  readonly sealed_at: number;
  readonly from_at: number;
  readonly to_at: number;
  readonly time_zone: string;
  readonly tz_version: string;
  /** StoredTotals as JSON. */
  readonly totals: string;
  readonly forced: boolean;
  readonly reason: string | null;
  readonly replaces: string | null;
}

export const snapshotRows = (
  schema: string,
  creatorId: string,
  condition: RawBuilder<unknown> = sql`true`,
): Select<SnapshotRow> => sql`
  select s.month, s.version, s.snapshot, s.position::text, s.digest, s.pages, s.lines, s.sealed_at,
    s.from_at, s.to_at, s.time_zone, s.tz_version, s.totals, s.forced, s.reason, s.replaces
  from ${table(schema, 'snapshots')} s
  where s.creator_id = ${creatorId} and ${condition} order by s.month, s.version`;

const listOf = (rows: RawBuilder<unknown>): RawBuilder<unknown> =>
  sql`(select coalesce(json_agg(r), '[]') from (${rows}) r)`;

export interface MonthsRow {
  /** Every version of every closed month, in order. */
  readonly snapshots: readonly SnapshotRow[];
  /** The earliest month known to have an event; null: none has. */
  readonly earliest: string | null;
  /** Pending of the creator's figures, of closed months and those before the first. */
  readonly pending: readonly CreatorAmountsRow[];
}

/** One row. */
export function creatorMonthsStated(
  source: ReadSource,
  creatorId: string,
): Promise<Read<MonthsRow> | undefined> {
  const { schema } = source;
  const months = (column: RawBuilder<unknown>): RawBuilder<unknown> => sql`
    ${column} <= (select max(c.month) from ${table(schema, 'snapshots')} c where c.creator_id = ${creatorId})`;
  return readOf(
    source,
    creatorId,
    sql`
      select ${listOf(snapshotRows(schema, creatorId))} as snapshots,
        (${earliestOf(schema, sql`${creatorId}`)}) as earliest,
        ${listOf(creatorDifference(schema, { creatorId, months, stating: ALL_STATE }))} as pending`,
  );
}

/** A line that came after all that is stated of its month. Amounts are signed. */
export interface PendingLineRow {
  readonly position: string;
  readonly event_id: string;
  readonly event_type: string;
  readonly kind: string;
  readonly source_id: string;
  readonly payment_id: string;
  readonly at: number;
  readonly day: string;
  readonly member_id: string;
  readonly referrer_id: string;
  readonly currency: string;
  readonly count: string;
  readonly sale_minor: string;
  readonly member_minor: string;
  readonly creator_minor: string;
  readonly platform_minor: string;
}

export interface MonthRow {
  readonly snapshots: readonly SnapshotRow[];
  readonly earliest: string | null;
  readonly first: string | null;
  readonly last: string | null;
  /** What is known now. */
  readonly live: readonly CreatorAmountsRow[];
  readonly members: string;
  readonly total_referrals: string;
  /** Seals of later months that carry something of this one. */
  readonly carried: readonly Pick<SnapshotRow, 'month' | 'version' | 'totals'>[];
  readonly pending: readonly CreatorAmountsRow[];
  readonly pending_referrers: readonly ReferrerAmountsRow[];
  readonly pending_lines: readonly PendingLineRow[];
}

export interface MonthArgs {
  readonly creatorId: string;
  readonly month: string;
  /** First day of the month after. */
  readonly before: string;
  /** Instants around the month, so that an index leads to its lines: days are stamped. */
  readonly from: number;
  readonly to: number;
  /** Rows of each list, one more than will be shown. */
  readonly limit: number;
}

/** A month in full, one row. What is pending of a month that no snapshot states yet is empty: it is open. */
export function monthStated(
  source: ReadSource,
  args: MonthArgs,
): Promise<Read<MonthRow> | undefined> {
  const { schema } = source;
  const { creatorId, month, before, limit } = args;
  const compared = { creatorId, months: isMonth(month), stating: ALL_STATE };
  const isStated = sql`${month} <= (
    select max(c.month) from ${table(schema, 'snapshots')} c where c.creator_id = ${creatorId})`;
  const ifStated = (rows: RawBuilder<unknown>): RawBuilder<unknown> =>
    sql`case when ${isStated} then ${listOf(sql`select * from (${rows}) d limit ${limit}`)} else '[]' end`;
  return readOf(
    source,
    creatorId,
    sql`
      select ${listOf(snapshotRows(schema, creatorId, sql`s.month = ${month}`))} as snapshots,
        (${earliestOf(schema, sql`${creatorId}`)}) as earliest,
        e.first, e.last,
        ${listOf(creatorKnown(schema, compared))} as live,
        (select count(*) from ${table(schema, 'referrals')} where creator_id = ${creatorId}
          and kind = 'signUp' and count <> 0 and day < ${before})::text as members,
        (select coalesce(sum(referrals), 0) from ${table(schema, 'creator_months')}
          where creator_id = ${creatorId} and month <= ${month})::text as total_referrals,
        ${listOf(sql`
          select c.month, c.version, c.totals from (${latestSnapshots(schema, creatorId)}) s
          join ${table(schema, 'snapshots')} c
            on c.creator_id = ${creatorId} and c.month = s.month and c.version = s.version
          where c.month > ${month} order by c.month`)} as carried,
        ${ifStated(creatorDifference(schema, compared))} as pending,
        ${ifStated(referrerDifference(schema, compared))} as pending_referrers,
        ${ifStated(pendingLines(schema, args))} as pending_lines
      from (select min(month) as first, max(month) as last from ${table(schema, 'snapshots')}
        where creator_id = ${creatorId}) e`,
  );
}

/** A stamped day lies this close to its instant in every zone, with room to spare. */
const DAYS_SLACK_SECONDS = 2 * 86_400;

/**
 * What came after the last position up to which the month is stated: that of its own versions, and
 * of later closes, which carry what was pending. A restatement of another month carries nothing new.
 */
const pendingLines = (
  schema: string,
  { creatorId, month, from, to }: MonthArgs,
): Select<PendingLineRow> => sql`
  select l.position::text, v.id as event_id, v.type as event_type, l.kind, l.source_id, l.payment_id,
    l.at, l.day, l.member_id, l.referrer_id, l.currency, l.count::text, l.sale_minor::text,
    l.member_minor::text, l.creator_minor::text, l.platform_minor::text
  from ${table(schema, 'lines')} l join events v on v.position = l.position
  where l.creator_id = ${creatorId} and l.month = ${month}
    and l.at >= ${from - DAYS_SLACK_SECONDS}::bigint and l.at < ${to + DAYS_SLACK_SECONDS}::bigint
    and l.position > (select max(p.position) from ${table(schema, 'snapshots')} p
      where p.creator_id = ${creatorId}
        and (p.month = ${month} or (p.month > ${month} and p.replaces is null)))
  order by l.position, l.n`;

/** One line of a snapshot, as a row of a list: how a member stood, with the figures of a currency of a month. */
export interface SnapshotLineRow {
  readonly kind: 'creator' | 'member';
  readonly member_id: string;
  readonly name: SealedName | null;
  readonly rank: string | null;
  readonly tier: string | null;
  readonly total_referrals: string | null;
  /** '' for a member without any figures of their own. */
  readonly origin: string;
  readonly currency: string;
  readonly referrer: AmountColumns<ReferrerFigure> | null;
  readonly creator: AmountColumns<CreatorFigure> | null;
}

/** Every line of a snapshot: the creator's, then the members' by rank, then by id. */
export const snapshotLineRows = (
  schema: string,
  { creatorId, snapshot }: { readonly creatorId: string; readonly snapshot: string },
): Select<SnapshotLineRow> => sql`
  select x.kind, x.member_id, p.shown as name, x.rank::text, x.tier, x.total_referrals::text,
    x.origin, x.currency, x.referrer, x.creator
  from (
    select 'creator' as kind, '' as member_id, null::bigint as rank, null as tier, null::bigint as total_referrals,
      c.origin, c.currency, null::json as referrer, ${amountsJson(CREATOR_FIGURES, 'c')} as creator
    from ${table(schema, 'snapshot_creators')} c
    where c.creator_id = ${creatorId} and c.snapshot = ${snapshot}
    union all
    select 'member', m.member_id, nullif(m.rank, 0), m.tier, m.total_referrals,
      coalesce(l.origin, ''), coalesce(l.currency, ''),
      case when l.origin is not null then ${amountsJson(REFERRER_FIGURES, 'l')} end, null
    from ${table(schema, 'snapshot_members')} m
    left join ${table(schema, 'snapshot_referrers')} l
      on l.creator_id = ${creatorId} and l.snapshot = m.snapshot and l.member_id = m.member_id
    where m.snapshot = ${snapshot}) x
  left join profiles p on p.creator_id = ${creatorId} and p.member_id = x.member_id
  order by x.kind, x.rank nulls last, x.member_id, x.origin, x.currency`;
