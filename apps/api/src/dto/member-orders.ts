/** A chosen code and a corrected referrer: what may be ordered, and how it is answered. */
import { ApiProperty } from '@nestjs/swagger';
import { IsString, Matches, MaxLength, ValidateIf } from 'class-validator';
import type { ReferralCodeSet, ReferrerCorrectedAnswer } from '#libs/application';
import type { LineSums, SumsChange } from '#libs/ledger';
import { safeNumber } from './numbers.js';
import { OrderDto, OrderInput, orderJson, REASON, ReasonedInput } from './order.js';

const MAX_CODE_LENGTH = 64;

export class ReferralCodeInput extends ReasonedInput {
  @ApiProperty({
    example: 'RUI-2026',
    description:
      '4 to 24 of A-Z, 0-9 and -; small letters are raised. It is public and kept for ever.',
  })
  @IsString()
  @MaxLength(MAX_CODE_LENGTH)
  code: string;
}

export class ReferralCodeSetDto extends OrderDto {
  @ApiProperty({ example: 'biz_4f2a' })
  creatorId: string;
  @ApiProperty({ example: 'user_9c1e' })
  memberId: string;
  @ApiProperty({ example: 'RUI-2026', description: 'With the change.' })
  referralCode: string;
  @ApiProperty({
    type: String,
    nullable: true,
    example: 'K7QM-2XWD',
    description: 'The code before. It resolves for ever and is never given to another.',
  })
  before: string | null;
}

type About<T> = Pick<T, Extract<keyof T, 'creatorId' | 'memberId' | 'referrerId' | 'dryRun'>>;

export const referralCodeSet = (
  { dryRun, ...about }: About<ReferralCodeSetDto>,
  done: ReferralCodeSet,
): ReferralCodeSetDto => ({
  ...about,
  ...orderJson(dryRun, done),
  referralCode: done.referralCode,
  before: done.before ?? null,
});

export class ReferrerInput extends OrderInput {
  @ApiProperty({
    type: String,
    nullable: true,
    example: 'user_9c1e',
    description: 'Another member of this creator; null: nobody, the member is organic.',
  })
  @ValidateIf((_, value: unknown) => value !== null)
  @Matches(/^user_[A-Za-z0-9_]{1,64}$/, { message: '$property must be a user_ id or null' })
  referrerId: string | null;

  @ApiProperty(REASON)
  @IsString()
  reason: string;
}

/** Reversals are subtracted. */
export class LineSumsDto {
  @ApiProperty({ type: 'integer' })
  signUps: number;
  @ApiProperty({ type: 'integer' })
  referrals: number;
  @ApiProperty({ type: 'integer' })
  reversedReferrals: number;
  @ApiProperty({ type: 'integer' })
  saleMinor: number;
  @ApiProperty({ type: 'integer', description: 'The share of the referrer.' })
  memberMinor: number;
  @ApiProperty({ type: 'integer' })
  creatorMinor: number;
  @ApiProperty({ type: 'integer' })
  platformMinor: number;
}

export class SumsChangeDto {
  @ApiProperty({ example: '2026-03' })
  month: string;
  @ApiProperty({ type: String, nullable: true, description: 'Null: organic.' })
  referrerId: string | null;
  @ApiProperty({ type: String, nullable: true, description: 'Null: sign-ups, which have none.' })
  currency: string | null;
  @ApiProperty({ type: LineSumsDto })
  before: LineSumsDto;
  @ApiProperty({ type: LineSumsDto })
  after: LineSumsDto;
}

export class ReferrerCorrectedDto extends OrderDto {
  @ApiProperty({ example: 'biz_4f2a' })
  creatorId: string;
  @ApiProperty({ example: 'user_9c1e' })
  memberId: string;
  @ApiProperty({ type: String, nullable: true, description: 'With the change; null: organic.' })
  referrerId: string | null;
  @ApiProperty({
    type: [SumsChangeDto],
    description:
      'What the lines of this member amount to, by month, referrer and currency, where it changes.',
  })
  changes: SumsChangeDto[];
}

export const referrerCorrected = (
  { dryRun, ...about }: About<ReferrerCorrectedDto>,
  done: ReferrerCorrectedAnswer,
): ReferrerCorrectedDto => ({
  ...about,
  ...orderJson(dryRun, done),
  changes: done.changes.map(sumsChange),
});

const sumsChange = ({ before, after, ...group }: SumsChange): SumsChangeDto => ({
  ...group,
  before: sums(before),
  after: sums(after),
});

const sums = (of: LineSums): LineSumsDto => ({
  signUps: safeNumber(of.signUps),
  referrals: safeNumber(of.referrals),
  reversedReferrals: safeNumber(of.reversedReferrals),
  saleMinor: safeNumber(of.saleMinor),
  memberMinor: safeNumber(of.memberMinor),
  creatorMinor: safeNumber(of.creatorMinor),
  platformMinor: safeNumber(of.platformMinor),
});
