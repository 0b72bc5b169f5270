/** A pinned tier: what an admin may order, and how it is answered. */
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsString, MaxLength, ValidateIf } from 'class-validator';
import type { TierPinnedAnswer } from '#libs/application';
import { MAX_PIN_REASON_LENGTH, type TierPin } from '#libs/ledger';
import { instantToJson } from './figures.js';
import { safeNumber } from './numbers.js';
import { MayBeAbsent } from './queries.js';

const MAX_TIER_LENGTH = 100;

/** The ledger judges the values themselves. */
export class TierPinInput {
  @ApiProperty({
    type: String,
    nullable: true,
    example: 'Gold',
    description: 'A tier in force now, or Unranked; null: by total referrals again.',
  })
  @ValidateIf((_, value: unknown) => value !== null)
  @IsString()
  @MaxLength(MAX_TIER_LENGTH)
  tier: string | null;

  @ApiProperty({
    minLength: 1,
    maxLength: MAX_PIN_REASON_LENGTH,
    example: 'As agreed for the season.',
    description:
      'One line, shown with the pin. It is kept in the log for ever and cannot be erased: it must ' +
      'not hold personal data.',
  })
  @IsString()
  reason: string;

  @ApiPropertyOptional({ default: false, description: 'Say what would change, change nothing.' })
  @MayBeAbsent()
  @IsBoolean()
  dryRun?: boolean;
}

export class TierPinDto {
  @ApiProperty({ example: 'Gold' })
  tier: string;
  @ApiProperty({ example: 'As agreed for the season.' })
  reason: string;
  @ApiProperty({ type: String, format: 'date-time', description: 'When it was ordered.' })
  since: string;
}

export const tierPinJson = (pin: TierPin | null): TierPinDto | null =>
  pin && { tier: pin.tier, reason: pin.reason, since: instantToJson(pin.since) };

export class TierPinnedDto {
  @ApiProperty({ example: 'biz_4f2a' })
  creatorId: string;
  @ApiProperty({ example: 'user_9c1e' })
  memberId: string;
  @ApiProperty({ type: TierPinDto, nullable: true, description: 'In force with the change.' })
  tierPin: TierPinDto | null;
  @ApiProperty({ description: 'False: it was so already.' })
  changed: boolean;
  @ApiProperty({ description: 'True: nothing was changed.' })
  dryRun: boolean;
  @ApiProperty({
    type: 'integer',
    nullable: true,
    description: 'Of the change, for `?settled=`; null: nothing was changed.',
  })
  position: number | null;
}

export const tierPinned = (
  { creatorId, memberId, dryRun }: Pick<TierPinnedDto, 'creatorId' | 'memberId' | 'dryRun'>,
  { tierPin, changed, position }: TierPinnedAnswer,
): TierPinnedDto => ({
  creatorId,
  memberId,
  tierPin: tierPinJson(tierPin),
  changed,
  dryRun,
  position: position === undefined ? null : safeNumber(position),
});
