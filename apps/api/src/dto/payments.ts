/** Commission lines by payment. */
import { ApiProperty, ApiPropertyOptional, IntersectionType } from '@nestjs/swagger';
import { IsIn, IsOptional, Matches } from 'class-validator';
import type { Payment, Shares } from '#libs/application';
import type { Columns } from '../csv.js';
import { instantToJson, pageOf } from './figures.js';
import { minorToJson } from './numbers.js';
import { FormatQuery, IsCurrency, IsMonth, PageQuery } from './queries.js';
import { NamedDto } from './referrals.js';

const KINDS = ['initial', 'recurring'] as const;
const STATUSES = ['standing', 'reversed'] as const;
const ASKED_KINDS = [...KINDS, 'organic'] as const;

const MEMBER_ID = /^user_[A-Za-z0-9_]{1,64}$/;

class PaymentsFilter {
  @ApiPropertyOptional({ example: '2026-03', description: 'Absent: all months.' })
  @IsOptional()
  @IsMonth()
  month?: string;

  @ApiPropertyOptional({ example: 'user_9c1e', description: 'Who paid.' })
  @IsOptional()
  @Matches(MEMBER_ID, { message: '$property must be the id of a member' })
  member?: string;

  @ApiPropertyOptional({ example: 'user_9c1e', description: 'Who earns the member share.' })
  @IsOptional()
  @Matches(MEMBER_ID, { message: '$property must be the id of a member' })
  referrer?: string;

  @ApiPropertyOptional({ example: 'usd', description: 'Absent: all of them.' })
  @IsOptional()
  @IsCurrency()
  currency?: string;

  @ApiPropertyOptional({
    enum: ASKED_KINDS,
    description: 'initial and recurring include organic ones; organic: without a referrer.',
  })
  @IsOptional()
  @IsIn(ASKED_KINDS)
  kind?: (typeof ASKED_KINDS)[number];

  @ApiPropertyOptional({
    enum: STATUSES,
    description: 'reversed: in part or altogether, in whatever month; standing: not at all.',
  })
  @IsOptional()
  @IsIn(STATUSES)
  status?: (typeof STATUSES)[number];
}

export class PaymentsQuery extends IntersectionType(PaymentsFilter, PageQuery, FormatQuery) {}

class SharesDto {
  @ApiProperty({ type: 'integer', description: 'Tax included, fees not deducted.' })
  saleMinor: number;
  @ApiProperty({ type: 'integer', description: "The referrer's share." })
  memberMinor: number;
  @ApiProperty({ type: 'integer' })
  creatorMinor: number;
  @ApiProperty({ type: 'integer' })
  platformMinor: number;
}

/** A refund or a lost dispute: amounts are positive, and taken off those of the sale. */
export class ReversalDto extends SharesDto {
  @ApiProperty({ example: 'rfnd_2b9c', description: 'Refund or dispute.' })
  reversalId: string;
  @ApiProperty({ format: 'date-time' })
  at: string;
  @ApiProperty({ example: '2026-03-14' })
  day: string;
  @ApiProperty({ example: '2026-03', description: 'In which it is taken off.' })
  month: string;
}

export class PaymentDto extends SharesDto {
  @ApiProperty({ example: 'pay_7d3b' })
  paymentId: string;
  @ApiProperty({ type: NamedDto })
  member: NamedDto;
  @ApiProperty({ type: String, nullable: true, description: 'Null: organic.' })
  referrerId: string | null;
  @ApiProperty({ type: NamedDto, nullable: true, description: 'Who earns the member share.' })
  referrer: NamedDto | null;
  @ApiProperty({ enum: KINDS })
  kind: (typeof KINDS)[number];
  @ApiProperty()
  organic: boolean;
  @ApiProperty({ format: 'date-time' })
  paidAt: string;
  @ApiProperty({ example: '2026-03-14', description: "On the creator's calendar." })
  day: string;
  @ApiProperty({ example: '2026-03' })
  month: string;
  @ApiProperty({ example: 'usd' })
  currency: string;
  @ApiProperty({ type: [ReversalDto], description: 'In order of time; of any month.' })
  reversals: ReversalDto[];
}

export class PaymentsDto extends pageOf(PaymentDto) {}

const shares = (row: Shares): SharesDto => ({
  saleMinor: minorToJson(row.saleMinor),
  memberMinor: minorToJson(row.memberMinor),
  creatorMinor: minorToJson(row.creatorMinor),
  platformMinor: minorToJson(row.platformMinor),
});

export const payment = (row: Payment): PaymentDto => ({
  paymentId: row.paymentId,
  member: row.member,
  referrerId: row.referrer?.memberId ?? null,
  referrer: row.referrer,
  kind: row.kind,
  organic: row.organic,
  paidAt: instantToJson(row.paidAt),
  day: row.day,
  month: row.day.slice(0, 7),
  currency: row.currency,
  ...shares(row),
  reversals: row.reversals.map((reversal) => ({
    reversalId: reversal.reversalId,
    at: instantToJson(reversal.at),
    day: reversal.day,
    month: reversal.day.slice(0, 7),
    ...shares(reversal),
  })),
});

const reversed =
  (minor: keyof Shares) =>
  ({ reversals }: PaymentDto): number =>
    reversals.reduce((sum, reversal) => sum + reversal[minor], 0);

/** A payment a row, what was reversed of it summed up: reversals lie in months of their own. */
export const paymentColumns: Columns<PaymentDto> = {
  paymentId: (row) => row.paymentId,
  memberId: (row) => row.member.memberId,
  memberName: (row) => row.member.name,
  referrerId: (row) => row.referrerId,
  kind: (row) => row.kind,
  organic: (row) => row.organic,
  paidAt: (row) => row.paidAt,
  day: (row) => row.day,
  month: (row) => row.month,
  currency: (row) => row.currency,
  saleMinor: (row) => row.saleMinor,
  memberMinor: (row) => row.memberMinor,
  creatorMinor: (row) => row.creatorMinor,
  platformMinor: (row) => row.platformMinor,
  reversals: (row) => row.reversals.length,
  reversedSaleMinor: reversed('saleMinor'),
  reversedMemberMinor: reversed('memberMinor'),
  reversedCreatorMinor: reversed('creatorMinor'),
  reversedPlatformMinor: reversed('platformMinor'),
};
