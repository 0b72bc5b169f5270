/** Members: the list, one of them, and one with the figures of a month. */
import { ApiProperty, ApiPropertyOptional, IntersectionType } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, Matches, MaxLength } from 'class-validator';
import type { Framed, MemberStats, MemberSummary, SortPlace } from '#libs/application';
import type { Columns } from '../csv.js';
import { Problem } from '../problem.js';
import { type AsClosedDto, asClosedOf, withAsClosed } from './as-closed.js';
import { decodeCursor, encodeCursor } from './cursor.js';
import { FiguresDto, framed, instantOrNull, pageOf } from './figures.js';
import { minorToJson, safeNumber } from './numbers.js';
import { CurrencyQuery, FormatQuery, MonthQuery, PageQuery } from './queries.js';
import { NamedDto } from './referrals.js';
import { TierPinDto, tierPinJson } from './tier-pin.js';

const SORTS = ['memberId', 'totalReferrals', 'signedUpAt'] as const;
type Sort = (typeof SORTS)[number];
const YES_OR_NO = ['true', 'false'] as const;
const MAX_SEARCH_LENGTH = 100;

export class MembersQuery extends IntersectionType(PageQuery, FormatQuery) {
  @ApiPropertyOptional({ description: 'Part of a name, username, referral code or id.' })
  @IsOptional()
  @MaxLength(MAX_SEARCH_LENGTH)
  @Matches(/^\P{Cc}*$/u, { message: '$property must not contain control characters' })
  q?: string;

  @ApiPropertyOptional({ description: 'A tier in force now, or Unranked.', example: 'Gold' })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_SEARCH_LENGTH)
  tier?: string;

  @ApiPropertyOptional({ enum: YES_OR_NO, description: 'Whether an admin has pinned their tier.' })
  @IsOptional()
  @IsIn(YES_OR_NO)
  pinned?: (typeof YES_OR_NO)[number];

  @ApiPropertyOptional({
    enum: SORTS,
    default: 'memberId',
    description: 'Most referrals and latest sign-ups first; ties by member id.',
  })
  @IsIn(SORTS)
  sort: Sort = 'memberId';
}

/** A cursor of one order says nothing in another: it is refused there. */
export const sortCursor = (sort: Sort, { value, memberId }: SortPlace): string =>
  encodeCursor([sort, value, memberId]);

export function sortPlace({ sort, cursor }: MembersQuery): SortPlace | undefined {
  const value = sort === 'memberId' ? 'text' : 'bigint';
  const place = decodeCursor(cursor, ['text', value, 'text']);
  if (place === undefined) return undefined;
  if (place[0] !== sort)
    throw new Problem(400, 'cursor_invalid', 'The cursor is one of another order.');
  return { value: String(place[1]), memberId: place[2] };
}

export class MemberItemDto {
  @ApiProperty({ example: 'user_9c1e' })
  memberId: string;
  @ApiProperty({ description: 'Name, else username, else id.' })
  name: string;
  @ApiProperty({ example: 'K7QM-W3RT' })
  referralCode: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  signedUpAt: string | null;
  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'Null: organic, or not converted yet.',
  })
  convertedAt: string | null;
  @ApiProperty({ type: NamedDto, nullable: true, description: 'Null: organic.' })
  referrer: NamedDto | null;
  @ApiProperty({ type: 'integer' })
  totalReferrals: number;
  @ApiProperty({ example: 'Gold' })
  tier: string;
  @ApiProperty({ type: TierPinDto, nullable: true, description: 'Null: by total referrals.' })
  tierPin: TierPinDto | null;
}

export class MembersDto extends pageOf(MemberItemDto) {}

export const memberItem = (row: MemberSummary): MemberItemDto => ({
  memberId: row.memberId,
  name: row.name,
  referralCode: row.referralCode,
  signedUpAt: instantOrNull(row.signedUpAt),
  convertedAt: instantOrNull(row.convertedAt),
  referrer: row.referrer,
  totalReferrals: safeNumber(row.totalReferrals),
  tier: row.tier,
  tierPin: tierPinJson(row.tierPin),
});

export const memberColumns: Columns<MemberItemDto> = {
  memberId: (row) => row.memberId,
  name: (row) => row.name,
  referralCode: (row) => row.referralCode,
  signedUpAt: (row) => row.signedUpAt,
  convertedAt: (row) => row.convertedAt,
  referrerId: (row) => row.referrer?.memberId ?? null,
  referrerName: (row) => row.referrer?.name ?? null,
  totalReferrals: (row) => row.totalReferrals,
  tier: (row) => row.tier,
  pinned: (row) => row.tierPin !== null,
};

export class MemberDto extends IntersectionType(MemberItemDto, FiguresDto) {
  @ApiProperty({ type: 'integer', nullable: true, description: 'Null: no referral yet.' })
  rank: number | null;
}

export const memberJson = (stats: Framed<MemberStats>): MemberDto => ({
  ...memberItem(stats),
  rank: stats.rank,
  ...framed(stats),
});

export class MemberStatsQuery extends IntersectionType(MonthQuery, CurrencyQuery) {}

export class MemberStatsDto extends FiguresDto {
  @ApiProperty({ example: 'user_9c1e' })
  memberId: string;
  @ApiProperty({ example: '2026-03' })
  month: string;
  @ApiProperty({ type: 'integer' })
  monthlyReferrals: number;
  @ApiProperty({ type: 'integer', description: 'As of the end of the month.' })
  totalReferrals: number;
  @ApiProperty({ type: 'integer', description: 'Of the month: brought to zero in it.' })
  reversedReferrals: number;
  @ApiProperty({ example: 'usd' })
  currency: string;
  @ApiProperty({ type: [String], description: 'Others with amounts by the end of the month.' })
  otherCurrencies: readonly string[];
  @ApiProperty({ type: 'integer', description: 'Net of reversals: may be negative.' })
  monthlyEarningsMinor: number;
  @ApiProperty({ type: 'integer', description: 'As of the end of the month, net of reversals.' })
  totalEarningsMinor: number;
  @ApiProperty({ example: 'Gold', description: 'As of the end of the month.' })
  tier: string;
  @ApiProperty({
    type: TierPinDto,
    nullable: true,
    description: 'In force at the end of the month; null: the tier is by total referrals.',
  })
  tierPin: TierPinDto | null;
  @ApiProperty({
    type: 'integer',
    nullable: true,
    description: 'As of the end of the month; null: no referral by then.',
  })
  rank: number | null;
  @ApiPropertyOptional({ type: () => StatsAsClosedDto, description: 'Of a closed month only.' })
  asClosed?: StatsAsClosed;
}

const SEALED = [
  'monthlyReferrals',
  'totalReferrals',
  'reversedReferrals',
  'monthlyEarningsMinor',
  'rank',
] as const;
type StatsAsClosed = AsClosedDto &
  Pick<MemberStatsDto, (typeof SEALED)[number]> & { tier: string | null };
class StatsAsClosedDto extends asClosedOf(MemberStatsDto, SEALED) {
  @ApiProperty({ type: String, nullable: true, description: 'Null: not in the snapshot.' })
  tier: string | null;
}

export const memberStatsJson = (stats: Framed<MemberStats>): MemberStatsDto => ({
  memberId: stats.memberId,
  month: stats.period.month,
  monthlyReferrals: safeNumber(stats.monthlyReferrals),
  totalReferrals: safeNumber(stats.totalReferrals),
  reversedReferrals: safeNumber(stats.reversedReferrals),
  currency: stats.currency,
  otherCurrencies: stats.otherCurrencies,
  monthlyEarningsMinor: minorToJson(stats.monthlyEarningsMinor),
  totalEarningsMinor: minorToJson(stats.totalEarningsMinor),
  tier: stats.tier,
  tierPin: tierPinJson(stats.tierPin),
  rank: stats.rank,
  ...withAsClosed(stats.asClosed),
  ...framed(stats),
});
