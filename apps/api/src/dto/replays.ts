/** Replays: how one is ordered, how far it is, and what it found. */
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsOptional,
  IsString,
  Matches,
  MaxLength,
} from 'class-validator';
import type { ExplainedRow, Replay } from '#libs/application';
import type { ReplayState } from '#libs/database';
import type { DifferenceKind, DifferenceSummary } from '#libs/projector';
import { safeNumber } from './numbers.js';
import { REASON } from './order.js';
import { MayBeAbsent, PageQuery } from './queries.js';

const MAX_NAMES = 64;
const MAX_TEXT = 64;
const NAME = /^[a-z][a-z0-9_]{0,63}$/;
const HASH = /^[0-9a-f]{64}$/;
const STATES: readonly ReplayState[] = [
  'ordered',
  'running',
  'comparing',
  'ready',
  'promoting',
  'promoted',
  'discarded',
  'failed',
];
const KINDS: readonly DifferenceKind[] = ['missing', 'extra', 'changed'];
const PHASES = ['events', 'tables', 'copies', 'difference', 'promotion'] as const;

export class ReplayInput {
  @ApiPropertyOptional({
    type: [String],
    example: ['member_months'],
    description: 'To be rebuilt from the log, the others are copied; absent: all.',
  })
  @MayBeAbsent()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MAX_NAMES)
  @IsString({ each: true })
  @MaxLength(MAX_TEXT, { each: true })
  projections?: string[];

  @ApiPropertyOptional({
    type: String,
    example: '2026-03-01T00:00:00Z',
    description:
      'A position, or an instant: what was recorded up to then. To be looked at, never promoted.',
  })
  @MayBeAbsent()
  @Transform(({ value }) => (Number.isSafeInteger(value) ? String(value) : value))
  @IsString()
  @MaxLength(MAX_TEXT)
  until?: string;

  @ApiPropertyOptional(REASON)
  @MayBeAbsent()
  @IsString()
  reason?: string;
}

export class PromoteInput {
  @ApiProperty({ description: '`difference.hash` of the replay, as it was looked at.' })
  @Matches(HASH, { message: '$property must be the hash of a difference: 64 hexadecimal digits' })
  differenceHash: string;

  @ApiPropertyOptional({
    ...REASON,
    description: `Absent: that of the order. ${REASON.description}`,
  })
  @MayBeAbsent()
  @IsString()
  reason?: string;
}

export class DifferenceQuery extends PageQuery {
  @ApiPropertyOptional({ example: 'member_months', description: 'Only rows of this table.' })
  @IsOptional()
  @Matches(NAME, { message: '$property must be the name of a table' })
  table?: string;
}

class ProgressDto {
  @ApiProperty({ enum: PHASES })
  phase: string;
  @ApiProperty({ type: String, nullable: true, description: 'At work, where it goes by table.' })
  table: string | null;
  @ApiProperty({ type: 'integer', description: 'Of the last event read.' })
  position: number;
  @ApiProperty({ type: 'integer', description: 'Of the last event to read; it may grow.' })
  head: number;
  @ApiProperty({ type: 'integer' })
  eventsPerSecond: number;
  @ApiProperty({ type: 'integer', nullable: true, description: 'Of the events that are left.' })
  etaMs: number | null;
}

class ColumnDifferenceDto {
  @ApiProperty()
  column: string;
  @ApiProperty({ type: 'integer', description: 'Rows that name it.' })
  rows: number;
  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Sum of replayed − live, an integer of any size; null: the column is no amount.',
  })
  delta: string | null;
}

class TableDifferenceDto {
  @ApiProperty()
  table: string;
  @ApiProperty({ type: 'integer', description: 'Rows that either side has.' })
  compared: number;
  @ApiProperty({ type: 'integer', description: 'The table that serves lacks them.' })
  missing: number;
  @ApiProperty({ type: 'integer', description: 'The log knows no such rows.' })
  extra: number;
  @ApiProperty({ type: 'integer' })
  changed: number;
  @ApiProperty({ type: [ColumnDifferenceDto] })
  columns: ColumnDifferenceDto[];
}

class DifferenceDto {
  @ApiProperty({ description: 'Names this difference: what is promoted is what was seen.' })
  hash: string;
  @ApiProperty({ type: 'integer', description: 'Of the replay when it was compared.' })
  position: number;
  @ApiProperty({ type: 'integer', description: 'Of the tables that served then.' })
  livePosition: number;
  @ApiProperty({ type: 'integer', description: 'Rows that differ, of all tables.' })
  rows: number;
  @ApiProperty({ type: 'integer', description: 'Of them can be read: the largest of each table.' })
  stored: number;
  @ApiProperty({ type: [TableDifferenceDto] })
  tables: TableDifferenceDto[];
}

class PromotionDto {
  @ApiProperty()
  actor: string;
  @ApiProperty()
  reason: string;
  @ApiProperty({ type: 'integer', nullable: true, description: 'Of the event; null: under way.' })
  position: number | null;
}

export class ReplayDto {
  @ApiProperty({ example: '7' })
  id: string;
  @ApiProperty({ enum: STATES })
  state: string;
  @ApiProperty({ type: [String], nullable: true, description: 'Rebuilt; null: all.' })
  projections: readonly string[] | null;
  @ApiProperty({ type: String, nullable: true, description: 'Null: up to the present.' })
  until: string | null;
  @ApiProperty({ description: 'Who ordered it; `start`: a process with other projections.' })
  actor: string;
  @ApiProperty({ type: String, nullable: true })
  reason: string | null;
  @ApiProperty({ format: 'date-time' })
  orderedAt: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  startedAt: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readyAt: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  endedAt: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  expiresAt: string | null;
  @ApiProperty({ type: 'integer', description: 'How often it was begun.' })
  attempts: number;
  @ApiProperty({ type: 'integer', description: 'Attempts that failed.' })
  errors: number;
  @ApiProperty({ type: String, nullable: true, description: 'Why it ended, or was begun again.' })
  code: string | null;
  @ApiProperty({ type: String, nullable: true })
  detail: string | null;
  @ApiProperty({ type: ProgressDto, nullable: true })
  progress: ProgressDto | null;
  @ApiProperty({ type: DifferenceDto, nullable: true })
  difference: DifferenceDto | null;
  @ApiProperty({ type: PromotionDto, nullable: true })
  promotion: PromotionDto | null;
}

export class ReplaysDto {
  @ApiProperty({ type: [ReplayDto], description: 'The newest first.' })
  items: ReplayDto[];
  @ApiProperty({ type: String, nullable: true })
  nextCursor: string | null;
}

const VALUES = {
  type: 'object',
  additionalProperties: { type: 'string', nullable: true },
  nullable: true,
} as const;

class DifferenceRowDto {
  @ApiProperty({ type: 'integer', description: 'Place among all rows, the largest first.' })
  n: number;
  @ApiProperty()
  table: string;
  @ApiProperty({ enum: KINDS, description: 'As seen from the table that serves.' })
  kind: string;
  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' } })
  key: Readonly<Record<string, string>>;
  @ApiProperty({ ...VALUES, description: 'Null: the table that serves has no such row.' })
  live: Readonly<Record<string, string | null>> | null;
  @ApiProperty({ ...VALUES, description: 'Null: the log knows no such row.' })
  replayed: Readonly<Record<string, string | null>> | null;
  @ApiProperty({ type: [String], description: 'That differ.' })
  columns: readonly string[];
  @ApiProperty({ type: String, description: 'What rows are ordered by: an integer of any size.' })
  weight: string;
  @ApiProperty({ type: String, nullable: true, description: 'Where the log explains the row.' })
  explain: string | null;
}

export class DifferencePageDto {
  @ApiProperty({ description: 'Of the difference that the rows are of.' })
  hash: string;
  @ApiProperty({ type: [DifferenceRowDto] })
  items: DifferenceRowDto[];
  @ApiProperty({ type: String, nullable: true })
  nextCursor: string | null;
}

const timeJson = (ms: number | null): string | null =>
  ms === null ? null : new Date(ms).toISOString();

export function replayJson(replay: Replay): ReplayDto {
  const { id, state, projections, until, actor, reason, attempts, errors, code, detail } = replay;
  const { summary, promotion } = replay;
  return {
    ...{ id, state, projections, until, actor, reason },
    orderedAt: new Date(replay.orderedAt).toISOString(),
    startedAt: timeJson(replay.startedAt),
    readyAt: timeJson(replay.readyAt),
    endedAt: timeJson(replay.endedAt),
    expiresAt: timeJson(replay.expiresAt),
    ...{ attempts, errors, code, detail },
    progress: progressJson(replay.progress),
    difference: summary === null ? null : differenceJson(summary),
    promotion: promotion && {
      ...promotion,
      position: promotion.position === null ? null : safeNumber(promotion.position),
    },
  };
}

function progressJson(progress: Replay['progress']): ProgressDto | null {
  if (progress === null) return null;
  const { phase, table, eventsPerSecond } = progress;
  const [position, head] = [safeNumber(progress.position), safeNumber(progress.head)];
  const isKnown = phase === 'events' && eventsPerSecond > 0 && head >= position;
  const etaMs = isKnown ? Math.round(((head - position) * 1000) / eventsPerSecond) : null;
  return { phase, table, position, head, eventsPerSecond, etaMs };
}

const differenceJson = (summary: DifferenceSummary): DifferenceDto => ({
  hash: summary.hash,
  position: safeNumber(summary.position),
  livePosition: safeNumber(summary.livePosition),
  rows: safeNumber(summary.rows),
  stored: safeNumber(summary.stored),
  tables: summary.tables.map(({ table, compared, missing, extra, changed, columns }) => ({
    table,
    compared: safeNumber(compared),
    missing: safeNumber(missing),
    extra: safeNumber(extra),
    changed: safeNumber(changed),
    columns: columns.map(({ column, rows, delta }) => ({
      column,
      rows: safeNumber(rows),
      delta: delta === undefined ? null : String(delta),
    })),
  })),
});

export const differenceRowJson = (row: ExplainedRow): DifferenceRowDto => ({
  n: row.n,
  table: row.table,
  kind: row.kind,
  key: row.key,
  live: row.live,
  replayed: row.replayed,
  columns: row.columns,
  weight: String(row.weight),
  explain: row.explain ?? null,
});
