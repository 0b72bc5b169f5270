/** Members of a month, a page at a time: as a version states them, and where that is not what is known. */
import { type RawBuilder, sql } from 'kysely';
import { REFERRER_FIGURES, type ReferrerFigure } from '#libs/ledger';
import { snake } from '#libs/projector';
import type { SealedName } from '#libs/vault';
import { snapshotRows } from './months.queries.js';
import {
  type PageArgs,
  type Read,
  type ReadSource,
  readOf,
  type Select,
  table,
} from './read.queries.js';
import { type AmountColumns, amountsJson, latestSnapshots } from './stated.queries.js';

interface OfMonth {
  readonly creatorId: string;
  readonly month: string;
}

/** How a member stands in a version, with every figure that it states of them. */
export interface SealedMemberLinesRow {
  readonly member_id: string;
  readonly name: SealedName | null;
  readonly rank: string | null;
  readonly tier: string;
  readonly pinned: boolean;
  readonly total_referrals: string;
  /** Those of the month itself first; of an earlier origin they are carried. */
  readonly figures: readonly {
    readonly origin: string;
    readonly currency: string;
    readonly amounts: AmountColumns<ReferrerFigure>;
  }[];
}

/** Rank 0: none. */
export interface SealedPlace {
  readonly rank: bigint;
  readonly memberId: string;
}

export interface SealedMembersArgs extends OfMonth, PageArgs<SealedPlace> {
  /** Absent: the latest. */
  readonly version?: number | undefined;
}

/**
 * By rank, then those without one by id; beside them the versions of the month, in order: none means
 * that no snapshot states it. Each page is found by an index, however many members there are.
 */
export function sealedMembers(
  source: ReadSource,
  { creatorId, month, version, limit, after }: SealedMembersArgs,
): Promise<Read<SealedMemberLinesRow> | undefined> {
  const { schema } = source;
  const ofMonth = sql`s.month = ${month}`;
  const snapshot = sql`(select s.snapshot from ${table(schema, 'snapshots')} s
    where s.creator_id = ${creatorId} and ${ofMonth}
      and ${version === undefined ? sql`true` : sql`s.version = ${version}`}
    order by s.version desc limit 1)`;
  const members = (where: RawBuilder<unknown>, order: RawBuilder<unknown>) => sql`
    (select m.* from ${table(schema, 'snapshot_members')} m
    where m.snapshot = ${snapshot} and ${where} order by ${order} limit ${limit})`;
  const { rank = 0n, memberId = '' } = after ?? {};
  const isPastRanked = after !== undefined && rank === 0n;
  const ranked = members(sql`m.rank > 0 and m.rank > ${String(rank)}::bigint`, sql`m.rank`);
  const unranked = members(
    sql`m.rank = 0 and m.member_id > ${isPastRanked ? memberId : ''}`,
    sql`m.member_id`,
  );
  const rows = sql`
    select k.member_id, p.shown as name, nullif(k.rank, 0)::text as rank, k.tier, k.pinned,
      k.total_referrals::text, coalesce(f.figures, '[]') as figures
    from (
      select * from (${isPastRanked ? unranked : sql`${ranked} union all ${unranked}`}) r
      order by r.rank = 0, r.rank, r.member_id limit ${limit}) k
    left join profiles p on p.creator_id = ${creatorId} and p.member_id = k.member_id
    left join lateral (
      select json_agg(json_build_object('origin', l.origin, 'currency', l.currency,
        'amounts', ${amountsJson(REFERRER_FIGURES, 'l')}) order by l.origin desc, l.currency) as figures
      from ${table(schema, 'snapshot_referrers')} l
      where l.creator_id = ${creatorId} and l.snapshot = k.snapshot and l.member_id = k.member_id) f on true
    order by k.rank = 0, k.rank, k.member_id`;
  return readOf(source, creatorId, rows, snapshotRows(schema, creatorId, ofMonth));
}

/** A member's figures of a currency in a month that are not what is stated of them. */
export interface DriftRow {
  readonly member_id: string;
  readonly name: SealedName | null;
  readonly currency: string;
  /** By the latest version of the month. */
  readonly sealed: AmountColumns<ReferrerFigure>;
  /** By later closes. */
  readonly carried: AmountColumns<ReferrerFigure>;
  readonly known: AmountColumns<ReferrerFigure>;
}

export interface DriftPlace {
  readonly memberId: string;
  readonly currency: string;
}

/** The latest closed month; null: none is. */
export interface LastClosedRow {
  readonly last: string | null;
}

/** By member and currency; beside them the latest closed month: a later one is open. */
export function driftOfMonth(
  source: ReadSource,
  { creatorId, month, limit, after }: OfMonth & PageArgs<DriftPlace>,
): Promise<Read<DriftRow> | undefined> {
  const { schema } = source;
  const rest = (from: RawBuilder<unknown>): RawBuilder<unknown> =>
    after === undefined
      ? sql`true`
      : sql`(${from}.member_id, ${from}.currency) > (${after.memberId}::text, ${after.currency}::text)`;
  const columns = (from: string) =>
    sql.join(REFERRER_FIGURES.map((name) => sql`${sql.ref(from)}.${sql.ref(snake(name))}`));
  const rows = sql`
    select g.*, p.shown as name from (
      select d.member_id, d.currency, ${sumsOf('sealed')} as sealed, ${sumsOf('carried')} as carried,
        ${sumsOf('known')} as known
      from (
        select 'known' as said, k.member_id, k.currency, ${columns('k')}
        from ${table(schema, 'member_months')} k
        where k.creator_id = ${creatorId} and k.month = ${month} and ${rest(sql`k`)}
        union all
        select case when s.month = ${month} then 'sealed' else 'carried' end, l.member_id, l.currency,
          ${columns('l')}
        from ${table(schema, 'snapshot_referrers')} l
        join (${latestSnapshots(schema, creatorId)}) s on s.snapshot = l.snapshot
        where l.creator_id = ${creatorId} and l.origin = ${month} and ${rest(sql`l`)}) d
      group by d.member_id, d.currency having ${DIFFERS}
      order by d.member_id, d.currency limit ${limit}) g
    left join profiles p on p.creator_id = ${creatorId} and p.member_id = g.member_id
    order by g.member_id, g.currency`;
  const last: Select<LastClosedRow> = sql`
    select max(c.month) as last from ${table(schema, 'snapshots')} c where c.creator_id = ${creatorId}`;
  return readOf(source, creatorId, rows, last);
}

/** A JSON object of what one side says, as texts. */
function sumsOf(said: 'sealed' | 'carried' | 'known'): RawBuilder<unknown> {
  const pairs = REFERRER_FIGURES.map(
    (name) => sql`${sql.lit(name)}, coalesce(sum(d.${sql.ref(snake(name))})
      filter (where d.said = ${sql.lit(said)}), 0)::text`,
  );
  return sql`json_build_object(${sql.join(pairs)})`;
}

/** Known is not what is stated, by any figure. */
const DIFFERS = sql.join(
  REFERRER_FIGURES.map((name) => {
    const column = sql`d.${sql.ref(snake(name))}`;
    return sql`sum(case when d.said = 'known' then ${column} else -${column} end) <> 0`;
  }),
  sql` or `,
);
