/** Creators: the list, and one with the figures of a month. */
import { ApiProperty, ApiPropertyOptional, IntersectionType } from '@nestjs/swagger';
import type { Creator, CreatorFigures, Framed } from '#libs/application';
import { type AsClosedDto, asClosedOf, withAsClosed } from './as-closed.js';
import { FiguresDto, framed, instantToJson, pageOf } from './figures.js';
import { minorToJson, safeNumber } from './numbers.js';
import { CurrencyQuery, MonthQuery } from './queries.js';
import { SettingsInForceDto, settingsInForce } from './settings.js';

export class CreatorQuery extends IntersectionType(MonthQuery, CurrencyQuery) {}

export class CreatorItemDto {
  @ApiProperty({ example: 'biz_4f2a' })
  creatorId: string;
  @ApiProperty({ format: 'date-time', description: 'When the ledger first heard of them.' })
  registeredAt: string;
}

export const creatorItem = ({ creatorId, registeredAt }: Creator): CreatorItemDto => ({
  creatorId,
  registeredAt: instantToJson(registeredAt),
});

/** `timeZone` is UTC here: a list of creators has no calendar. */
export class CreatorsDto extends pageOf(CreatorItemDto) {}

export class CreatorDto extends FiguresDto {
  @ApiProperty({ example: 'biz_4f2a' })
  creatorId: string;
  @ApiProperty({ example: '2026-03' })
  month: string;
  @ApiProperty({ type: SettingsInForceDto, description: 'At the end of the month, or now.' })
  settings: SettingsInForceDto;
  @ApiProperty({ type: 'integer', description: 'Signed up by the end of the month.' })
  members: number;
  @ApiProperty({ type: 'integer', description: 'Conversions by the end of the month.' })
  totalReferrals: number;
  @ApiProperty({ type: 'integer', description: 'Conversions of the month.' })
  referrals: number;
  @ApiProperty({ type: 'integer', description: 'Referred members who signed up in the month.' })
  signUps: number;
  @ApiProperty({ example: 'usd' })
  currency: string;
  @ApiProperty({ type: [String], description: 'Others with amounts in the month.' })
  otherCurrencies: readonly string[];
  @ApiProperty({ type: 'integer', description: 'Gross sales, organic and referred.' })
  revenueMinor: number;
  @ApiProperty({ type: 'integer' })
  organicMinor: number;
  @ApiProperty({ type: 'integer' })
  referredMinor: number;
  @ApiProperty({ type: 'integer', description: 'First payments of members, organic included.' })
  initialPayments: number;
  @ApiProperty({ type: 'integer' })
  initialMinor: number;
  @ApiProperty({ type: 'integer' })
  recurringPayments: number;
  @ApiProperty({ type: 'integer' })
  recurringMinor: number;
  @ApiProperty({ type: 'integer', description: 'Positive; not taken off the revenue.' })
  refundsMinor: number;
  @ApiPropertyOptional({ type: () => CreatorAsClosedDto, description: 'Of a closed month only.' })
  asClosed?: CreatorAsClosed;
}

const SEALED = [
  'members',
  'totalReferrals',
  'referrals',
  'signUps',
  'revenueMinor',
  'organicMinor',
  'referredMinor',
  'initialPayments',
  'initialMinor',
  'recurringPayments',
  'recurringMinor',
  'refundsMinor',
] as const;
type CreatorAsClosed = AsClosedDto & Pick<CreatorDto, (typeof SEALED)[number]>;
class CreatorAsClosedDto extends asClosedOf(CreatorDto, SEALED) {}

export const creatorJson = (creator: Framed<CreatorFigures>): CreatorDto => ({
  creatorId: creator.creatorId,
  month: creator.period.month,
  settings: settingsInForce(creator.settings, creator.period.at),
  members: safeNumber(creator.members),
  totalReferrals: safeNumber(creator.totalReferrals),
  referrals: safeNumber(creator.monthlyReferrals),
  signUps: safeNumber(creator.monthlySignUps),
  currency: creator.currency,
  otherCurrencies: creator.otherCurrencies,
  revenueMinor: minorToJson(creator.revenueMinor),
  organicMinor: minorToJson(creator.organicMinor),
  referredMinor: minorToJson(creator.referredMinor),
  initialPayments: safeNumber(creator.initialPayments),
  initialMinor: minorToJson(creator.initialMinor),
  recurringPayments: safeNumber(creator.recurringPayments),
  recurringMinor: minorToJson(creator.recurringMinor),
  refundsMinor: minorToJson(creator.refundsMinor),
  ...sealedCreator(creator.asClosed),
  ...framed(creator),
});

function sealedCreator(asClosed: CreatorFigures['asClosed']): Pick<CreatorDto, 'asClosed'> {
  if (asClosed === undefined) return {};
  const { monthlyReferrals: referrals, monthlySignUps: signUps, ...rest } = asClosed;
  return withAsClosed({ ...rest, referrals, signUps });
}
