/** Creators: the list, and one with the figures of a month. */
import { ApiProperty, ApiPropertyOptional, IntersectionType } from '@nestjs/swagger';
import type { Creator, CreatorFigures, Framed } from '#libs/application';
import { type AsClosedDto, asClosedOf, withAsClosed } from './as-closed.js';
import { FiguresDto, framed, instantToJson, pageOf } from './figures.js';
import { safeNumber } from './numbers.js';
import { CurrencyQuery, MonthQuery } from './queries.js';
import { SALES, SalesDto, salesJson } from './sales.js';
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

export class CreatorDto extends IntersectionType(FiguresDto, SalesDto) {
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
  @ApiProperty({ type: 'integer', description: 'Members whose referrals these are.' })
  referrers: number;
  @ApiProperty({ type: 'integer', description: 'Referred members who signed up in the month.' })
  signUps: number;
  @ApiProperty({ example: 'usd' })
  currency: string;
  @ApiProperty({ type: [String], description: 'Others with amounts in the month.' })
  otherCurrencies: readonly string[];
  @ApiPropertyOptional({ type: () => CreatorAsClosedDto, description: 'Of a closed month only.' })
  asClosed?: CreatorAsClosed;
}

const SEALED = ['members', 'totalReferrals', 'referrals', 'signUps', ...SALES] as const;
type CreatorAsClosed = AsClosedDto & Pick<CreatorDto, (typeof SEALED)[number]>;
class CreatorAsClosedDto extends asClosedOf(CreatorDto, SEALED) {}

export const creatorJson = (creator: Framed<CreatorFigures>): CreatorDto => ({
  creatorId: creator.creatorId,
  month: creator.period.month,
  settings: settingsInForce(creator.settings, creator.period.at),
  members: safeNumber(creator.members),
  totalReferrals: safeNumber(creator.totalReferrals),
  referrals: safeNumber(creator.monthlyReferrals),
  referrers: safeNumber(creator.referrers),
  signUps: safeNumber(creator.monthlySignUps),
  currency: creator.currency,
  otherCurrencies: creator.otherCurrencies,
  ...salesJson(creator),
  ...sealedCreator(creator.asClosed),
  ...framed(creator),
});

function sealedCreator(asClosed: CreatorFigures['asClosed']): Pick<CreatorDto, 'asClosed'> {
  if (asClosed === undefined) return {};
  const { monthlyReferrals: referrals, monthlySignUps: signUps, ...rest } = asClosed;
  return withAsClosed({ ...rest, referrals, signUps });
}
