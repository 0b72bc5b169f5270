/** What read models say of one figure, for the explanation that stands beside it. */
import { type RawBuilder, sql } from 'kysely';
import {
  CREATOR_FIGURES,
  type CreatorFigure,
  REFERRER_FIGURES,
  type ReferrerFigure,
} from '#libs/ledger';
import type { SealedName } from '#libs/vault';
import { type Read, type ReadSource, readOf, table } from './read.queries.js';
import {
  ALL_STATE,
  type AmountColumns,
  amountsJson,
  creatorDifference,
  creatorKnown,
  isMonth,
  referrerDifference,
  referrerKnown,
} from './stated.queries.js';

interface Cell {
  readonly creatorId: string;
  /** Absent: the creator. */
  readonly memberId?: string | undefined;
}

export interface CellRow {
  readonly currency: string;
  readonly amounts: AmountColumns<CreatorFigure> | AmountColumns<ReferrerFigure>;
}

/** Known of a month, or of all up to it: of the creator, or of one member or all as referrers. */
export function cellsKnown(
  source: ReadSource,
  asked: Cell & {
    readonly month: string;
    readonly through: boolean;
    readonly ofReferrers: boolean;
  },
): Promise<Read<CellRow> | undefined> {
  const { creatorId, memberId, month, through, ofReferrers } = asked;
  const months = (column: RawBuilder<unknown>): RawBuilder<unknown> =>
    through ? sql`${column} <= ${month}` : sql`${column} = ${month}`;
  const rows = ofReferrers
    ? referrerKnown(source.schema, {
        creatorId,
        months,
        ...(memberId === undefined ? {} : { memberId }),
      })
    : creatorKnown(source.schema, { creatorId, months });
  return readOf<CellRow>(source, creatorId, rows);
}

/** Pending of a closed month: of the creator, or of one member or all as referrers. */
export function cellsPending(
  source: ReadSource,
  {
    creatorId,
    memberId,
    month,
    ofReferrers,
  }: Cell & { readonly month: string; readonly ofReferrers: boolean },
): Promise<Read<CellRow> | undefined> {
  const compared = { creatorId, months: isMonth(month), stating: ALL_STATE };
  const rows = ofReferrers
    ? sql`select * from (${referrerDifference(source.schema, compared)}) d
        where ${memberId === undefined ? sql`true` : sql`d.member_id = ${memberId}`}`
    : creatorDifference(source.schema, compared);
  return readOf<CellRow>(source, creatorId, rows);
}

/** What the read models hold of one sealed version. */
export interface SealedCellsRow {
  /** StoredTotals as JSON. */
  readonly totals: string;
  readonly total_referrals: string | null;
  readonly tier: string | null;
  readonly rank: string | null;
  /** Of the member, of the origin asked for. */
  readonly referrer: readonly CellRow[] | null;
  readonly creator: readonly CellRow[] | null;
}

/** No row: the read models know of no such version. */
export function cellsSealed(
  source: ReadSource,
  asked: Cell & { readonly month: string; readonly version: number; readonly origin: string },
): Promise<Read<SealedCellsRow> | undefined> {
  const { schema } = source;
  const { creatorId, memberId = '', month, version, origin } = asked;
  const rows = (name: string, names: readonly string[], also: RawBuilder<unknown>) => sql`(
    select json_agg(json_build_object('currency', l.currency, 'amounts', ${amountsJson(names, 'l')}))
    from ${table(schema, name)} l
    where l.creator_id = ${creatorId} and l.snapshot = s.snapshot and l.origin = ${origin} ${also})`;
  return readOf<SealedCellsRow>(
    source,
    creatorId,
    sql`
      select s.totals, m.total_referrals::text, m.tier, nullif(m.rank, 0)::text as rank,
        ${rows('snapshot_referrers', REFERRER_FIGURES, sql`and l.member_id = ${memberId}`)} as referrer,
        ${rows('snapshot_creators', CREATOR_FIGURES, sql``)} as creator
      from ${table(schema, 'snapshots')} s
      left join ${table(schema, 'snapshot_members')} m
        on m.snapshot = s.snapshot and m.member_id = ${memberId}
      where s.creator_id = ${creatorId} and s.month = ${month} and s.version = ${version}`,
  );
}

/** What people are called, of members by id; who has no profile is not there. */
export async function profilesOf(
  { db }: Pick<ReadSource, 'db'>,
  { creatorId, memberIds }: { readonly creatorId: string; readonly memberIds: readonly string[] },
): Promise<ReadonlyMap<string, SealedName>> {
  const { rows } = await sql<{ member_id: string; name: SealedName | null }>`
    select member_id, shown as name from profiles
    where creator_id = ${creatorId} and member_id = any(${[...memberIds]}::text[])`.execute(db);
  return new Map(rows.flatMap(({ member_id, name }) => (name === null ? [] : [[member_id, name]])));
}
