/** Figures over a range: revenue, growth and earnings, a row for each month or day. */
import { ApiProperty, ApiPropertyOptional, IntersectionType } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import {
  type EarningsPeriod,
  type GrowthMonth,
  type GrowthOfDays,
  MAX_DAYS,
  MAX_MONTHS,
  type RevenueMonth,
} from '#libs/application';
import type { Columns } from '../csv.js';
import { type AsClosedDto, asClosedOf, withAsClosed } from './as-closed.js';
import { FiguresDto } from './figures.js';
import { minorToJson, safeNumber } from './numbers.js';
import { CurrencyQuery, FormatQuery, RangeQuery } from './queries.js';
import { SALES, SalesDto, salesJson } from './sales.js';

export class RevenueQuery extends IntersectionType(RangeQuery, CurrencyQuery, FormatQuery) {}

const UNITS = ['day', 'month'] as const;

export class EarningsQuery extends IntersectionType(RangeQuery, CurrencyQuery, FormatQuery) {
  @ApiPropertyOptional({
    enum: UNITS,
    default: 'month',
    description: `At most ${MAX_DAYS} days or ${MAX_MONTHS} months; by day, from and to may be months too.`,
  })
  @IsIn(UNITS)
  by: (typeof UNITS)[number] = 'month';
}

class SeriesDto extends FiguresDto {
  @ApiProperty({ example: '2026-01', description: 'First month or day.' })
  from: string;
  @ApiProperty({ example: '2026-03', description: 'Last month or day, included.' })
  to: string;
}

class MoneySeriesDto extends SeriesDto {
  @ApiProperty({ example: 'usd' })
  currency: string;
  @ApiProperty({ type: [String], description: 'Others with amounts in the range.' })
  otherCurrencies: readonly string[];
}

class SeriesOfMemberDto extends SeriesDto {
  @ApiProperty({ example: 'user_9c1e' })
  memberId: string;
  @ApiProperty({ description: 'Name, else username, else id.' })
  name: string;
}

export class RevenueMonthDto extends SalesDto {
  @ApiProperty({ example: '2026-03' })
  month: string;
  @ApiProperty({ type: 'integer' })
  organicPayments: number;
  @ApiProperty({ type: 'integer' })
  referredPayments: number;
  @ApiProperty({ example: 'usd' })
  currency: string;
  @ApiPropertyOptional({ type: () => RevenueAsClosedDto, description: 'Of a closed month only.' })
  asClosed?: RevenueAsClosed;
}

const SEALED_REVENUE = [...SALES, 'organicPayments', 'referredPayments'] as const;
type RevenueAsClosed = AsClosedDto & Pick<RevenueMonthDto, (typeof SEALED_REVENUE)[number]>;
class RevenueAsClosedDto extends asClosedOf(RevenueMonthDto, SEALED_REVENUE) {}

export class RevenueDto extends MoneySeriesDto {
  @ApiProperty({ type: [RevenueMonthDto], description: 'Every month of the range, in order.' })
  items: RevenueMonthDto[];
}

export const revenueMonth = (row: RevenueMonth): RevenueMonthDto => ({
  month: row.month,
  ...salesJson(row),
  organicPayments: safeNumber(row.organicPayments),
  referredPayments: safeNumber(row.referredPayments),
  currency: row.currency,
  ...withAsClosed(row.asClosed),
});

export const revenueColumns: Columns<RevenueMonthDto> = {
  month: (row) => row.month,
  revenueMinor: (row) => row.revenueMinor,
  organicMinor: (row) => row.organicMinor,
  referredMinor: (row) => row.referredMinor,
  refundsMinor: (row) => row.refundsMinor,
  initialPayments: (row) => row.initialPayments,
  initialMinor: (row) => row.initialMinor,
  recurringPayments: (row) => row.recurringPayments,
  recurringMinor: (row) => row.recurringMinor,
  organicPayments: (row) => row.organicPayments,
  referredPayments: (row) => row.referredPayments,
  currency: (row) => row.currency,
};

export class GrowthMonthDto {
  @ApiProperty({ example: '2026-03' })
  month: string;
  @ApiProperty({ type: 'integer', description: 'Conversions of the month.' })
  referrals: number;
  @ApiProperty({ type: 'integer', description: 'Referred members who signed up in the month.' })
  signUps: number;
  @ApiPropertyOptional({ type: () => GrowthAsClosedDto, description: 'Of a closed month only.' })
  asClosed?: AsClosedDto & { referrals: number; signUps?: number };
}

class GrowthAsClosedDto extends asClosedOf(GrowthMonthDto, ['referrals']) {
  @ApiPropertyOptional({ type: 'integer', description: 'Absent for one member.' })
  signUps?: number;
}

export class GrowthOfDaysDto {
  @ApiProperty({ example: '2026-03' })
  month: string;
  @ApiProperty({ example: '2026-03-14', description: 'From the first day of the month to this.' })
  throughDay: string;
  @ApiProperty({ type: 'integer', description: 'Conversions of these days.' })
  referrals: number;
  @ApiProperty({ type: 'integer', description: 'Referred members who signed up in these days.' })
  signUps: number;
}

export class GrowthDto extends SeriesDto {
  @ApiProperty({ type: [GrowthMonthDto], description: 'Every month, the current one last.' })
  items: GrowthMonthDto[];
  @ApiProperty({ type: GrowthOfDaysDto, description: 'The current month up to today.' })
  soFar: GrowthOfDaysDto;
  @ApiProperty({
    type: GrowthOfDaysDto,
    description: 'As many days of the month before; all of it, where it is shorter.',
  })
  sameDaysBefore: GrowthOfDaysDto;
}

export const growthOfDays = (days: GrowthOfDays): GrowthOfDaysDto => ({
  month: days.month,
  throughDay: days.throughDay,
  referrals: safeNumber(days.referrals),
  signUps: safeNumber(days.signUps),
});

export class MemberGrowthDto extends SeriesOfMemberDto {
  @ApiProperty({ type: [GrowthMonthDto], description: 'Of those whom the member referred.' })
  items: GrowthMonthDto[];
}

export const growthMonth = ({
  month,
  referrals,
  signUps,
  asClosed,
}: GrowthMonth): GrowthMonthDto => ({
  month,
  referrals: safeNumber(referrals),
  signUps: safeNumber(signUps),
  ...withAsClosed(asClosed),
});

export const growthColumns: Columns<GrowthMonthDto> = {
  month: (row) => row.month,
  referrals: (row) => row.referrals,
  signUps: (row) => row.signUps,
};

export class EarningsPeriodDto {
  @ApiProperty({ example: '2026-03' })
  month: string;
  @ApiProperty({
    type: String,
    nullable: true,
    example: '2026-03-14',
    description: 'Null: the row is that of the month.',
  })
  day: string | null;
  @ApiProperty({ type: 'integer', description: 'Member shares of sales of the period.' })
  earnedMinor: number;
  @ApiProperty({
    type: 'integer',
    description: 'Taken back by refunds and lost disputes of the period; positive.',
  })
  reversedMinor: number;
  @ApiProperty({ type: 'integer', description: 'Net: may be negative.' })
  earningsMinor: number;
  @ApiProperty({ example: 'usd' })
  currency: string;
  @ApiPropertyOptional({ type: () => EarningsAsClosedDto, description: 'Of a closed month only.' })
  asClosed?: EarningsAsClosed;
}

const SEALED_EARNINGS = ['earnedMinor', 'reversedMinor', 'earningsMinor'] as const;
type EarningsAsClosed = AsClosedDto & Pick<EarningsPeriodDto, (typeof SEALED_EARNINGS)[number]>;
class EarningsAsClosedDto extends asClosedOf(EarningsPeriodDto, SEALED_EARNINGS) {}

export class CreatorEarningsDto extends MoneySeriesDto {
  @ApiProperty({ enum: UNITS })
  by: (typeof UNITS)[number];
  @ApiProperty({ type: [EarningsPeriodDto], description: 'Of all members together, in order.' })
  items: EarningsPeriodDto[];
}

export class EarningsDto extends IntersectionType(SeriesOfMemberDto, MoneySeriesDto) {
  @ApiProperty({ enum: UNITS })
  by: (typeof UNITS)[number];
  @ApiProperty({ type: [EarningsPeriodDto], description: 'Every day or month, in order.' })
  items: EarningsPeriodDto[];
}

export const earningsPeriod = (row: EarningsPeriod): EarningsPeriodDto => ({
  month: row.month,
  day: row.day,
  earnedMinor: minorToJson(row.earnedMinor),
  reversedMinor: minorToJson(row.reversedMinor),
  earningsMinor: minorToJson(row.earningsMinor),
  currency: row.currency,
  ...withAsClosed(row.asClosed),
});

export const earningsColumns: Columns<EarningsPeriodDto> = {
  month: (row) => row.month,
  day: (row) => row.day,
  earnedMinor: (row) => row.earnedMinor,
  reversedMinor: (row) => row.reversedMinor,
  earningsMinor: (row) => row.earningsMinor,
  currency: (row) => row.currency,
};
