/** The audit trail on the wire: events as they are listed, and which are asked for. */
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, Matches, ValidateBy } from 'class-validator';
import {
  aboutOf,
  aboutOfStream,
  type Cause,
  type Counted,
  causeOf,
  type EventFilter,
  type EventsPage,
  eventTypeOf,
  type ListedStream,
  type NamedMember,
  type Order,
  type ReadEvent,
  sentenceOf,
} from '#libs/audit';
import { eventTypes, INSTANT_TEXT, isDay } from '#libs/ledger';
import { Problem } from '../problem.js';
import { encodeCursor } from './cursor.js';
import { IsCreatorId, IsMemberId } from './deliveries.js';
import { AsOfDto, asOfJson, instantToJson } from './figures.js';
import { safeNumber } from './numbers.js';
import { MONTH, PageQuery } from './queries.js';

const ORDERS = ['newest', 'oldest'] as const;
const POSITION = /^(0|[1-9]\d{0,14})$/;
const STREAM = /^[a-z]+-[!-~]{1,300}$/;
const DAY = /^(19[7-9]\d|[2-9]\d{3})-\d\d-\d\d$/;
const FORMATS = ['json', 'ndjson'] as const;

const IsMoment = (): PropertyDecorator =>
  ValidateBy({
    name: 'isMoment',
    validator: {
      validate: (value: unknown) => typeof value === 'string' && !Number.isNaN(momentOf(value, 0)),
      defaultMessage: () =>
        '$property must be a day, YYYY-MM-DD, a month, YYYY-MM, or an instant such as 2026-03-14T12:00:00Z',
    },
  });

const IsPosition = (): PropertyDecorator =>
  Matches(POSITION, { message: '$property must be a position in the log, such as 1200' });

export class OrderedQuery extends PageQuery {
  @ApiPropertyOptional({ enum: ORDERS })
  @IsOptional()
  @IsIn(ORDERS)
  order?: Order;
}

export class EventsQuery extends OrderedQuery {
  @ApiPropertyOptional({ type: 'integer', description: 'Only events behind this position.' })
  @IsOptional()
  @IsPosition()
  after?: string;

  @ApiPropertyOptional({ type: 'integer', description: 'Only events up to this position.' })
  @IsOptional()
  @IsPosition()
  through?: string;

  @ApiPropertyOptional({ enum: [...eventTypes].sort() })
  @IsOptional()
  @IsIn(eventTypes, { message: `$property must be one of ${[...eventTypes].sort().join(', ')}` })
  type?: string;

  @ApiPropertyOptional({ example: 'member-biz_4f2a.user_9c1e' })
  @IsOptional()
  @Matches(STREAM, { message: '$property must be a stream, such as member-biz_4f2a.user_9c1e' })
  stream?: string;

  @ApiPropertyOptional({
    example: 'biz_4f2a',
    description: 'Streams of their members, settings, months and snapshots.',
  })
  @IsOptional()
  @IsCreatorId()
  creator?: string;

  @ApiPropertyOptional({
    example: 'user_9c1e',
    description: "The member's own stream; without creator in every community that knows them.",
  })
  @IsOptional()
  @IsMemberId()
  member?: string;

  @ApiPropertyOptional({
    example: '2026-03-01',
    description: 'Recorded from this day or month (UTC) or instant on.',
  })
  @IsOptional()
  @IsMoment()
  from?: string;

  @ApiPropertyOptional({
    example: '2026-03',
    description: 'Recorded up to the end of this day or month, or before this instant.',
  })
  @IsOptional()
  @IsMoment()
  to?: string;

  @ApiPropertyOptional({
    enum: ['yes'],
    description: 'Say how many events the conditions let pass (`counted`).',
  })
  @IsOptional()
  @IsIn(['yes'])
  count?: 'yes';

  @ApiPropertyOptional({
    enum: FORMATS,
    description:
      'ndjson: an object a line, oldest first, all of them, up to the head as it was (also ' +
      '`accept: application/x-ndjson`); without limit, cursor and order.',
  })
  @IsOptional()
  @IsIn(FORMATS)
  format?: (typeof FORMATS)[number];
}

export class StreamsQuery extends PageQuery {
  @ApiPropertyOptional({ example: 'member-biz_4f2a.', description: 'How its name begins.' })
  @IsOptional()
  @Matches(/^[!-~]{1,300}$/, { message: '$property must be the beginning of a stream’s name' })
  prefix?: string;

  @ApiPropertyOptional({
    example: 'pay_9xQ2',
    description: 'Only the stream to which this payment, refund, dispute or membership leads.',
  })
  @IsOptional()
  @Matches(/^[A-Za-z0-9_]{1,80}$/, {
    message: '$property must be the id of a payment, refund, dispute or membership',
  })
  fact?: string;
}

export const filterOfEvents = (query: EventsQuery): EventFilter => ({
  after: query.after === undefined ? undefined : BigInt(query.after),
  through: query.through === undefined ? undefined : BigInt(query.through),
  type: query.type === undefined ? undefined : eventTypeOf(query.type),
  stream: query.stream,
  creatorId: query.creator,
  memberId: query.member,
  from: query.from === undefined ? undefined : momentOf(query.from, 0),
  before: query.to === undefined ? undefined : momentOf(query.to, 1),
});

/** Unix milliseconds of an instant, or of the first of the day or month, or of the one `later`; NaN: none. */
function momentOf(text: string, later: 0 | 1): number {
  if (INSTANT_TEXT.test(text)) return Date.parse(text);
  const [year = 0, month = 1, day = 1] = text.split('-').map(Number);
  if (MONTH.test(text)) return Date.UTC(year, month - 1 + later, 1);
  return DAY.test(text) && isDay(text) ? Date.UTC(year, month - 1, day + later) : Number.NaN;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Throws 400 `id_malformed`. */
export function eventNamed(text: string): { readonly id: string } | { readonly position: bigint } {
  if (/^[1-9]\d{0,14}$/.test(text)) return { position: BigInt(text) };
  if (UUID.test(text)) return { id: text };
  throw new Problem(400, 'id_malformed', 'An event is named by its position or its id, a UUID.');
}

/** Throws 400 `id_malformed`. */
export function streamNamed(text: string): string {
  if (STREAM.test(text)) return text;
  throw new Problem(400, 'id_malformed', 'A stream is category, dash and id: member-biz_a.user_b.');
}

export class CauseDto {
  @ApiProperty({ enum: ['delivery', 'command', 'unknown'] })
  kind: Cause['kind'];
  @ApiProperty({ type: 'integer', nullable: true })
  delivery: number | null;
  @ApiProperty({ type: String, nullable: true, example: 'PinTier' })
  command: string | null;
  @ApiProperty({ type: String, nullable: true, example: 'admin' })
  actor: string | null;
  @ApiProperty({ type: String, nullable: true })
  reason: string | null;
}

export function causeJson(cause: Cause): CauseDto {
  const nothing = { kind: cause.kind, delivery: null, command: null, actor: null, reason: null };
  if (cause.kind === 'delivery') return { ...nothing, delivery: safeNumber(cause.delivery) };
  return { ...nothing, ...cause };
}

export class AuditEventDto {
  @ApiProperty({ type: 'integer', description: 'Place in the log, from 1, without gaps.' })
  position: number;
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty({ enum: eventTypes })
  type: string;
  @ApiProperty({ example: 'member-biz_4f2a.user_9c1e' })
  stream: string;
  @ApiProperty({ type: 'integer', description: 'Place in the stream, from 0, without gaps.' })
  revision: number;
  @ApiProperty({ format: 'date-time', description: 'The time of what it tells.' })
  effectiveAt: string;
  @ApiProperty({ format: 'date-time', description: 'When it was stored; decides nothing.' })
  recordedAt: string;
  @ApiProperty({ type: String, nullable: true })
  creatorId: string | null;
  @ApiProperty({ type: String, nullable: true, description: 'Whom it is about.' })
  memberId: string | null;
  @ApiProperty({ description: 'In plain words; people are their ids.' })
  says: string;
  @ApiProperty({ type: CauseDto })
  cause: CauseDto;
}

const UNKNOWN = 'An event that this version of Flywheel does not know.';

export function auditEventJson({ recorded, event }: ReadEvent): AuditEventDto {
  const { creatorId, memberId } =
    event === undefined ? aboutOfStream(recorded.stream) : aboutOf(event);
  return {
    position: safeNumber(recorded.position),
    id: recorded.id,
    type: recorded.type,
    stream: recorded.stream,
    revision: safeNumber(recorded.revision),
    effectiveAt: instantToJson(recorded.effectiveAt),
    recordedAt: new Date(recorded.recordedAt).toISOString(),
    creatorId,
    memberId,
    says: event === undefined ? UNKNOWN : sentenceOf(event),
    cause: causeJson(causeOf(recorded)),
  };
}

export class PersonDto {
  @ApiProperty()
  creatorId: string;
  @ApiProperty()
  memberId: string;
  @ApiProperty({ description: 'From the profile: no name is in the log.' })
  name: string;
}

class EventsCountedDto {
  @ApiProperty({ type: 'integer' })
  events: number;
  @ApiProperty({ description: 'False: there are at least so many.' })
  isAll: boolean;
}

export const countedJson = ({ events, isAll }: Counted): EventsCountedDto => ({
  events: safeNumber(events),
  isAll,
});

export class AuditEventsDto {
  @ApiProperty({ type: [AuditEventDto] })
  items: AuditEventDto[];
  @ApiProperty({ type: [PersonDto], description: 'What those whom the items name are called.' })
  people: PersonDto[];
  @ApiProperty({ type: String, nullable: true, description: 'Null: there is no more.' })
  nextCursor: string | null;
  @ApiProperty({
    type: 'integer',
    nullable: true,
    description:
      'The page looked through as much of the log as it may and stopped at this position; ' +
      'nextCursor goes on from there.',
  })
  scannedTo: number | null;
  @ApiPropertyOptional({ type: EventsCountedDto, description: 'Where `count=yes` asks for it.' })
  counted?: EventsCountedDto;
  @ApiProperty({ type: AsOfDto })
  asOf: AsOfDto;
  @ApiProperty({ example: 'UTC' })
  timeZone: string;
}

export const CURSOR = ['text', 'bigint'] as const;
const LETTER: Readonly<Record<Order, string>> = { newest: 'n', oldest: 'o' };

/** Throws 400 `cursor_invalid` for a cursor of the other order. */
export function placeOf(
  decoded: readonly [string, bigint] | undefined,
  order: Order,
): bigint | undefined {
  if (decoded === undefined || decoded[0] === LETTER[order]) return decoded?.[1];
  throw new Problem(400, 'cursor_invalid', `The cursor is of another order than ${order} first.`);
}

export function auditEventsJson(
  { items, next, scannedTo, asOf }: EventsPage,
  order: Order,
  people: readonly NamedMember[],
): AuditEventsDto {
  return {
    items: items.map(auditEventJson),
    people: [...people],
    nextCursor: next === undefined ? null : encodeCursor([LETTER[order], next]),
    scannedTo: scannedTo === undefined ? null : safeNumber(scannedTo),
    asOf: asOfJson(asOf),
    timeZone: 'UTC',
  };
}

export class ListedStreamDto {
  @ApiProperty({ example: 'member-biz_4f2a.user_9c1e' })
  stream: string;
  @ApiProperty({ type: 'integer' })
  events: number;
  @ApiProperty({ type: 'integer' })
  firstPosition: number;
  @ApiProperty({ type: 'integer' })
  lastPosition: number;
  @ApiProperty({ format: 'date-time', description: 'Of its last event.' })
  recordedAt: string;
}

export const listedStreamJson = (one: ListedStream): ListedStreamDto => ({
  stream: one.stream,
  events: safeNumber(one.events),
  firstPosition: safeNumber(one.firstPosition),
  lastPosition: safeNumber(one.lastPosition),
  recordedAt: new Date(one.recordedAt).toISOString(),
});

export class StreamsDto {
  @ApiProperty({ type: [ListedStreamDto], description: 'By name.' })
  items: ListedStreamDto[];
  @ApiProperty({ type: String, nullable: true })
  nextCursor: string | null;
  @ApiProperty({ type: AsOfDto })
  asOf: AsOfDto;
  @ApiProperty({ example: 'UTC' })
  timeZone: string;
}

export class StreamDto extends AuditEventsDto {
  @ApiProperty({ type: ListedStreamDto })
  stream: ListedStreamDto;
}
