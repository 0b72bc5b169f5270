/** What the checks answer, in the shape of the old system and with everything it left out. */
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsOptional, IsString, Matches } from 'class-validator';
import { violationPathOf } from '#libs/application';
import type {
  Check,
  CheckResult,
  ChecksRun,
  Diagnosis,
  LastResult,
  Recounted,
  Remedy,
  Violation,
} from '#libs/checks';
import { safeNumber } from './numbers.js';
import { IsMonth } from './queries.js';

const MAX_NAMES = 64;
const REMEDIES: readonly Exclude<Remedy, null>[] = ['replay', 'deliveries'];

export class ChecksQuery {
  @ApiPropertyOptional({
    type: [String],
    description: 'Names of checks, repeated; absent: all.',
    example: ['shares-sum-to-sale'],
  })
  @IsOptional()
  @Transform(({ value }) => (typeof value === 'string' ? [value] : value))
  @IsArray()
  @ArrayMaxSize(MAX_NAMES)
  @IsString({ each: true })
  @Matches(/^[a-z0-9-]{1,64}$/, { each: true, message: '$property must be the name of a check' })
  check?: string[];
}

export class DiagnosisQuery {
  @ApiPropertyOptional({ example: '2026-03', description: 'Absent: the current month.' })
  @IsOptional()
  @IsMonth()
  month?: string;
}

const FIELDS = {
  type: 'object',
  additionalProperties: { type: 'string', nullable: true },
} as const;

export class ViolationDto {
  @ApiProperty({ ...FIELDS, description: 'What names the row.' })
  key: Record<string, string>;
  @ApiProperty({ type: String, nullable: true, description: 'Null: the log, or of nobody.' })
  creatorId: string | null;
  @ApiProperty({ ...FIELDS, nullable: true, description: 'Null: there should be no such row.' })
  expected: Record<string, string | null> | null;
  @ApiProperty({ ...FIELDS, nullable: true, description: 'Null: there is no such row.' })
  actual: Record<string, string | null> | null;
  @ApiProperty({ type: String, nullable: true, description: 'Where the log explains the row.' })
  explain: string | null;
}

export class CheckDto {
  @ApiProperty()
  name: string;
  @ApiProperty({ description: 'The sentence that holds.' })
  why: string;
  @ApiProperty({ enum: ['error', 'warning'] })
  severity: 'error' | 'warning';
  @ApiProperty()
  holds: boolean;
  @ApiProperty({ type: 'integer', description: 'Rows that contradict it.' })
  violations: number;
  @ApiProperty({ type: [ViolationDto], description: 'The first of them by key.' })
  first: ViolationDto[];
  @ApiProperty({ type: 'integer' })
  durationMs: number;
}

class AsOfDto {
  @ApiProperty({ type: 'integer' })
  position: number;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  recordedAt: string | null;
}

export class ConsistencyDto {
  @ApiProperty({ description: 'No check that is an error fails.' })
  valid: boolean;
  @ApiProperty({ type: [String], description: 'A sentence for each check that fails.' })
  errors: string[];
  @ApiProperty({ type: [String], description: 'A sentence for each thing to look at.' })
  warnings: string[];
  @ApiProperty({ type: [CheckDto] })
  checks: CheckDto[];
  @ApiProperty({ type: 'integer', description: 'Milliseconds.' })
  executionTime: number;
  @ApiProperty({ type: AsOfDto })
  asOf: AsOfDto;
  @ApiProperty({ type: 'integer', description: 'Of the last event in the log.' })
  head: number;
}

export class KnownCheckDto {
  @ApiProperty()
  name: string;
  @ApiProperty()
  why: string;
  @ApiProperty({ enum: ['error', 'warning'] })
  severity: 'error' | 'warning';
  @ApiProperty({ type: Boolean, nullable: true, description: 'When last run; null: never.' })
  holds: boolean | null;
  @ApiProperty({ type: 'integer', nullable: true })
  violations: number | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  ranAt: string | null;
  @ApiProperty({ type: 'integer', nullable: true })
  position: number | null;
  @ApiProperty({ type: 'integer', nullable: true })
  durationMs: number | null;
  @ApiProperty({ type: [ViolationDto], description: 'The first that contradict it, by key.' })
  first: ViolationDto[];
  @ApiProperty({
    enum: REMEDIES,
    nullable: true,
    description: 'What is done when it fails; null: the log itself is wrong, or nothing is.',
  })
  remedy: Remedy;
  @ApiProperty({
    type: String,
    nullable: true,
    description: 'The read model that it compares with the log, row by row.',
  })
  table: string | null;
}

export class KnownChecksDto {
  @ApiProperty({ type: [KnownCheckDto] })
  items: KnownCheckDto[];
}

export class RecountedDto {
  @ApiProperty({ type: 'integer', description: 'As the read models have it.' })
  field: number;
  @ApiProperty({ type: 'integer', description: 'As the log says.' })
  recount: number;
}

class PaymentsOfKindDto {
  @ApiProperty({ enum: ['initial', 'recurring', 'organic', 'referred'] })
  kind: string;
  @ApiProperty()
  currency: string;
  @ApiProperty({ type: RecountedDto })
  payments: RecountedDto;
  @ApiProperty({ type: RecountedDto })
  saleMinor: RecountedDto;
}

class RecountedMoneyDto extends RecountedDto {
  @ApiProperty()
  currency: string;
}

class DiagnosedReferrerDto {
  @ApiProperty()
  memberId: string;
  @ApiProperty({ type: RecountedDto })
  totalReferrals: RecountedDto;
  @ApiProperty({ type: RecountedDto })
  monthlyReferrals: RecountedDto;
  @ApiProperty({ type: [RecountedMoneyDto] })
  monthlyEarningsMinor: RecountedMoneyDto[];
}

export class DiagnosisDto {
  @ApiProperty()
  creatorId: string;
  @ApiProperty({ example: '2026-03' })
  month: string;
  @ApiProperty({ description: 'Nothing differs and no check fails.' })
  consistent: boolean;
  @ApiProperty({ type: 'integer', description: 'Figures that differ, and checks that fail.' })
  findings: number;
  @ApiProperty({ type: [PaymentsOfKindDto] })
  payments: PaymentsOfKindDto[];
  @ApiProperty({ type: [DiagnosedReferrerDto] })
  top: DiagnosedReferrerDto[];
  @ApiProperty({ type: [CheckDto] })
  checks: CheckDto[];
  @ApiProperty({ type: AsOfDto })
  asOf: AsOfDto;
}

const isoOf = (ms: number): string | null => (ms === 0 ? null : new Date(ms).toISOString());

const asOfOf = ({ position, recordedAt }: Pick<ChecksRun, 'position' | 'recordedAt'>): AsOfDto => ({
  position: safeNumber(position),
  recordedAt: isoOf(recordedAt),
});

const violationDto = (check: string, violation: Violation): ViolationDto => ({
  ...violation,
  explain: violationPathOf(check, violation) ?? null,
});

const checkDto = (result: CheckResult): CheckDto => ({
  ...result,
  first: result.first.map((violation) => violationDto(result.name, violation)),
  durationMs: Math.round(result.durationMs),
});

export function consistencyDto(run: ChecksRun): ConsistencyDto {
  const broken = (severity: 'error' | 'warning'): string[] =>
    run.results.filter((result) => !result.holds && result.severity === severity).map(sentence);
  const errors = broken('error');
  return {
    valid: errors.length === 0,
    errors,
    warnings: broken('warning'),
    checks: run.results.map(checkDto),
    executionTime: Math.round(run.durationMs),
    asOf: asOfOf(run),
    head: safeNumber(run.head),
  };
}

const sentence = ({ name, why, violations }: CheckResult): string =>
  `${name}: ${violations} ${violations === 1 ? 'row' : 'rows'}. ${why}`;

export const knownCheckDto = (
  { name, why, severity, remedy, table }: Check,
  last: LastResult | undefined,
): KnownCheckDto => ({
  ...{ name, why, severity },
  holds: last?.holds ?? null,
  violations: last?.violations ?? null,
  ranAt: last === undefined ? null : isoOf(last.ranAt),
  position: last === undefined ? null : safeNumber(last.position),
  durationMs: last?.durationMs ?? null,
  first: last?.first.map((violation) => violationDto(name, violation)) ?? [],
  remedy,
  table: table ?? null,
});

const recounted = ({ field, recount }: Recounted): RecountedDto => ({
  field: safeNumber(field),
  recount: safeNumber(recount),
});

export const diagnosisDto = (diagnosis: Diagnosis): DiagnosisDto => ({
  creatorId: diagnosis.creatorId,
  month: diagnosis.month,
  consistent: diagnosis.findings === 0,
  findings: diagnosis.findings,
  payments: diagnosis.payments.map(({ kind, currency, payments, saleMinor }) => ({
    ...{ kind, currency },
    payments: recounted(payments),
    saleMinor: recounted(saleMinor),
  })),
  top: diagnosis.top.map(({ memberId, totalReferrals, monthlyReferrals, monthlyEarnings }) => ({
    memberId,
    totalReferrals: recounted(totalReferrals),
    monthlyReferrals: recounted(monthlyReferrals),
    monthlyEarningsMinor: monthlyEarnings.map((row) => ({
      currency: row.currency,
      ...recounted(row),
    })),
  })),
  checks: diagnosis.checks.map(checkDto),
  asOf: asOfOf(diagnosis),
});
