/** The dashboard's first table: who referred most, and what they earned in the month. */
import { ApiProperty, ApiPropertyOptional, IntersectionType, PickType } from '@nestjs/swagger';
import type { Ranked } from '#libs/application';
import type { Columns } from '../csv.js';
import { pageOf } from './figures.js';
import { minorToJson, safeNumber } from './numbers.js';
import { CurrencyQuery, FormatQuery, MonthQuery, PageQuery } from './queries.js';

export class TopReferrersQuery extends IntersectionType(
  MonthQuery,
  CurrencyQuery,
  PageQuery,
  FormatQuery,
) {}

export class TopReferrerDto {
  @ApiProperty({ type: 'integer', minimum: 1 })
  rank: number;
  @ApiProperty({ example: 'user_9c1e' })
  memberId: string;
  @ApiProperty({ description: 'Name, else username, else id.' })
  name: string;
  @ApiProperty({ example: 'K7QM-W3RT' })
  referralCode: string;
  @ApiProperty({ example: 'Gold' })
  tier: string;
  @ApiProperty({ description: "True: the tier is an admin's order, whatever the total is." })
  pinned: boolean;
  @ApiProperty({ type: 'integer', description: 'As of the end of the month.' })
  totalReferrals: number;
  @ApiProperty({ type: 'integer' })
  monthlyReferrals: number;
  @ApiProperty({ type: 'integer', description: 'Net of reversals: may be negative.' })
  monthlyEarningsMinor: number;
  @ApiProperty({ example: 'usd' })
  currency: string;
  @ApiPropertyOptional({
    type: () => NowKnownDto,
    description: 'Of a closed month only, whose order and figures are those that were sealed.',
  })
  asNowKnown?: NowKnown;
}

const NOW_KNOWN = ['tier', 'totalReferrals', 'monthlyReferrals', 'monthlyEarningsMinor'] as const;
type NowKnown = Pick<TopReferrerDto, (typeof NOW_KNOWN)[number]>;
class NowKnownDto extends PickType(TopReferrerDto, NOW_KNOWN) {}

export class TopReferrersDto extends pageOf(TopReferrerDto) {
  @ApiProperty({ example: '2026-03' })
  month: string;
  @ApiProperty({ example: 'usd' })
  currency: string;
  @ApiProperty({ type: [String], description: 'Others in which referrers earned in the month.' })
  otherCurrencies: readonly string[];
}

export const topReferrer = (row: Ranked, currency: string): TopReferrerDto => ({
  rank: row.rank,
  memberId: row.memberId,
  name: row.name,
  referralCode: row.referralCode,
  tier: row.tier,
  pinned: row.pinned,
  totalReferrals: safeNumber(row.totalReferrals),
  monthlyReferrals: safeNumber(row.monthlyReferrals),
  monthlyEarningsMinor: minorToJson(row.monthlyEarningsMinor),
  currency,
  ...nowKnown(row.asNowKnown),
});

const nowKnown = (known: Ranked['asNowKnown']): Pick<TopReferrerDto, 'asNowKnown'> =>
  known === undefined
    ? {}
    : {
        asNowKnown: {
          tier: known.tier,
          totalReferrals: safeNumber(known.totalReferrals),
          monthlyReferrals: safeNumber(known.monthlyReferrals),
          monthlyEarningsMinor: minorToJson(known.monthlyEarningsMinor),
        },
      };

export const topReferrerColumns: Columns<TopReferrerDto> = {
  rank: (row) => row.rank,
  memberId: (row) => row.memberId,
  name: (row) => row.name,
  referralCode: (row) => row.referralCode,
  tier: (row) => row.tier,
  pinned: (row) => row.pinned,
  totalReferrals: (row) => row.totalReferrals,
  monthlyReferrals: (row) => row.monthlyReferrals,
  monthlyEarningsMinor: (row) => row.monthlyEarningsMinor,
  currency: (row) => row.currency,
};
