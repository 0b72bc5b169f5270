/** What orders have in common: how they are given, and how they are answered. */
import { ApiProperty, ApiPropertyOptional, type ApiPropertyOptions } from '@nestjs/swagger';
import { IsBoolean, Matches, MaxLength } from 'class-validator';
import { MAX_REASON_LENGTH } from '#libs/ledger';
import { safeNumber } from './numbers.js';
import { MayBeAbsent } from './queries.js';

/** Of an order whose reason is part of its event. */
export const REASON: ApiPropertyOptions = {
  minLength: 1,
  maxLength: MAX_REASON_LENGTH,
  example: 'They told us whose code they meant.',
  description:
    'One line. It is kept in the log for ever and cannot be erased: it must not hold personal data.',
};

export class OrderInput {
  @ApiPropertyOptional({ default: false, description: 'Say what would change, change nothing.' })
  @MayBeAbsent()
  @IsBoolean()
  dryRun?: boolean;
}

/** Of an order whose reason may be left out; it goes into the metadata of its events. */
export class ReasonedInput extends OrderInput {
  @ApiPropertyOptional({ description: 'Kept in the log: name no person.' })
  @MayBeAbsent()
  @Matches(/^[^\p{Cc}\p{Cs}]+$/u, { message: '$property must be a line of text' })
  @MaxLength(MAX_REASON_LENGTH)
  reason?: string;
}

export class OrderDto {
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

export const orderJson = (
  dryRun: boolean,
  { changed, position }: { readonly changed: boolean; readonly position: bigint | undefined },
): OrderDto => ({
  changed,
  dryRun,
  position: position === undefined ? null : safeNumber(position),
});
