/** The history of a figure on the wire. */
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, Matches } from 'class-validator';
import {
  CREATOR_FIELDS,
  type Entity,
  type Figure,
  type History,
  type HistoryField,
  MEMBER_FIELDS,
} from '#libs/audit';
import { isCreatorId, isUserId } from '#libs/ledger';
import { Problem } from '../problem.js';
import { AuditEventDto, auditEventJson, causeJson, OrderedQuery, PersonDto } from './audit.js';
import { AsOfDto } from './figures.js';
import { safeNumber } from './numbers.js';
import { IsCurrency, IsMonth, MayBeAbsent } from './queries.js';

const ENTITIES = ['member', 'creator'] as const;
const FIELDS = [...new Set([...MEMBER_FIELDS, ...CREATOR_FIELDS])].sort();

export class HistoryQuery extends OrderedQuery {
  @ApiProperty({ enum: ENTITIES })
  @IsIn(ENTITIES)
  entity: Entity;

  @ApiProperty({
    example: 'biz_4f2a.user_9c1e',
    description: 'A member (also `biz/user`), or a creator.',
  })
  @Matches(/^[A-Za-z0-9_]{1,80}([./][A-Za-z0-9_]{1,80})?$/, {
    message: '$property must be biz_4f2a.user_9c1e for a member, biz_4f2a for a creator',
  })
  id: string;

  @ApiProperty({
    enum: FIELDS,
    description: `Of members: ${MEMBER_FIELDS.join(', ')}; of creators: ${CREATOR_FIELDS.join(', ')}.`,
  })
  @IsIn(FIELDS, { message: `$property must be one of ${FIELDS.join(', ')}` })
  field: HistoryField;

  @ApiPropertyOptional({
    example: '2026-03',
    description: "Of sums: only this month's. Sums of creators need it.",
  })
  @MayBeAbsent()
  @IsMonth()
  month?: string;

  @ApiPropertyOptional({ example: 'usd', description: "Of amounts. Absent: the creator's." })
  @MayBeAbsent()
  @IsCurrency()
  currency?: string;
}

/** Throws 400 `id_malformed`. */
export function subjectOf({ entity, id }: HistoryQuery): Pick<Figure, 'creatorId' | 'memberId'> {
  const [creatorId = '', memberId, ...rest] = id.split(/[./]/);
  const isMember = entity === 'member';
  const isRight = isMember ? memberId !== undefined && isUserId(memberId) : memberId === undefined;
  if (isCreatorId(creatorId) && isRight && rest.length === 0) return { creatorId, memberId };
  throw new Problem(
    400,
    'id_malformed',
    isMember ? 'A member is named biz_4f2a.user_9c1e.' : 'A creator is named biz_4f2a.',
  );
}

class HistoryChangeDto {
  @ApiProperty({ type: Object, nullable: true, description: 'Amounts in minor units.' })
  old: unknown;
  @ApiProperty({ type: Object, nullable: true })
  new: unknown;
  @ApiProperty({ type: 'integer', nullable: true, description: 'Of sums.' })
  delta: number | null;
  @ApiProperty({ type: String, nullable: true })
  month: string | null;
  @ApiProperty({ type: AuditEventDto, description: 'What made it so, with its cause.' })
  event: AuditEventDto;
}

export class HistoryDto {
  @ApiProperty({ enum: ENTITIES })
  entity: Entity;
  @ApiProperty()
  id: string;
  @ApiProperty({ enum: FIELDS })
  field: string;
  @ApiProperty({ type: String, nullable: true })
  month: string | null;
  @ApiProperty({ type: String, nullable: true, description: 'Of amounts.' })
  currency: string | null;
  @ApiProperty({ type: Object, nullable: true, description: 'As of `asOf`.' })
  value: unknown;
  @ApiProperty({ type: [HistoryChangeDto] })
  items: HistoryChangeDto[];
  @ApiProperty({ type: [PersonDto] })
  people: PersonDto[];
  @ApiProperty({ type: String, nullable: true })
  nextCursor: string | null;
  @ApiProperty({ type: AsOfDto })
  asOf: AsOfDto;
  @ApiProperty({ example: 'America/New_York' })
  timeZone: string;
}

const AMOUNTS: readonly HistoryField[] = ['earnings', 'revenue', 'refunds'];

export const isAmount = (field: HistoryField): boolean => AMOUNTS.includes(field);

/** A sum is an integer that is never rounded; what is set is said as the log has it. */
const valueJson = (value: unknown): unknown =>
  typeof value === 'bigint' ? safeNumber(value) : value;

export const historyChangesJson = ({ items }: History): HistoryChangeDto[] =>
  items.map((item) => ({
    old: valueJson(item.old),
    new: valueJson(item.new),
    delta: item.delta === undefined ? null : safeNumber(item.delta),
    month: item.month,
    event: { ...auditEventJson(item.event), cause: causeJson(item.cause) },
  }));

export const currentValueJson = ({ value }: History): unknown => valueJson(value);
