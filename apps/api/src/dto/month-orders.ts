/** Closing and restating a month: how it is ordered, and how it is answered. */
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsString, MaxLength } from 'class-validator';
import {
  type Blocker,
  type MonthClosedAnswer,
  type MonthPlan,
  type MonthRestatedAnswer,
  type SealedAnswer,
  totalsOf,
} from '#libs/application';
import { instantToJson } from './figures.js';
import { SnapshotTotalsDto, totalsJson } from './month-figures.js';
import { safeNumber } from './numbers.js';
import { OrderInput, REASON } from './order.js';
import { MayBeAbsent } from './queries.js';

const MAX_DIGEST_LENGTH = 100;

export class CloseInput extends OrderInput {
  @ApiPropertyOptional(REASON)
  @MayBeAbsent()
  @IsString()
  reason?: string;

  @ApiPropertyOptional({
    default: false,
    description: 'Closes a month that is in its grace period or has not ended; needs a reason.',
  })
  @MayBeAbsent()
  @IsBoolean()
  force?: boolean;

  @ApiPropertyOptional({
    description: 'Of a plan: refused (409) if anything else would be sealed.',
  })
  @MayBeAbsent()
  @IsString()
  @MaxLength(MAX_DIGEST_LENGTH)
  expectedDigest?: string;
}

export class RestateInput extends OrderInput {
  @ApiProperty(REASON)
  @IsString()
  reason: string;

  @ApiProperty({ description: 'Of the latest version: you know what you replace.' })
  @IsString()
  @MaxLength(MAX_DIGEST_LENGTH)
  expectedDigest: string;
}

class SealedDto {
  @ApiProperty({ example: 'biz_4f2a' })
  creatorId: string;
  @ApiProperty({ example: '2026-03' })
  month: string;
  @ApiProperty({ type: 'integer' })
  version: number;
  @ApiProperty({ type: 'integer', description: 'Every event up to it is in the figures.' })
  throughPosition: number;
  @ApiProperty({ description: 'SHA-256 over the canonical lines, in hex.' })
  digest: string;
  @ApiProperty({ type: 'integer', description: 'Events that hold the lines, before the seal.' })
  pages: number;
  @ApiProperty({ type: 'integer', description: 'Of the creator and of every member.' })
  lines: number;
  @ApiProperty({ type: SnapshotTotalsDto })
  totals: SnapshotTotalsDto;
  @ApiProperty({
    type: 'integer',
    nullable: true,
    description: 'Of the seal, for `?settled=`; null: nothing was sealed.',
  })
  position: number | null;
  @ApiProperty({ description: 'True: nothing was changed.' })
  dryRun: boolean;
  @ApiProperty({ type: [String], description: 'What deserves a look.' })
  warnings: readonly string[];
}

const sealedJson = ({ creatorId, seal, position }: SealedAnswer) => ({
  creatorId,
  month: seal.month,
  version: seal.version,
  throughPosition: safeNumber(BigInt(seal.position)),
  digest: seal.digest,
  pages: seal.pages,
  lines: seal.lines,
  totals: totalsJson(totalsOf(seal.month, seal.totals)),
  position: position === undefined ? null : safeNumber(position),
});

export class BlockerDto {
  @ApiProperty({ enum: ['check', 'delivery'] })
  kind: 'check' | 'delivery';
  @ApiProperty({ example: 'payment_unknown' })
  code: string;
  @ApiProperty()
  says: string;
  @ApiProperty({ description: 'What takes it out of the way.' })
  next: string;
  @ApiProperty({ type: String, nullable: true, description: 'Number of a delivery.' })
  delivery: string | null;
}

const blockerJson = ({ kind, code, says, next, delivery }: Blocker): BlockerDto => ({
  kind,
  code,
  says,
  next,
  delivery: delivery === null ? null : String(delivery),
});

class EarlyDto {
  @ApiProperty({ enum: ['month_not_ended', 'month_in_grace'] })
  code: string;
  @ApiProperty()
  says: string;
}
class PlannedStandingDto {
  @ApiProperty({ type: 'integer' })
  rank: number;
  @ApiProperty({ example: 'user_9c1e' })
  memberId: string;
  @ApiProperty({ example: 'Gold' })
  tier: string;
  @ApiProperty({ type: 'integer' })
  totalReferrals: number;
}

export class MonthPlanDto {
  @ApiProperty({ type: [BlockerDto], description: 'Nothing overrides these.' })
  blockers: BlockerDto[];
  @ApiProperty({ type: EarlyDto, nullable: true, description: 'Force, with a reason, does.' })
  early: EarlyDto | null;
  @ApiProperty({ format: 'date-time', description: 'From then on no force is needed.' })
  closableAt: string;
  @ApiProperty({ type: [PlannedStandingDto], description: 'The first ten.' })
  top: PlannedStandingDto[];
}

const planJson = ({ blockers, early, closableAt, top }: MonthPlan): MonthPlanDto => ({
  blockers: blockers.map(blockerJson),
  early,
  closableAt: instantToJson(closableAt),
  top: top.map((one) => ({ ...one, totalReferrals: safeNumber(one.totalReferrals) })),
});

export class MonthClosedDto extends SealedDto {
  @ApiProperty({ description: 'It was closed before: the answer is its latest version.' })
  alreadyClosed: boolean;
  @ApiProperty({ type: MonthPlanDto, nullable: true, description: 'Of a dry run.' })
  plan: MonthPlanDto | null;
}

export const monthClosedJson = (done: MonthClosedAnswer, dryRun: boolean): MonthClosedDto => ({
  ...sealedJson(done),
  alreadyClosed: done.alreadyClosed,
  dryRun,
  warnings: done.warnings,
  plan: done.plan && planJson(done.plan),
});

export class MonthRestatedDto extends SealedDto {
  @ApiProperty({ description: 'False: nothing else is known, or it was restated so already.' })
  changed: boolean;
  @ApiProperty({ type: [BlockerDto] })
  blockers: BlockerDto[];
}

export const monthRestatedJson = (
  done: MonthRestatedAnswer,
  dryRun: boolean,
): MonthRestatedDto => ({
  ...sealedJson(done),
  changed: done.changed,
  dryRun,
  warnings: done.warnings,
  blockers: done.blockers.map(blockerJson),
});
