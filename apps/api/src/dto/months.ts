/** Months: the list, one in full, and a snapshot as a list. */
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsInt, IsOptional, Max, Min } from 'class-validator';
import type {
  Framed,
  ListedMonth,
  MonthDetail,
  PendingLine,
  SnapshotItem,
} from '#libs/application';
import { CREATOR_FIGURES, type MonthStatus, REFERRER_FIGURES } from '#libs/ledger';
import type { Columns } from '../csv.js';
import { FiguresDto, framed, instantToJson, pageOf } from './figures.js';
import {
  CreatorAmountsDto,
  creatorAmountsJson,
  ReferrerAmountsDto,
  referrerAmountsJson,
  SealedVersionDto,
  sealedVersionJson,
} from './month-figures.js';
import { minorToJson, safeNumber } from './numbers.js';
import { Digits } from './queries.js';

const STATUSES: readonly MonthStatus[] = ['open', 'closing', 'closed'];

class MonthStateDto {
  @ApiProperty({ example: '2026-03' })
  month: string;
  @ApiProperty({ enum: STATUSES })
  status: MonthStatus;
  @ApiProperty({ format: 'date-time', description: 'From then on it may be closed.' })
  closableAt: string;
}

export class ListedMonthDto extends MonthStateDto {
  @ApiProperty({ type: SealedVersionDto, nullable: true, description: 'The latest version.' })
  asClosed: SealedVersionDto | null;
  @ApiProperty({ type: [CreatorAmountsDto], description: 'Known and not stated yet; signed.' })
  pending: CreatorAmountsDto[];
}

export class MonthsDto extends pageOf(ListedMonthDto) {
  @ApiProperty({ example: 'biz_4f2a' })
  creatorId: string;
}

export const listedMonthJson = (one: ListedMonth): ListedMonthDto => ({
  month: one.month,
  status: one.status,
  closableAt: instantToJson(one.closableAt),
  asClosed: one.sealed && sealedVersionJson(one.sealed),
  pending: one.pending.map(creatorAmountsJson),
});

class LiveFiguresDto {
  @ApiProperty({ type: 'integer', description: 'Signed up by the end of the month.' })
  members: number;
  @ApiProperty({ type: 'integer', description: 'Conversions by the end of the month.' })
  totalReferrals: number;
  @ApiProperty({ type: [CreatorAmountsDto] })
  creator: CreatorAmountsDto[];
}

class CreatorAdjustmentDto extends CreatorAmountsDto {
  @ApiProperty({ example: '2026-04', description: 'The month whose close carries it.' })
  closedMonth: string;
}
class ReferrersAdjustmentDto extends ReferrerAmountsDto {
  @ApiProperty({ example: '2026-04', description: 'The month whose close carries it.' })
  closedMonth: string;
}
class AdjustmentsDto {
  @ApiProperty({ type: [CreatorAdjustmentDto] })
  creator: CreatorAdjustmentDto[];
  @ApiProperty({ type: [ReferrersAdjustmentDto], description: 'Of all members together.' })
  referrers: ReferrersAdjustmentDto[];
}

class PendingReferrerDto extends ReferrerAmountsDto {
  @ApiProperty({ example: 'user_9c1e' })
  memberId: string;
}
class PendingLineDto {
  @ApiProperty({ type: 'integer', description: 'Of the event that says it.' })
  position: number;
  @ApiProperty()
  eventId: string;
  @ApiProperty({ example: 'CommissionRestated' })
  eventType: string;
  @ApiProperty({ example: 'sale' })
  kind: string;
  @ApiProperty({ description: 'Payment, refund, dispute or membership.' })
  sourceId: string;
  @ApiProperty({ format: 'date-time' })
  at: string;
  @ApiProperty({ example: '2026-03-31' })
  day: string;
  @ApiProperty({ example: 'user_9c1e' })
  memberId: string;
  @ApiProperty({ type: String, nullable: true })
  referrerId: string | null;
  @ApiProperty({ type: String, nullable: true })
  currency: string | null;
  @ApiProperty({ type: 'integer', description: '1, or -1 for a line taken back.' })
  count: number;
  @ApiProperty({ type: 'integer' })
  saleMinor: number;
  @ApiProperty({ type: 'integer' })
  memberMinor: number;
  @ApiProperty({ type: 'integer' })
  creatorMinor: number;
  @ApiProperty({ type: 'integer' })
  platformMinor: number;
}
class PendingDto {
  @ApiProperty({ type: [CreatorAmountsDto] })
  creator: CreatorAmountsDto[];
  @ApiProperty({ type: [PendingReferrerDto], description: 'The first 500.' })
  referrers: PendingReferrerDto[];
  @ApiProperty({ type: [PendingLineDto], description: 'By event; the first 500.' })
  lines: PendingLineDto[];
  @ApiProperty({ description: 'There are more referrers or lines than these.' })
  isCut: boolean;
}

export class MonthDto extends FiguresDto {
  @ApiProperty({ example: 'biz_4f2a' })
  creatorId: string;
  @ApiProperty({ example: '2026-03' })
  month: string;
  @ApiProperty({ enum: STATUSES })
  status: MonthStatus;
  @ApiProperty({ format: 'date-time', description: 'From then on it may be closed.' })
  closableAt: string;
  @ApiProperty({ type: LiveFiguresDto, description: 'As now known.' })
  live: LiveFiguresDto;
  @ApiProperty({ type: SealedVersionDto, nullable: true, description: 'The latest version.' })
  asClosed: SealedVersionDto | null;
  @ApiProperty({ type: [SealedVersionDto], description: 'All versions, the latest last.' })
  versions: SealedVersionDto[];
  @ApiProperty({ type: AdjustmentsDto, description: 'Carried by later closes.' })
  adjustments: AdjustmentsDto;
  @ApiProperty({ type: PendingDto, description: 'Known and not stated yet; signed.' })
  pending: PendingDto;
}

export function monthJson(detail: Framed<MonthDetail>): MonthDto {
  const versions = detail.versions.map(sealedVersionJson);
  const { live, adjustments, pending } = detail;
  return {
    creatorId: detail.creatorId,
    month: detail.month,
    status: detail.status,
    closableAt: instantToJson(detail.closableAt),
    live: {
      members: safeNumber(live.members),
      totalReferrals: safeNumber(live.totalReferrals),
      creator: live.creator.map(creatorAmountsJson),
    },
    asClosed: versions.at(-1) ?? null,
    versions,
    adjustments: {
      creator: adjustments.creator.map((one) => ({
        closedMonth: one.closedMonth,
        ...creatorAmountsJson(one),
      })),
      referrers: adjustments.referrers.map((one) => ({
        closedMonth: one.closedMonth,
        ...referrerAmountsJson(one),
      })),
    },
    pending: {
      creator: pending.creator.map(creatorAmountsJson),
      referrers: pending.referrers.map((one) => ({
        memberId: one.memberId,
        ...referrerAmountsJson(one),
      })),
      lines: pending.lines.map(pendingLineJson),
      isCut: pending.isCut,
    },
    ...framed(detail),
  };
}

const pendingLineJson = (line: PendingLine): PendingLineDto => ({
  position: safeNumber(line.position),
  eventId: line.eventId,
  eventType: line.eventType,
  kind: line.kind,
  sourceId: line.sourceId,
  at: instantToJson(line.at),
  day: line.day,
  memberId: line.memberId,
  referrerId: line.referrerId,
  currency: line.currency === '' ? null : line.currency,
  count: safeNumber(line.count),
  saleMinor: minorToJson(line.saleMinor),
  memberMinor: minorToJson(line.memberMinor),
  creatorMinor: minorToJson(line.creatorMinor),
  platformMinor: minorToJson(line.platformMinor),
});

const MAX_VERSION = 1_000_000;

export class SnapshotQuery {
  @ApiPropertyOptional({ type: 'integer', minimum: 1, description: 'Absent: the latest.' })
  @IsOptional()
  @Digits()
  @IsInt()
  @Min(1)
  @Max(MAX_VERSION)
  version?: number;
}

/** The creator's figures are empty in a member's row, and the other way round. */
export const snapshotColumns: Columns<SnapshotItem> = {
  kind: (row) => row.kind,
  memberId: (row) => (row.memberId === '' ? null : row.memberId),
  name: (row) => (row.name === '' ? null : row.name),
  rank: (row) => row.rank,
  tier: (row) => row.tier,
  totalReferrals: (row) => row.totalReferrals,
  month: (row) => row.origin,
  currency: (row) => row.currency,
  ...Object.fromEntries(
    REFERRER_FIGURES.map((figure) => [
      figure,
      (row: SnapshotItem) => {
        const isShared = figure === 'referrals' || figure === 'reversedReferrals';
        return row.referrer?.[figure] ?? (isShared ? (row.creator?.[figure] ?? null) : null);
      },
    ]),
  ),
  ...Object.fromEntries(
    CREATOR_FIGURES.filter(
      (figure) => figure !== 'referrals' && figure !== 'reversedReferrals',
    ).map((figure) => [figure, (row: SnapshotItem) => row.creator?.[figure] ?? null]),
  ),
};
