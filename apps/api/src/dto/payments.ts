/** Commission lines by payment. */
import { ApiProperty, ApiPropertyOptional, IntersectionType } from '@nestjs/swagger';
import { IsIn, IsOptional, Matches } from 'class-validator';
import type { Payment } from '#libs/application';
import { instantToJson, pageOf } from './figures.js';
import { minorToJson } from './numbers.js';
import { IsMonth, PageQuery } from './queries.js';
import { NamedDto } from './referrals.js';

const KINDS = ['initial', 'recurring'] as const;
const ASKED_KINDS = [...KINDS, 'organic'] as const;

class PaymentsFilter {
  @ApiPropertyOptional({ example: '2026-03', description: 'Absent: all months.' })
  @IsOptional()
  @IsMonth()
  month?: string;

  @ApiPropertyOptional({ example: 'user_9c1e', description: 'Who paid.' })
  @IsOptional()
  @Matches(/^user_[A-Za-z0-9_]{1,64}$/, { message: '$property must be the id of a member' })
  member?: string;

  @ApiPropertyOptional({
    enum: ASKED_KINDS,
    description: 'initial and recurring include organic ones; organic: without a referrer.',
  })
  @IsOptional()
  @IsIn(ASKED_KINDS)
  kind?: (typeof ASKED_KINDS)[number];
}

export class PaymentsQuery extends IntersectionType(PaymentsFilter, PageQuery) {}

export class PaymentDto {
  @ApiProperty({ example: 'pay_7d3b' })
  paymentId: string;
  @ApiProperty({ type: NamedDto })
  member: NamedDto;
  @ApiProperty({ type: String, nullable: true, description: 'Null: organic.' })
  referrerId: string | null;
  @ApiProperty({ enum: KINDS })
  kind: (typeof KINDS)[number];
  @ApiProperty()
  organic: boolean;
  @ApiProperty({ format: 'date-time' })
  paidAt: string;
  @ApiProperty({ example: '2026-03', description: "On the creator's calendar." })
  month: string;
  @ApiProperty({ example: 'usd' })
  currency: string;
  @ApiProperty({ type: 'integer', description: 'Tax included, fees not deducted.' })
  saleMinor: number;
  @ApiProperty({ type: 'integer', description: "The referrer's share." })
  memberMinor: number;
  @ApiProperty({ type: 'integer' })
  creatorMinor: number;
  @ApiProperty({ type: 'integer' })
  platformMinor: number;
}

export class PaymentsDto extends pageOf(PaymentDto) {}

export const payment = (row: Payment): PaymentDto => ({
  paymentId: row.paymentId,
  member: row.member,
  referrerId: row.referrerId,
  kind: row.kind,
  organic: row.organic,
  paidAt: instantToJson(row.paidAt),
  month: row.month,
  currency: row.currency,
  saleMinor: minorToJson(row.saleMinor),
  memberMinor: minorToJson(row.memberMinor),
  creatorMinor: minorToJson(row.creatorMinor),
  platformMinor: minorToJson(row.platformMinor),
});
