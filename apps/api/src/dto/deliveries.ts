/** Deliveries as operators see them: lists, one in full, and which are asked for. */
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, Matches, ValidateBy } from 'class-validator';
import {
  DELIVERY_STATUSES,
  type DeliveryFilter,
  type DeliveryInFull,
  type DeliveryStatus,
  type ListedDelivery,
  type StatusCounts,
} from '#libs/ingestion';
import { isCreatorId, isDay, isUserId } from '#libs/ledger';
import { Problem } from '../problem.js';
import { AsOfDto, instantOrNull, instantToJson } from './figures.js';
import { safeNumber } from './numbers.js';
import { MONTH, PageQuery } from './queries.js';

export const CODE_FORM = /^[a-z][a-z0-9_]{0,79}$/;
const TYPE_FORM = /^[A-Za-z0-9_.]{1,80}$/;
const LISTED = [...DELIVERY_STATUSES, 'unresolved'] as const;

const isOfForm = (name: string, is: (text: string) => boolean, what: string): PropertyDecorator =>
  ValidateBy({
    name,
    validator: {
      validate: (value: unknown) => typeof value === 'string' && is(value),
      defaultMessage: () => `$property must be ${what}`,
    },
  });

export const IsCreatorId = (): PropertyDecorator =>
  isOfForm('isCreatorId', isCreatorId, 'a creator, such as biz_4f2a');
export const IsMemberId = (): PropertyDecorator =>
  isOfForm('isMemberId', isUserId, 'a member, such as user_9c1e');

/** `2026-03-14` or `2026-03`, one that exists. */
const IsDayOrMonth = (): PropertyDecorator =>
  ValidateBy({
    name: 'isDayOrMonth',
    validator: {
      validate: (value: unknown) =>
        typeof value === 'string' && (MONTH.test(value) || (DAY.test(value) && isDay(value))),
      defaultMessage: () => '$property must be a day, YYYY-MM-DD, or a month, YYYY-MM',
    },
  });
const DAY = /^(19[7-9]\d|[2-9]\d{3})-\d\d-\d\d$/;

export class DeliveriesQuery extends PageQuery {
  @ApiPropertyOptional({ enum: LISTED, description: '`unresolved`: parked and quarantined.' })
  @IsOptional()
  @IsIn(LISTED)
  status?: DeliveryStatus | 'unresolved';

  @ApiPropertyOptional({ example: 'payment.succeeded' })
  @IsOptional()
  @Matches(TYPE_FORM, { message: '$property must be a type such as payment.succeeded' })
  type?: string;

  @ApiPropertyOptional({ example: 'biz_4f2a' })
  @IsOptional()
  @IsCreatorId()
  creator?: string;

  @ApiPropertyOptional({ example: 'amount_missing' })
  @IsOptional()
  @Matches(CODE_FORM, { message: '$property must be a code such as amount_missing' })
  code?: string;

  @ApiPropertyOptional({
    example: '2026-03-01',
    description: 'First day or month of receipt, UTC.',
  })
  @IsOptional()
  @IsDayOrMonth()
  from?: string;

  @ApiPropertyOptional({ example: '2026-03', description: 'Last day or month, inclusive.' })
  @IsOptional()
  @IsDayOrMonth()
  to?: string;
}

export const filterOf = (query: DeliveriesQuery): DeliveryFilter => ({
  status: query.status,
  type: query.type,
  code: query.code,
  creatorId: query.creator,
  from: query.from === undefined ? undefined : startOf(query.from, 0),
  to: query.to === undefined ? undefined : startOf(query.to, 1),
});

/** First instant of the day or month, or of the one `later`; in UTC, for a list spans creators. */
function startOf(text: string, later: 0 | 1): number {
  const [year = 0, month = 1, day] = text.split('-').map(Number);
  const at =
    day === undefined
      ? Date.UTC(year, month - 1 + later, 1)
      : Date.UTC(year, month - 1, day + later);
  return at / 1000;
}

/** `12`, or `d12` as a delivery's `flywheel-settled` header says it. Throws 400 `id_malformed`. */
export function deliveryIdOf(text: string): bigint {
  const digits = /^d?([1-9]\d{0,14})$/.exec(text)?.[1];
  if (digits !== undefined) return BigInt(digits);
  throw new Problem(400, 'id_malformed', 'A delivery is named by its number, such as 12.');
}

export class ListedDeliveryDto {
  @ApiProperty({ type: 'integer', description: 'Order of arrival.' })
  id: number;
  @ApiProperty({ example: 'whop', description: '`internal`: the ledger told itself.' })
  provider: string;
  @ApiProperty({ description: "The sender's own id of it, or the SHA-256 of its bytes." })
  deliveryId: string;
  @ApiProperty()
  generation: string;
  @ApiProperty({ enum: DELIVERY_STATUSES })
  status: DeliveryStatus;
  @ApiProperty({ type: String, nullable: true })
  type: string | null;
  @ApiProperty({ type: String, nullable: true, description: 'Stable.' })
  code: string | null;
  @ApiProperty({ type: String, nullable: true, description: 'What is wrong, for people.' })
  detail: string | null;
  @ApiProperty({ type: String, nullable: true })
  creatorId: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  effectiveAt: string | null;
  @ApiProperty({ type: String, format: 'date-time' })
  receivedAt: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  decidedAt: string | null;
  @ApiProperty({ type: 'integer', nullable: true, description: 'Of its last event.' })
  position: number | null;
  @ApiProperty({ description: 'False: retention has passed.' })
  hasBody: boolean;
}

export const listedJson = (item: ListedDelivery): ListedDeliveryDto => ({
  id: safeNumber(item.id),
  provider: item.provider,
  deliveryId: item.deliveryId,
  generation: item.generation,
  status: item.status,
  type: item.type,
  code: item.code,
  detail: item.detail,
  creatorId: item.creatorId,
  effectiveAt: instantOrNull(item.effectiveAt),
  receivedAt: instantToJson(item.receivedAt),
  decidedAt: instantOrNull(item.decidedAt),
  position: item.position === null ? null : safeNumber(item.position),
  hasBody: item.hasBody,
});

export class StatusCountsDto implements Record<DeliveryStatus, number> {
  @ApiProperty({ type: 'integer' })
  pending: number;
  @ApiProperty({ type: 'integer' })
  applied: number;
  @ApiProperty({ type: 'integer' })
  unchanged: number;
  @ApiProperty({ type: 'integer' })
  conflict: number;
  @ApiProperty({ type: 'integer' })
  ignored: number;
  @ApiProperty({ type: 'integer' })
  parked: number;
  @ApiProperty({ type: 'integer' })
  quarantined: number;
  @ApiProperty({ type: 'integer' })
  excluded: number;
}

export const countsJson = (counts: StatusCounts): StatusCountsDto =>
  Object.fromEntries(
    DELIVERY_STATUSES.map((status) => [status, safeNumber(counts[status])]),
  ) as unknown as StatusCountsDto;

export class DeliveriesDto {
  @ApiProperty({ type: [ListedDeliveryDto], description: 'Newest first.' })
  items: ListedDeliveryDto[];
  @ApiProperty({
    type: StatusCountsDto,
    nullable: true,
    description: 'By status, whatever status is asked for; on the first page only.',
  })
  counts: StatusCountsDto | null;
  @ApiProperty({ type: String, nullable: true })
  nextCursor: string | null;
  @ApiProperty({ type: AsOfDto })
  asOf: AsOfDto;
  @ApiProperty({ example: 'UTC' })
  timeZone: string;
}

export class DeliveryEventDto {
  @ApiProperty()
  id: string;
  @ApiProperty()
  type: string;
  @ApiProperty({ type: 'integer' })
  position: number;
  @ApiProperty()
  stream: string;
}

export class DeliveryOrderDto {
  @ApiProperty({ enum: ['redrive', 'exclude'] })
  ordered: 'redrive' | 'exclude';
  @ApiProperty()
  actor: string;
  @ApiProperty({ type: String, nullable: true })
  reason: string | null;
  @ApiProperty({ type: String, format: 'date-time' })
  at: string;
  @ApiProperty({ description: 'What the delivery was when it was ordered.' })
  statusBefore: string;
  @ApiProperty({ type: String, nullable: true })
  codeBefore: string | null;
}

export class DeliveryInFullDto extends ListedDeliveryDto {
  @ApiProperty()
  sha256: string;
  @ApiProperty({ type: 'integer', nullable: true, description: 'Null: the body is gone.' })
  bytes: number | null;
  @ApiProperty({
    type: Object,
    nullable: true,
    description:
      'As JSON; what is not known to be harmless is masked. Null: none is kept, or it is no JSON.',
  })
  body: unknown;
  @ApiProperty({ type: [DeliveryEventDto] })
  events: DeliveryEventDto[];
  @ApiProperty({ type: [String], example: ['its payment pay_x is not known yet'] })
  waitsFor: string[];
  @ApiProperty({ description: 'What to do about it.' })
  next: string;
  @ApiProperty({ type: [DeliveryOrderDto], description: 'Oldest first.' })
  orders: DeliveryOrderDto[];
}

export const inFullJson = (found: DeliveryInFull): DeliveryInFullDto => ({
  ...listedJson(found),
  sha256: found.sha256,
  bytes: found.bytes,
  body: found.body,
  events: found.events.map(({ id, type, position, stream }) => ({
    id,
    type,
    position: safeNumber(position),
    stream,
  })),
  waitsFor: [...found.waitsFor],
  next: found.next,
  orders: found.orders.map(({ at, ...order }) => ({ ...order, at: instantToJson(at) })),
});
