/** What an admin may order of deliveries, and how it is answered. */
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
} from 'class-validator';
import {
  type DeliverySelection,
  type DeliveryVerdict,
  type ExcludedDelivery,
  MAX_ORDER_REASON_LENGTH,
  MAX_ORDERED_DELIVERIES,
  type Redrivable,
  type Redriven,
} from '#libs/application';
import { Problem } from '../problem.js';
import { decodeCursor, encodeCursor } from './cursor.js';
import { CODE_FORM, IsCreatorId } from './deliveries.js';
import { safeNumber } from './numbers.js';
import { MAX_CURSOR_LENGTH, MayBeAbsent } from './queries.js';
import { effectiveOf } from './settings-input.js';

const REDRIVABLE = ['parked', 'quarantined', 'excluded', 'ignored'] as const;
const WOULD = ['applied', 'unchanged', 'ignored', 'parked', 'quarantined', 'wait', 'refused'];

/** Numbers of deliveries: some, and not more than one order takes. */
function Ids(): PropertyDecorator {
  return (target, key) => {
    for (const rule of [
      IsArray(),
      ArrayMinSize(1),
      ArrayMaxSize(MAX_ORDERED_DELIVERIES),
      IsInt({ each: true }),
      Min(1, { each: true }),
      Max(Number.MAX_SAFE_INTEGER, { each: true }),
    ])
      rule(target, key);
  };
}

const DRY_RUN = { default: false, description: 'Say what would become of them, change nothing.' };
const REASON = {
  maxLength: MAX_ORDER_REASON_LENGTH,
  description: 'One line, kept for ever: name no person.',
};

export class RedriveInput {
  @ApiPropertyOptional(DRY_RUN)
  @MayBeAbsent()
  @IsBoolean()
  dryRun?: boolean;

  @ApiPropertyOptional(REASON)
  @MayBeAbsent()
  @IsString()
  reason?: string;
}

export class RedriveManyInput extends RedriveInput {
  @ApiPropertyOptional({ type: [Number], maxItems: MAX_ORDERED_DELIVERIES, example: [12, 15] })
  @MayBeAbsent()
  @Ids()
  ids?: number[];

  @ApiPropertyOptional({
    enum: [...REDRIVABLE, 'unresolved'],
    description: '`unresolved`: parked and quarantined, as when it is absent.',
  })
  @MayBeAbsent()
  @IsIn([...REDRIVABLE, 'unresolved'])
  status?: Redrivable | 'unresolved';

  @ApiPropertyOptional({ example: 'currency_unknown' })
  @MayBeAbsent()
  @Matches(CODE_FORM, { message: '$property must be a code such as currency_unknown' })
  code?: string;

  @ApiPropertyOptional({ example: '2026-03-01T00:00:00Z', description: 'Received since then.' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(64)
  since?: string;

  @ApiPropertyOptional({ example: 'biz_4f2a' })
  @MayBeAbsent()
  @IsCreatorId()
  creator?: string;

  @ApiPropertyOptional({ description: 'The nextCursor of the order before.' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(MAX_CURSOR_LENGTH)
  cursor?: string;
}

/** Throws 400 `selection_missing`, `selection_invalid`, `since_malformed`. */
export function selectionOf(input: RedriveManyInput): DeliverySelection {
  const { ids, status, code, since, creator, cursor } = input;
  const described = [status, code, since, creator].some((field) => field !== undefined);
  if (ids === undefined && !described)
    throw new Problem(400, 'selection_missing', 'Name ids, or a status, code, since or creator.');
  if (ids !== undefined && (described || cursor !== undefined))
    throw new Problem(400, 'selection_invalid', 'Name ids, or describe which: not both.');
  const statuses =
    status === undefined || status === 'unresolved'
      ? (['parked', 'quarantined'] as const)
      : [status];
  const after = decodeCursor(cursor, ['bigint'])?.[0];
  if (ids !== undefined) return { ids: ids.map(BigInt), statuses };
  return {
    statuses,
    code,
    creatorId: creator,
    since: since === undefined ? undefined : sinceOf(since),
    after,
  };
}

function sinceOf(text: string): number {
  const at = /T/.test(text) ? effectiveOf(text) : undefined;
  if (typeof at === 'number') return at;
  throw new Problem(
    400,
    'since_malformed',
    'since is an instant of whole seconds with its zone, such as 2026-03-01T00:00:00Z.',
  );
}

export class DeliveryVerdictDto {
  @ApiProperty({ type: 'integer' })
  id: number;
  @ApiProperty({ type: String, nullable: true, description: 'Before; null: there is none.' })
  status: string | null;
  @ApiProperty({ enum: WOULD, description: 'What deciding it now would come to.' })
  would: DeliveryVerdict['would'];
  @ApiProperty({ type: String, nullable: true })
  code: string | null;
  @ApiProperty({ example: 'would append 2 events: PaymentReceived, CommissionRestated' })
  verdict: string;
  @ApiProperty({ type: [String], description: 'Types of the events, in order.' })
  events: string[];
  @ApiProperty({ type: 'integer', nullable: true, description: 'Who told all of it before.' })
  duplicateOf: number | null;
  @ApiProperty({ description: 'It is pending again by this order.' })
  redriven: boolean;
}

export const verdictJson = (verdict: DeliveryVerdict): DeliveryVerdictDto => ({
  id: safeNumber(verdict.delivery),
  status: verdict.status,
  would: verdict.would,
  code: verdict.code,
  verdict: verdict.says,
  events: [...verdict.events],
  duplicateOf: verdict.duplicateOf === null ? null : safeNumber(verdict.duplicateOf),
  redriven: verdict.redriven,
});

export class RedrivenDto {
  @ApiProperty({ type: [DeliveryVerdictDto], description: 'Oldest first.' })
  items: DeliveryVerdictDto[];
  @ApiProperty({ type: 'integer', description: 'Parked ones beyond these that would be woken.' })
  wakes: number;
  @ApiProperty()
  dryRun: boolean;
  @ApiProperty({
    type: String,
    nullable: true,
    description: `One order takes ${MAX_ORDERED_DELIVERIES}: give it back as \`cursor\` for the next.`,
  })
  nextCursor: string | null;
}

export const redrivenJson = (done: Redriven, dryRun: boolean): RedrivenDto => ({
  items: done.items.map(verdictJson),
  wakes: done.wakes,
  dryRun,
  nextCursor: done.next === undefined ? null : encodeCursor([done.next]),
});

export class ExcludeInput {
  @ApiProperty({ ...REASON, minLength: 1, example: 'A test of the sender.' })
  @IsString()
  reason: string;

  @ApiPropertyOptional(DRY_RUN)
  @MayBeAbsent()
  @IsBoolean()
  dryRun?: boolean;
}

export class ExcludeManyInput extends ExcludeInput {
  @ApiProperty({ type: [Number], minItems: 1, maxItems: MAX_ORDERED_DELIVERIES })
  @Ids()
  ids: number[];
}

export class ExcludedDto {
  @ApiProperty({ type: 'integer' })
  id: number;
  @ApiProperty({ type: String, nullable: true, description: 'Before; null: there is none.' })
  status: string | null;
  @ApiProperty({ description: 'By this order; false: it was so already, or is refused.' })
  excluded: boolean;
  @ApiProperty({ type: String, nullable: true, description: 'Why it is refused.' })
  code: string | null;
  @ApiProperty({ type: String, nullable: true })
  detail: string | null;
}

export class ExcludedManyDto {
  @ApiProperty({ type: [ExcludedDto] })
  items: ExcludedDto[];
  @ApiProperty()
  dryRun: boolean;
}

export const excludedJson = (one: ExcludedDelivery): ExcludedDto => ({
  id: safeNumber(one.delivery),
  status: one.status,
  excluded: one.excluded,
  code: one.refusal?.code ?? null,
  detail: one.refusal?.detail ?? null,
});
