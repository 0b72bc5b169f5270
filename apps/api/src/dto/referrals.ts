/** Referral lists: a creator's newest conversions, and those whom one member referred. */
import { ApiProperty, ApiPropertyOptional, IntersectionType } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import type { Conversion, Referral } from '#libs/application';
import type { Columns } from '../csv.js';
import { instantOrNull, instantToJson, pageOf } from './figures.js';
import { FormatQuery, PageQuery } from './queries.js';

export class NamedDto {
  @ApiProperty({ example: 'user_9c1e' })
  memberId: string;
  @ApiProperty({ description: 'Name, else username, else id.' })
  name: string;
}

export class ConversionsQuery extends IntersectionType(PageQuery, FormatQuery) {}

export class ConversionDto {
  @ApiProperty({ type: NamedDto })
  member: NamedDto;
  @ApiProperty({ type: NamedDto })
  referrer: NamedDto;
  @ApiProperty({ format: 'date-time' })
  convertedAt: string;
  @ApiProperty({ example: '2026-03', description: "On the creator's calendar." })
  month: string;
}

export class ConversionsDto extends pageOf(ConversionDto) {}

export const conversion = (row: Conversion): ConversionDto => ({
  member: row.member,
  referrer: row.referrer,
  convertedAt: instantToJson(row.convertedAt),
  month: row.month,
});

export const conversionColumns: Columns<ConversionDto> = {
  memberId: (row) => row.member.memberId,
  memberName: (row) => row.member.name,
  referrerId: (row) => row.referrer.memberId,
  referrerName: (row) => row.referrer.name,
  convertedAt: (row) => row.convertedAt,
  month: (row) => row.month,
};

const STATUSES = ['signedUp', 'converted'] as const;
type Status = (typeof STATUSES)[number];

export class MemberReferralsQuery extends IntersectionType(PageQuery, FormatQuery) {
  @ApiPropertyOptional({ enum: STATUSES, description: 'Absent: both.' })
  @IsOptional()
  @IsIn(STATUSES)
  status?: Status;
}

export class ReferralDto {
  @ApiProperty({ example: 'user_9c1e' })
  memberId: string;
  @ApiProperty({ description: 'Name, else username, else id.' })
  name: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  signedUpAt: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  convertedAt: string | null;
  @ApiProperty({ type: String, nullable: true, description: 'Month in which it counts.' })
  month: string | null;
  @ApiProperty({ enum: STATUSES })
  status: Status;
}

export class ReferralsDto extends pageOf(ReferralDto) {}

export const referral = (row: Referral): ReferralDto => ({
  memberId: row.memberId,
  name: row.name,
  signedUpAt: instantOrNull(row.signedUpAt),
  convertedAt: instantOrNull(row.convertedAt),
  month: row.month,
  status: row.status,
});

export const referralColumns: Columns<ReferralDto> = {
  memberId: (row) => row.memberId,
  name: (row) => row.name,
  signedUpAt: (row) => row.signedUpAt,
  convertedAt: (row) => row.convertedAt,
  month: (row) => row.month,
  status: (row) => row.status,
};
