/** Explanations: what counts, what does not, and why. */
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { FigureState, FigureUnit } from '#libs/application';
import { FiguresDto } from './figures.js';
import { NamedDto } from './referrals.js';

export const STATES: readonly FigureState[] = ['known', 'closed', 'pending'];
const UNITS: readonly FigureUnit[] = ['count', 'money', 'tier', 'rank'];
export class ExplainedEventDto {
  @ApiProperty({ type: 'integer', description: 'Its place in the log.' })
  position: number;
  @ApiProperty()
  eventId: string;
  @ApiProperty({ example: 'PaymentReceived' })
  type: string;
  @ApiProperty({ example: 'member-biz_4f2a.user_9c1e' })
  stream: string;
  @ApiProperty({ format: 'date-time' })
  recordedAt: string;
  @ApiProperty({ type: 'integer', description: 'What it adds to the figure; signed.' })
  contribution: number;
}

export class ExplainedFactDto {
  @ApiProperty({ example: 'conversion', description: 'signUp, sale, conversion, reversal, …' })
  kind: string;
  @ApiProperty({ description: 'Payment, refund, dispute or membership.' })
  sourceId: string;
  @ApiProperty({ type: String, nullable: true })
  paymentId: string | null;
  @ApiProperty({ type: NamedDto, description: 'Whose fact it is.' })
  member: NamedDto;
  @ApiProperty({ type: String, nullable: true })
  referrerId: string | null;
  @ApiProperty({ type: String, nullable: true, example: 'usd' })
  currency: string | null;
  @ApiProperty({ description: 'A sentence.' })
  why: string;
  @ApiProperty({ type: [ExplainedEventDto], description: 'All that say something of it.' })
  events: ExplainedEventDto[];
}

export class CountedDto extends ExplainedFactDto {
  @ApiProperty({ format: 'date-time' })
  at: string;
  @ApiProperty({ example: '2026-03-14', description: "On the creator's calendar." })
  day: string;
  @ApiProperty({ type: 'integer', description: 'Never zero: without it the figure is another.' })
  contribution: number;
}

export class NotCountedDto extends ExplainedFactDto {
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  at: string | null;
  @ApiProperty({ type: String, nullable: true })
  day: string | null;
  @ApiProperty({ example: 'not_paid', description: 'Why not, for programs.' })
  code: string;
}

class NotCountedByDto {
  @ApiProperty({ example: 'not_paid' })
  code: string;
  @ApiProperty({ type: 'integer' })
  facts: number;
}

export class SetByDto {
  @ApiProperty({ type: 'integer' })
  position: number;
  @ApiProperty()
  eventId: string;
  @ApiProperty({ example: 'TiersSet' })
  type: string;
  @ApiProperty({ format: 'date-time' })
  effectiveAt: string;
}

class ThresholdDto {
  @ApiProperty({ example: 'Gold' })
  name: string;
  @ApiProperty({ type: 'integer' })
  from: number;
}

class PinExplainedDto extends SetByDto {
  @ApiProperty({ example: 'Gold' })
  tier: string;
  @ApiProperty()
  reason: string;
}

class TierExplainedDto {
  @ApiProperty({ type: [ThresholdDto], description: 'In force.' })
  tiers: ThresholdDto[];
  @ApiProperty({ type: SetByDto, nullable: true, description: 'Null: the default thresholds.' })
  setBy: SetByDto | null;
  @ApiProperty({ type: PinExplainedDto, nullable: true, description: 'Null: none is in force.' })
  pin: PinExplainedDto | null;
}

class NeighbourDto extends NamedDto {
  @ApiProperty({ type: 'integer' })
  rank: number;
  @ApiProperty({ type: 'integer' })
  totalReferrals: number;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  reachedAt: string | null;
}

class RankExplainedDto {
  @ApiProperty({ type: 'integer', nullable: true, description: 'How many have one.' })
  ranked: number | null;
  @ApiProperty({ type: [NeighbourDto], description: 'The member and who stands around, by rank.' })
  around: NeighbourDto[];
}

/** A count or an amount, a tier, or nothing. */
const Value = (description: string): PropertyDecorator =>
  ApiProperty({ oneOf: [{ type: 'integer' }, { type: 'string' }], nullable: true, description });

class SealExplainedDto extends SetByDto {
  @ApiProperty({ type: 'integer' })
  version: number;
  @ApiProperty({ description: 'SHA-256 over the canonical lines, in hex.' })
  digest: string;
  @ApiProperty({ description: 'The stream of its pages.' })
  snapshot: string;
  @ApiProperty({ type: 'integer', description: 'Events after it are not in it.' })
  throughPosition: number;
  @Value('What the pages in the log say.')
  stated: number | string | null;
}

class RuleDto {
  @ApiProperty({ description: 'What counts, as a sentence.' })
  says: string;
  @ApiProperty({ description: 'Where it comes from.' })
  section: string;
}

class SubjectDto {
  @ApiProperty({ example: 'biz_4f2a' })
  creatorId: string;
  @ApiPropertyOptional({ example: 'user_9c1e', description: 'Absent: the creator’s own figure.' })
  memberId?: string;
  @ApiPropertyOptional({ description: 'Name, else username, else id.' })
  name?: string;
}

export class ExplanationDto extends FiguresDto {
  @ApiProperty({ example: 'monthlyReferrals' })
  figure: string;
  @ApiProperty({ enum: UNITS })
  unit: FigureUnit;
  @ApiProperty({ type: SubjectDto })
  subject: SubjectDto;
  @ApiProperty({ type: String, nullable: true, example: '2026-03' })
  month: string | null;
  @ApiProperty({ type: String, nullable: true })
  day: string | null;
  @ApiProperty({ type: String, nullable: true, description: 'The days of the month up to it.' })
  throughDay: string | null;
  @ApiProperty({ type: String, nullable: true, description: 'Null: of all of them, or of none.' })
  currency: string | null;
  @ApiProperty({ enum: STATES })
  state: FigureState;
  @ApiProperty({ type: String, nullable: true })
  origin: string | null;
  @ApiProperty({ type: String, nullable: true })
  source: string | null;
  @Value('By the log.')
  total: number | string | null;
  @ApiProperty({
    type: 'integer',
    description: 'Of all contributions: the total; of a tier and a rank the total referrals.',
  })
  sum: number;
  @Value('What the read models answer at the same position.')
  readModel: number | string | null;
  @ApiProperty({ description: 'Both say the same; false: replay, and tell somebody.' })
  agrees: boolean;
  @ApiProperty({ type: RuleDto })
  rule: RuleDto;
  @ApiProperty({ type: [CountedDto], description: 'What counts, by time; a page.' })
  counted: CountedDto[];
  @ApiProperty({ type: 'integer', description: 'How many count, on all pages.' })
  countedFacts: number;
  @ApiProperty({ type: [NotCountedDto], description: 'The first of them; on the first page.' })
  notCounted: NotCountedDto[];
  @ApiProperty({ type: [NotCountedByDto], description: 'How many do not, by code.' })
  notCountedBy: NotCountedByDto[];
  @ApiPropertyOptional({ type: TierExplainedDto })
  tier?: TierExplainedDto;
  @ApiPropertyOptional({ type: RankExplainedDto })
  rank?: RankExplainedDto;
  @ApiPropertyOptional({ type: SealExplainedDto, description: 'Of a closed month.' })
  seal?: SealExplainedDto;
  @ApiProperty({ type: String, nullable: true, description: 'Of what counts.' })
  nextCursor: string | null;
}

export class ExplainableFigureDto {
  @ApiProperty({ example: 'monthlyReferrals' })
  figure: string;
  @ApiProperty({ enum: UNITS })
  unit: FigureUnit;
  @ApiProperty()
  says: string;
  @ApiProperty({ description: 'Of one payment, refund or dispute: needs `source`.' })
  ofSource: boolean;
  @ApiProperty({ description: 'Snapshots of closed months state it.' })
  stated: boolean;
  @ApiProperty({ description: 'Can be asked for by day.' })
  byDay: boolean;
}

export class ExplainableDto {
  @ApiProperty({ type: [ExplainableFigureDto] })
  figures: ExplainableFigureDto[];
}
