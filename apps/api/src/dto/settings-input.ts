/** What an admin may order of a creator's settings; the ledger judges the values themselves. */
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsInt,
  IsObject,
  IsString,
  MaxLength,
  ValidateNested,
} from 'class-validator';
import {
  type ChangeSettings,
  type Effective,
  isDay,
  MAX_GRACE_HOURS,
  MAX_TIERS,
} from '#libs/ledger';
import { Problem } from '../problem.js';
import { ReasonedInput } from './order.js';
import { MayBeAbsent } from './queries.js';

const MAX_TEXT_LENGTH = 64;

export class RatesInput {
  @ApiProperty({ type: 'integer', minimum: 0, maximum: 10_000, example: 1000 })
  @IsInt()
  memberBps: number;
  @ApiProperty({ type: 'integer', minimum: 0, maximum: 10_000, example: 7000 })
  @IsInt()
  creatorBps: number;
  @ApiProperty({ type: 'integer', minimum: 0, maximum: 10_000, example: 2000 })
  @IsInt()
  platformBps: number;
}

export class TierInput {
  @ApiProperty({ example: 'Gold' })
  @IsString()
  name: string;
  @ApiProperty({ type: 'integer', minimum: 1, example: 25 })
  @IsInt()
  from: number;
}

export class SettingsInput extends ReasonedInput {
  @ApiPropertyOptional({
    example: '2026-05-01',
    description:
      "An instant with its zone, a local day of the creator's calendar, or `beginning` (only " +
      'before the first fact). Absent: from the beginning before the first fact; afterwards now, ' +
      'a time zone from the next month on.',
  })
  @MayBeAbsent()
  @IsString()
  @MaxLength(MAX_TEXT_LENGTH)
  effectiveAt?: string;

  @ApiPropertyOptional({ example: 'Europe/Lisbon', description: 'Begins with a month.' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(MAX_TEXT_LENGTH)
  timeZone?: string;

  @ApiPropertyOptional({ type: RatesInput, description: 'Basis points; 10000 in all.' })
  @MayBeAbsent()
  @IsObject()
  @ValidateNested()
  @Type(() => RatesInput)
  rates?: RatesInput;

  @ApiPropertyOptional({ type: [TierInput], maxItems: MAX_TIERS })
  @MayBeAbsent()
  @IsArray()
  @ArrayMaxSize(MAX_TIERS)
  @ValidateNested({ each: true })
  @Type(() => TierInput)
  tiers?: TierInput[];

  @ApiPropertyOptional({ type: 'integer', minimum: 0, maximum: MAX_GRACE_HOURS, example: 72 })
  @MayBeAbsent()
  @IsInt()
  graceHours?: number;

  @ApiPropertyOptional({ example: 'usd' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(MAX_TEXT_LENGTH)
  currency?: string;
}

/** The change that is ordered. Throws 400 when none is. */
export function changeOf(input: SettingsInput): Omit<ChangeSettings, 'type' | 'now' | 'defaults'> {
  const { timeZone, rates, tiers, graceHours, currency } = input;
  if ([timeZone, rates, tiers, graceHours, currency].every((setting) => setting === undefined))
    throw new Problem(400, 'settings_missing', 'The body names no setting to change.');
  const effectiveAt = input.effectiveAt === undefined ? undefined : effectiveOf(input.effectiveAt);
  return {
    effectiveAt,
    timeZone,
    // Plain values: what is equal to what is in force must also look so.
    rates: rates && { ...rates },
    tiers: tiers?.map(({ name, from }) => ({ name, from })),
    graceHours,
    currency,
  };
}

/** Far enough inside the years that the ledger can hold that every zone agrees. */
const FIRST_DAY = '1971-01-01';
const LAST_DAY = '2198-12-31';
const LOCAL_DAY = /^\d{4}-\d\d-\d\d$/;
const INSTANT =
  /^(\d{4}-\d\d-\d\d)T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.0{1,3})?(Z|[+-](0\d|1[0-4]):[0-5]\d)$/;

/** Throws 400 `effective_at_malformed`. */
export function effectiveOf(text: string): Effective {
  if (text === 'beginning') return 'beginning';
  const day = LOCAL_DAY.test(text) ? text : INSTANT.exec(text)?.[1];
  if (day === undefined || !isDay(day) || day < FIRST_DAY || day > LAST_DAY)
    throw new Problem(
      400,
      'effective_at_malformed',
      'effectiveAt is an instant of whole seconds with its zone (2026-05-01T00:00:00Z), a local ' +
        `day (2026-05-01) from ${FIRST_DAY} to ${LAST_DAY}, or "beginning".`,
    );
  return day === text ? { localDate: day } : Date.parse(text) / 1000;
}
