/** Who referred most, as of now: straight from the index of the ranking. */
import { type RawBuilder, sql } from 'kysely';
import { type RankedRow, rankedPage } from './ranking-page.queries.js';
import {
  type Ask,
  type AskTypes,
  type Read,
  type ReadSource,
  readEach,
  table,
} from './read.queries.js';

export type { RankedRow } from './ranking-page.queries.js';

export interface RankingArgs {
  readonly creatorId: string;
  readonly month: string;
  /** First day of the month after. */
  readonly before: string;
  /** Whose pins are in force. */
  readonly at: number;
  readonly currency: string;
  readonly limit: number;
  /** Place of the last row of the page before. */
  readonly after?: {
    readonly total: bigint;
    readonly reachedAt: number;
    readonly memberId: string;
  };
}

const ASKED = {
  creatorId: 'text',
  month: 'text',
  at: 'bigint',
  currency: 'text',
} as const satisfies AskTypes;
const ASKED_AFTER = {
  ...ASKED,
  total: 'bigint',
  reachedAt: 'bigint',
  memberId: 'text',
} as const satisfies AskTypes;

/**
 * First pages of today's rankings, all of one length, by one statement: as many answers as asks, in
 * their order. No row is dated after the month, or `has_later` says so and the page must be asked
 * as of the month's end.
 */
export function firstRankingsNow(
  source: ReadSource,
  limit: number,
  asks: readonly Ask<typeof ASKED>[],
): Promise<readonly Read<RankedRow>[] | undefined> {
  const { schema } = source;
  return readEach<RankedRow, typeof ASKED>(
    source,
    {
      name: `ranking now ${limit}`,
      types: ASKED,
      build: (p) => rankedPage(schema, p, rankingNow(schema, p.creatorId, { limit })),
    },
    asks,
  );
}

/** A later page, as `firstRankingsNow` answers the first. */
export async function nextRankingNow(
  source: ReadSource,
  { creatorId, month, at, currency, limit, after }: Required<RankingArgs>,
): Promise<Read<RankedRow> | undefined> {
  const { schema } = source;
  const reads = await readEach<RankedRow, typeof ASKED_AFTER>(
    source,
    {
      name: `ranking now ${limit} after`,
      types: ASKED_AFTER,
      build: (p) =>
        rankedPage(schema, p, rankingNow(schema, p.creatorId, { limit, after: afterRow(p) })),
    },
    [{ creatorId, month, at, currency, ...placeOf(after) }],
  );
  return reads?.[0];
}

const rankingNow = (
  schema: string,
  creatorId: RawBuilder<unknown>,
  { limit, after = sql`` }: { readonly limit: number; readonly after?: RawBuilder<unknown> },
): RawBuilder<unknown> => sql`
  select k.member_id, k.total_referrals, k.reached_at
  from ${table(schema, 'rankings')} k
  where k.creator_id = ${creatorId} and k.total_referrals > 0 ${after}
  order by k.total_referrals desc, k.reached_at, k.member_id limit ${sql.lit(limit)}`;

const placeOf = ({ total, reachedAt, memberId }: NonNullable<RankingArgs['after']>) => ({
  total: String(total),
  reachedAt,
  memberId,
});
type Named<K extends string> = Readonly<Record<K, RawBuilder<unknown>>>;
type PlaceParameters = Named<'total' | 'reachedAt' | 'memberId'>;

const afterRow = ({ total, reachedAt, memberId }: PlaceParameters): RawBuilder<unknown> => sql`
  and (k.total_referrals < ${total}::bigint or (k.total_referrals = ${total}::bigint
    and (k.reached_at, k.member_id) > (${reachedAt}::bigint, ${memberId}::text)))`;
