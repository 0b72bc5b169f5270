/** Who referred most, as of now: straight from the index of the ranking. */
import { type RawBuilder, sql } from 'kysely';
import { type RankedRow, rankedPage } from './ranking-page.queries.js';
import { type Read, type ReadSource, readPrepared, table } from './read.queries.js';

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

/** The ranking of today: no row is dated after the month, or `has_later` says so and it must be asked as of the month's end. */
export function rankingNow(
  source: ReadSource,
  args: RankingArgs,
): Promise<Read<RankedRow> | undefined> {
  const { schema } = source;
  const { limit, after } = args;
  const name = `ranking now ${limit} ${after === undefined}`;
  const values = { ...valuesOf(args), ...(after === undefined ? NOWHERE : placeOf(after)) };
  return readPrepared<RankedRow, typeof values>(
    source,
    name,
    (p) => {
      const ranked = sql`
        select k.member_id, k.total_referrals, k.reached_at
        from ${table(schema, 'rankings')} k
        where k.creator_id = ${p.creatorId} and k.total_referrals > 0 ${after === undefined ? sql`` : afterRow(p)}
        order by k.total_referrals desc, k.reached_at, k.member_id limit ${sql.lit(limit)}`;
      return rankedPage(schema, p, ranked);
    },
    values,
  );
}

const valuesOf = ({ creatorId, month, at, currency }: RankingArgs) => ({
  creatorId,
  month,
  at,
  currency,
});
const placeOf = ({ total, reachedAt, memberId }: NonNullable<RankingArgs['after']>) => ({
  total: String(total),
  reachedAt,
  memberId,
});
/** Values of a place that the statement without one does not use. */
const NOWHERE = { total: '', reachedAt: 0, memberId: '' };

type Named<K extends string> = Readonly<Record<K, RawBuilder<unknown>>>;
type PlaceParameters = Named<'total' | 'reachedAt' | 'memberId'>;

const afterRow = ({ total, reachedAt, memberId }: PlaceParameters): RawBuilder<unknown> => sql`
  and (k.total_referrals < ${total}::bigint or (k.total_referrals = ${total}::bigint
    and (k.reached_at, k.member_id) > (${reachedAt}::bigint, ${memberId}::text)))`;
