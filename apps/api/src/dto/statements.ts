/** A member's statement: totals per currency, and the lines that make them. */
import { ApiProperty, ApiPropertyOptional, IntersectionType } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import type { StatementLine, StatementTotals } from '#libs/application';
import type { Columns } from '../csv.js';
import { instantToJson, pageOf } from './figures.js';
import { minorToJson } from './numbers.js';
import { FormatQuery, IsCurrency, MonthQuery, PageQuery } from './queries.js';
import { NamedDto } from './referrals.js';

export class StatementQuery extends IntersectionType(MonthQuery, PageQuery, FormatQuery) {
  @ApiPropertyOptional({ example: 'usd', description: 'Absent: every currency.' })
  @IsOptional()
  @IsCurrency()
  currency?: string;
}

const KINDS = ['commission', 'reversal'] as const;
const PAYMENT_KINDS = ['initial', 'recurring'] as const;

export class StatementLineDto {
  @ApiProperty({ enum: KINDS })
  kind: (typeof KINDS)[number];
  @ApiProperty({ format: 'date-time', description: 'When it was paid, refunded or lost.' })
  at: string;
  @ApiProperty({ example: '2026-03-14', description: "On the creator's calendar." })
  day: string;
  @ApiProperty({ example: 'pay_7d3b' })
  paymentId: string;
  @ApiProperty({
    type: String,
    nullable: true,
    example: 'rfnd_2b9c',
    description: 'Refund or dispute; null: a commission.',
  })
  reversalId: string | null;
  @ApiProperty({ enum: PAYMENT_KINDS })
  paymentKind: (typeof PAYMENT_KINDS)[number];
  @ApiProperty({ type: NamedDto, description: 'Who paid.' })
  member: NamedDto;
  @ApiProperty({ example: 'usd' })
  currency: string;
  @ApiProperty({ type: 'integer', description: 'The sale, or what of it was reversed; positive.' })
  saleMinor: number;
  @ApiProperty({ type: 'integer', description: 'Commissions are positive, reversals negative.' })
  amountMinor: number;
  @ApiProperty({ type: 'integer', description: 'Of the currency, after this line.' })
  balanceMinor: number;
}

export class StatementTotalsDto {
  @ApiProperty({ example: 'usd' })
  currency: string;
  @ApiProperty({ type: 'integer', description: 'What all months before left.' })
  openingMinor: number;
  @ApiProperty({ type: 'integer', description: 'Commissions of the month.' })
  earnedMinor: number;
  @ApiProperty({ type: 'integer', description: 'Reversals of the month; positive.' })
  reversedMinor: number;
  @ApiProperty({ type: 'integer', description: 'Opening + earned − reversed.' })
  closingMinor: number;
}

export class StatementDto extends pageOf(StatementLineDto) {
  @ApiProperty({ example: 'user_9c1e' })
  memberId: string;
  @ApiProperty({ description: 'Name, else username, else id.' })
  name: string;
  @ApiProperty({ example: '2026-03' })
  month: string;
  @ApiProperty({
    type: [StatementTotalsDto],
    description: 'Each currency with an amount by the end of the month; on every page the same.',
  })
  totals: StatementTotalsDto[];
  @ApiProperty({ type: [String], description: 'Those that `currency` leaves out.' })
  otherCurrencies: readonly string[];
}

export const statementLine = (line: StatementLine): StatementLineDto => ({
  kind: line.kind,
  at: instantToJson(line.at),
  day: line.day,
  paymentId: line.paymentId,
  reversalId: line.reversalId,
  paymentKind: line.paymentKind,
  member: line.member,
  currency: line.currency,
  saleMinor: minorToJson(line.saleMinor),
  amountMinor: minorToJson(line.amountMinor),
  balanceMinor: minorToJson(line.balanceMinor),
});

export const statementTotals = (totals: StatementTotals): StatementTotalsDto => ({
  currency: totals.currency,
  openingMinor: minorToJson(totals.openingMinor),
  earnedMinor: minorToJson(totals.earnedMinor),
  reversedMinor: minorToJson(totals.reversedMinor),
  closingMinor: minorToJson(totals.closingMinor),
});

export const statementColumns: Columns<StatementLineDto> = {
  kind: (row) => row.kind,
  at: (row) => row.at,
  day: (row) => row.day,
  paymentId: (row) => row.paymentId,
  reversalId: (row) => row.reversalId,
  paymentKind: (row) => row.paymentKind,
  memberId: (row) => row.member.memberId,
  memberName: (row) => row.member.name,
  currency: (row) => row.currency,
  saleMinor: (row) => row.saleMinor,
  amountMinor: (row) => row.amountMinor,
  balanceMinor: (row) => row.balanceMinor,
};
