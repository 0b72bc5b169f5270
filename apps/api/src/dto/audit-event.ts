/** One event of the audit trail in full: as stored, as it is read today, its cause, and what it moved. */
import { ApiProperty } from '@nestjs/swagger';
import { type Cause, type Change, changesOf, type ReadEvent } from '#libs/audit';
import type { DeliveryInFull } from '#libs/ingestion';
import { type Line, linesOf } from '#libs/ledger';
import { AuditEventDto, auditEventJson, causeJson, PersonDto } from './audit.js';
import { DeliveryInFullDto, inFullJson } from './deliveries.js';
import { AsOfDto, instantToJson } from './figures.js';
import { minorToJson, safeNumber } from './numbers.js';

class StoredDto {
  @ApiProperty({ type: 'integer', description: 'Version of its shape; absent in the log means 1.' })
  version: number;
  @ApiProperty({ type: Object })
  data: object;
  @ApiProperty({ type: Object })
  metadata: object;
  @ApiProperty({ description: 'SHA-256 of its canonical form, in hex.' })
  sha256: string;
}

class UpcastDto {
  @ApiProperty({ type: 'integer' })
  version: number;
  @ApiProperty({ type: Object })
  data: object;
}

export class AuditLineDto {
  @ApiProperty({ example: 'sale' })
  kind: string;
  @ApiProperty({ description: 'Payment, refund, dispute or membership.' })
  sourceId: string;
  @ApiProperty({ type: String, nullable: true })
  paymentId: string | null;
  @ApiProperty({ description: "Of the member's initial payment." })
  first: boolean;
  @ApiProperty({ format: 'date-time' })
  at: string;
  @ApiProperty({ example: '2026-03-31' })
  day: string;
  @ApiProperty()
  creatorId: string;
  @ApiProperty()
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

export const auditLineJson = (line: Line): AuditLineDto => ({
  kind: line.kind,
  sourceId: line.sourceId,
  paymentId: line.paymentId === '' ? null : line.paymentId,
  first: line.first,
  at: instantToJson(line.at),
  day: line.day,
  creatorId: line.creatorId,
  memberId: line.memberId,
  referrerId: line.referrerId,
  currency: line.currency,
  count: safeNumber(line.count),
  saleMinor: minorToJson(line.saleMinor),
  memberMinor: minorToJson(line.memberMinor),
  creatorMinor: minorToJson(line.creatorMinor),
  platformMinor: minorToJson(line.platformMinor),
});

export class ChangeDto {
  @ApiProperty({ enum: ['member', 'creator'] })
  entity: Change['entity'];
  @ApiProperty()
  creatorId: string;
  @ApiProperty({ type: String, nullable: true })
  memberId: string | null;
  @ApiProperty({ example: 'earnings' })
  field: string;
  @ApiProperty({ type: String, nullable: true, example: '2026-03' })
  month: string | null;
  @ApiProperty({ type: String, nullable: true })
  currency: string | null;
  @ApiProperty({
    type: 'integer',
    nullable: true,
    description: 'Of a sum: by so much; minor units where there is a currency.',
  })
  delta: number | null;
  @ApiProperty({ type: Object, nullable: true, description: 'Of anything else: its new value.' })
  value: unknown;
}

export const changeJson = (change: Change): ChangeDto => {
  const { entity, creatorId, memberId, field, month } = change;
  const isSum = change.kind === 'sum';
  return {
    entity,
    creatorId,
    memberId,
    field,
    month,
    currency: isSum ? change.currency : null,
    delta: isSum ? minorToJson(change.delta) : null,
    value: isSum ? null : change.value,
  };
};

class PlacedEventDto {
  @ApiProperty({ type: 'integer' })
  position: number;
  @ApiProperty()
  id: string;
  @ApiProperty()
  type: string;
  @ApiProperty({ type: 'integer' })
  revision: number;
}

class SameCauseDto {
  @ApiProperty({ type: [AuditEventDto], description: 'In order; the first 100.' })
  items: AuditEventDto[];
  @ApiProperty({ description: 'There are more than these.' })
  isCut: boolean;
}

export class AuditEventInFullDto extends AuditEventDto {
  @ApiProperty({ type: StoredDto, description: 'As it was recorded.' })
  stored: StoredDto;
  @ApiProperty({
    type: UpcastDto,
    nullable: true,
    description: "In today's shape. Null: this version does not know its type or version.",
  })
  upcast: UpcastDto | null;
  @ApiProperty({ type: [AuditLineDto], description: 'The lines that it carries, expanded.' })
  lines: AuditLineDto[];
  @ApiProperty({ type: [ChangeDto], description: 'The figures that it moves.' })
  changes: ChangeDto[];
  @ApiProperty({
    type: DeliveryInFullDto,
    nullable: true,
    description: 'The delivery that caused it, masked; null: a command did, or there is no record.',
  })
  delivery: DeliveryInFullDto | null;
  @ApiProperty({ type: SameCauseDto, description: 'What else was recorded for the same cause.' })
  sameCause: SameCauseDto;
  @ApiProperty({ type: PlacedEventDto, nullable: true, description: 'Before it in its stream.' })
  previous: PlacedEventDto | null;
  @ApiProperty({ type: PlacedEventDto, nullable: true, description: 'After it in its stream.' })
  next: PlacedEventDto | null;
  @ApiProperty({ type: [PersonDto] })
  people: PersonDto[];
  @ApiProperty({ type: AsOfDto })
  asOf: AsOfDto;
  @ApiProperty({ example: 'UTC' })
  timeZone: string;
}

type Recorded = ReadEvent['recorded'];
const placedJson = (event: Recorded | undefined): PlacedEventDto | null =>
  event === undefined
    ? null
    : {
        position: safeNumber(event.position),
        id: event.id,
        type: event.type,
        revision: safeNumber(event.revision),
      };

const versionOf = (metadata: Recorded['metadata']): number =>
  typeof metadata.v === 'number' ? metadata.v : 1;

export interface AroundEvent {
  readonly cause: Cause;
  readonly sha256: string;
  readonly upcast: Recorded | undefined;
  readonly delivery: DeliveryInFull | undefined;
  readonly siblings: { readonly items: readonly ReadEvent[]; readonly isCut: boolean };
  readonly neighbours: {
    readonly previous: Recorded | undefined;
    readonly next: Recorded | undefined;
  };
}

export function auditEventInFullJson(
  found: ReadEvent,
  { cause, sha256, upcast, delivery, siblings, neighbours }: AroundEvent,
): Omit<AuditEventInFullDto, 'people' | 'asOf' | 'timeZone'> {
  const { recorded, event } = found;
  return {
    ...auditEventJson(found),
    cause: causeJson(cause),
    stored: {
      version: versionOf(recorded.metadata),
      data: recorded.data,
      metadata: recorded.metadata,
      sha256,
    },
    upcast:
      upcast === undefined ? null : { version: versionOf(upcast.metadata), data: upcast.data },
    lines: event === undefined ? [] : linesOf(event).map(auditLineJson),
    changes: event === undefined ? [] : changesOf(event).map(changeJson),
    delivery: delivery === undefined ? null : inFullJson(delivery),
    sameCause: { items: siblings.items.map(auditEventJson), isCut: siblings.isCut },
    previous: placedJson(neighbours.previous),
    next: placedJson(neighbours.next),
  };
}
