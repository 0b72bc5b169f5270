/** A pinned tier: what an admin may order, and how it is answered. */
import { ApiProperty } from '@nestjs/swagger';
import { IsString, MaxLength, ValidateIf } from 'class-validator';
import type { TierPinnedAnswer } from '#libs/application';
import type { TierPin } from '#libs/ledger';
import { instantToJson } from './figures.js';
import { OrderDto, OrderInput, orderJson, REASON } from './order.js';

const MAX_TIER_LENGTH = 100;

/** The ledger judges the values themselves. */
export class TierPinInput extends OrderInput {
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

  @ApiProperty({ ...REASON, example: 'As agreed for the season.' })
  @IsString()
  reason: string;
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

export class TierPinnedDto extends OrderDto {
  @ApiProperty({ example: 'biz_4f2a' })
  creatorId: string;
  @ApiProperty({ example: 'user_9c1e' })
  memberId: string;
  @ApiProperty({ type: TierPinDto, nullable: true, description: 'In force with the change.' })
  tierPin: TierPinDto | null;
}

export const tierPinned = (
  { creatorId, memberId, dryRun }: Pick<TierPinnedDto, 'creatorId' | 'memberId' | 'dryRun'>,
  done: TierPinnedAnswer,
): TierPinnedDto => ({
  creatorId,
  memberId,
  ...orderJson(dryRun, done),
  tierPin: tierPinJson(done.tierPin),
});
