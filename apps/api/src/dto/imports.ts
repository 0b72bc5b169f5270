/** Imports, as they are ordered and answered. */
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import {
  IsBoolean,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
} from 'class-validator';
import {
  type Import,
  type ImportOutcomes,
  OBJECT_KINDS,
  type ObjectKind,
  PREVIEW_VERDICTS,
  type Preview,
  type PreviewVerdict,
} from '#libs/ingestion';
import { minorToJson, safeNumber } from './numbers.js';
import { MayBeAbsent } from './queries.js';

const MAX_NAME_LENGTH = 200;
const CREATOR = /^biz_[A-Za-z0-9_]{1,59}$/;
/** Files are larger than other numbers of a query. */
const Bytes = (): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value,
  );
const Flag = (): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) =>
    value === 'true' ? true : value === 'false' ? false : value,
  );

export class ImportInput {
  @ApiProperty({ example: 'payments-2025.ndjson', description: 'Said in lists; no path.' })
  @IsString()
  @MaxLength(MAX_NAME_LENGTH)
  @Matches(/^[^\p{Cc}]+$/u, { message: 'name must be one line' })
  name: string;

  @ApiPropertyOptional({
    description: 'SHA-256 of the file, in hexadecimal: sent again, it goes on where it stopped.',
  })
  @MayBeAbsent()
  @Matches(/^[0-9a-f]{64}$/, { message: 'sha256 must be 64 lower-case hexadecimal digits' })
  sha256?: string;

  @ApiPropertyOptional({ type: 'integer', description: 'Length of its lines, where it is known.' })
  @MayBeAbsent()
  @IsInt()
  @Min(0)
  @Max(Number.MAX_SAFE_INTEGER)
  bytes?: number;

  @ApiPropertyOptional({ enum: OBJECT_KINDS, description: 'Of lines whose id does not say it.' })
  @MayBeAbsent()
  @IsIn(OBJECT_KINDS)
  kind?: ObjectKind;

  @ApiPropertyOptional({ example: 'biz_4f2a', description: 'Of lines that name no creator.' })
  @MayBeAbsent()
  @Matches(CREATOR, { message: 'creatorId must be an id such as biz_4f2a' })
  creatorId?: string;
}

export class LinesQuery {
  @ApiProperty({ type: 'integer', description: 'Byte of the file at which the chunk begins.' })
  @Bytes()
  @IsInt()
  @Min(0)
  from: number;

  @ApiPropertyOptional({ type: Boolean, default: false, description: 'Nothing comes after it.' })
  @IsOptional()
  @Flag()
  @IsBoolean()
  last?: boolean;
}

export class PreviewQuery {
  @ApiPropertyOptional({ type: 'integer', default: 0, description: 'Lines before the chunk.' })
  @Bytes()
  @IsInt()
  @Min(0)
  before: number = 0;

  @ApiPropertyOptional({ enum: OBJECT_KINDS })
  @IsOptional()
  @IsIn(OBJECT_KINDS)
  kind?: ObjectKind;

  @ApiPropertyOptional({ example: 'biz_4f2a' })
  @IsOptional()
  @Matches(CREATOR, { message: 'creator must be an id such as biz_4f2a' })
  creator?: string;
}

export class UnreadableDto {
  @ApiProperty({ type: 'integer', description: 'From 1.' })
  line: number;
  @ApiProperty({ example: 'not_json' })
  code: string;
  @ApiProperty()
  detail: string;
}

export class ImportCountDto {
  @ApiProperty({ example: 'applied' })
  outcome: string;
  @ApiProperty({ type: String, nullable: true, example: 'payment.succeeded' })
  type: string | null;
  @ApiProperty({ type: String, nullable: true, example: 'conflict' })
  code: string | null;
  @ApiProperty({ type: 'integer' })
  count: number;
}

export class NamedLineDto {
  @ApiProperty({ type: 'integer' })
  line: number;
  @ApiProperty({ example: 'quarantined' })
  outcome: string;
  @ApiProperty({ type: String, nullable: true })
  code: string | null;
  @ApiProperty({ type: String, nullable: true })
  detail: string | null;
  @ApiProperty({ example: 'pay_x7Kq' })
  deliveryId: string;
}

export class OutcomesDto {
  @ApiProperty({ type: [ImportCountDto] })
  counts: ImportCountDto[];
  @ApiProperty({
    type: [NamedLineDto],
    description: 'The first that wait, make no sense or contradict what is known.',
  })
  named: NamedLineDto[];
  @ApiProperty({ type: 'integer', description: 'For `?settled=`: the last event that it caused.' })
  position: number;
}

export class ImportDto {
  @ApiProperty({ example: '7' })
  id: string;
  @ApiProperty()
  name: string;
  @ApiProperty({ enum: OBJECT_KINDS, nullable: true })
  kind: ObjectKind | null;
  @ApiProperty({ type: String, nullable: true })
  creatorId: string | null;
  @ApiProperty({ type: 'integer', nullable: true })
  bytes: number | null;
  @ApiProperty({ type: 'integer', description: 'Byte up to which every line is stored.' })
  position: number;
  @ApiProperty({ type: 'integer' })
  lines: number;
  @ApiProperty({ type: 'integer', description: 'Lines that became deliveries.' })
  stored: number;
  @ApiProperty({ type: 'integer', description: 'Lines that were stored before.' })
  known: number;
  @ApiProperty({ type: 'integer', description: 'Lines that are nothing that could be stored.' })
  unreadable: number;
  @ApiProperty({ type: [UnreadableDto], description: 'The first unreadable ones.' })
  problems: UnreadableDto[];
  @ApiProperty({ description: 'The last line is stored.' })
  complete: boolean;
  @ApiProperty({ type: 'integer', description: 'Deliveries that the intake has decided.' })
  decided: number;
  @ApiProperty({ description: 'All that are stored are decided.' })
  settled: boolean;
  @ApiProperty({ type: String, format: 'date-time' })
  startedAt: string;
  @ApiProperty({
    type: OutcomesDto,
    nullable: true,
    description: 'What became of the deliveries; null until it is complete and settled.',
  })
  outcomes: OutcomesDto | null;
}

export const importJson = (found: Import, outcomes?: ImportOutcomes): ImportDto => ({
  id: found.id,
  name: found.name,
  kind: found.kind,
  creatorId: found.creatorId,
  bytes: found.bytes === null ? null : safeNumber(found.bytes),
  position: safeNumber(found.position),
  lines: safeNumber(found.lines),
  stored: safeNumber(found.stored),
  known: safeNumber(found.known),
  unreadable: safeNumber(found.unreadable),
  problems: [...found.problems],
  complete: found.complete,
  decided: safeNumber(found.decided),
  settled: found.settled,
  startedAt: found.startedAt.toISOString(),
  outcomes: outcomes === undefined ? null : outcomesJson(outcomes),
});

const outcomesJson = ({ counts, named, position }: ImportOutcomes): OutcomesDto => ({
  counts: counts.map((one) => ({ ...one, count: safeNumber(one.count) })),
  named: named.map((one) => ({ ...one, line: safeNumber(one.line) })),
  position: safeNumber(position),
});

export class PreviewCountDto {
  @ApiProperty({ example: 'payment' })
  kind: string;
  @ApiProperty({ enum: PREVIEW_VERDICTS })
  verdict: PreviewVerdict;
  @ApiProperty({ type: 'integer' })
  count: number;
}

export class PreviewSaleDto {
  @ApiProperty({ example: 'biz_4f2a' })
  creatorId: string;
  @ApiProperty({ example: '2026-03' })
  month: string;
  @ApiProperty({ example: 'usd' })
  currency: string;
  @ApiProperty({ type: 'integer' })
  amountMinor: number;
}

export class PreviewFactDto {
  @ApiProperty({ example: 'payment' })
  kind: string;
  @ApiProperty({ example: 'pay_x7Kq' })
  id: string;
  @ApiPropertyOptional({ type: PreviewSaleDto })
  sale?: PreviewSaleDto;
}

export class PreviewLineDto {
  @ApiProperty({ type: 'integer' })
  line: number;
  @ApiProperty({ enum: PREVIEW_VERDICTS })
  verdict: PreviewVerdict;
  @ApiProperty({ type: String, nullable: true })
  code: string | null;
  @ApiProperty({ type: String, nullable: true })
  detail: string | null;
}

export class PreviewDto {
  @ApiProperty({ type: 'integer', description: 'Blank ones included.' })
  lines: number;
  @ApiProperty({ type: [UnreadableDto] })
  unreadable: UnreadableDto[];
  @ApiProperty({ type: [PreviewCountDto] })
  counts: PreviewCountDto[];
  @ApiProperty({ type: [PreviewFactDto], description: 'What nobody has told yet.' })
  facts: PreviewFactDto[];
  @ApiProperty({ type: [PreviewLineDto] })
  named: PreviewLineDto[];
}

export const previewJson = ({ lines, unreadable, counts, facts, named }: Preview): PreviewDto => ({
  lines,
  unreadable: [...unreadable],
  counts: [...counts],
  facts: facts.map(({ sale, ...fact }) => ({
    ...fact,
    ...(sale && { sale: { ...sale, amountMinor: minorToJson(sale.amountMinor) } }),
  })),
  named: [...named],
});
