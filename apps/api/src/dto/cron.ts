/** What the cron answers: what was closed, what waits, what is in the way, and whether all of it holds. */
import { ApiProperty } from '@nestjs/swagger';
import type { CreatorMonths, DueOutcome, Verification } from '#libs/application';
import type { BlockedMonth } from '#libs/checks';
import type { Instant } from '#libs/ledger';
import { AsOfDto, asOfJson, instantToJson } from './figures.js';
import { safeNumber } from './numbers.js';

class OfCreatorDto {
  @ApiProperty({ example: 'biz_4f2a' })
  creator: string;
  @ApiProperty({ example: '2026-03' })
  month: string;
}

class ClosedDto extends OfCreatorDto {
  @ApiProperty({ type: 'integer' })
  version: number;
  @ApiProperty()
  digest: string;
  @ApiProperty({ type: 'integer', description: 'Every event up to it is in the figures.' })
  throughPosition: number;
}

class WaitingDto extends OfCreatorDto {
  @ApiProperty({ format: 'date-time' })
  dueAt: string;
}

class BlockedDto extends OfCreatorDto {
  @ApiProperty({ example: 'month_blocked' })
  code: string;
  @ApiProperty({ description: 'What is in the way, and what takes it out of it.' })
  detail: string;
}

class DigestsDto {
  @ApiProperty({
    type: 'integer',
    description: 'Sealed snapshots, each from its pages in the log.',
  })
  recomputed: number;
  @ApiProperty({ type: 'integer' })
  differing: number;
}

class FailingDto {
  @ApiProperty()
  name: string;
  @ApiProperty()
  why: string;
  @ApiProperty({ type: 'integer' })
  violations: number;
}

class NamelessDto {
  @ApiProperty({ type: 'integer' })
  parked: number;
  @ApiProperty({ type: 'integer' })
  quarantined: number;
}

class VerificationDto {
  @ApiProperty({ description: 'No check that is an error fails.' })
  valid: boolean;
  @ApiProperty({ type: DigestsDto })
  digests: DigestsDto;
  @ApiProperty({ type: 'integer', description: 'Checks that were run, over all rows.' })
  checks: number;
  @ApiProperty({ type: [FailingDto] })
  failing: FailingDto[];
  @ApiProperty({ type: [FailingDto], description: 'Legal, and worth a look.' })
  warnings: FailingDto[];
  @ApiProperty({ type: NamelessDto, description: 'Deliveries of nobody in particular.' })
  namelessDeliveries: NamelessDto;
  @ApiProperty({ type: AsOfDto })
  asOf: AsOfDto;
}

export class CronDto {
  @ApiProperty({ description: 'Nothing is blocked, and all of it is verified.' })
  ok: boolean;
  @ApiProperty({ type: [ClosedDto] })
  closed: ClosedDto[];
  @ApiProperty({ type: [OfCreatorDto], description: 'The last month of who needed no close.' })
  alreadyClosed: OfCreatorDto[];
  @ApiProperty({ type: [WaitingDto] })
  waiting: WaitingDto[];
  @ApiProperty({ type: [BlockedDto] })
  blocked: BlockedDto[];
  @ApiProperty({ type: VerificationDto })
  verification: VerificationDto;
}

export function cronJson(outcome: DueOutcome, verified: Verification): CronDto {
  const { closed, alreadyClosed, waiting, blocked } = outcome;
  return {
    ok: blocked.length === 0 && verified.valid,
    closed: closed.map(({ creatorId, seal }) => ({
      creator: creatorId,
      month: seal.month,
      version: seal.version,
      digest: seal.digest,
      throughPosition: safeNumber(BigInt(seal.position)),
    })),
    alreadyClosed: alreadyClosed.map(({ creatorId, month }) => ({ creator: creatorId, month })),
    waiting: waiting.map(({ creatorId, month, dueAt }) => ({
      creator: creatorId,
      month,
      dueAt: instantToJson(dueAt),
    })),
    blocked: blocked.map(blockedJson),
    verification: verificationJson(verified),
  };
}

const blockedJson = (one: Pick<BlockedMonth, 'creatorId' | 'month' | 'code' | 'detail'>) => ({
  creator: one.creatorId,
  month: one.month,
  code: one.code,
  detail: one.detail,
});

function verificationJson({ valid, digests, run, nameless }: Verification): VerificationDto {
  const failing = (severity: string): FailingDto[] =>
    run.results
      .filter((result) => !result.holds && result.severity === severity)
      .map(({ name, why, violations }) => ({ name, why, violations }));
  return {
    valid,
    digests,
    checks: run.results.length,
    failing: failing('error'),
    warnings: failing('warning'),
    namelessDeliveries: nameless,
    asOf: asOfJson(run),
  };
}

class LastClosedDto {
  @ApiProperty({ example: '2026-02' })
  month: string;
  @ApiProperty({ format: 'date-time' })
  closedAt: string;
}

const NEXT = ['waiting', 'due', 'blocked'] as const;

class NextDueDto {
  @ApiProperty({ example: '2026-03' })
  month: string;
  @ApiProperty({ format: 'date-time' })
  dueAt: string;
  @ApiProperty({ enum: NEXT })
  status: (typeof NEXT)[number];
  @ApiProperty({ type: BlockedDto, required: false })
  blocked?: BlockedDto;
}

export class CreatorStateDto {
  @ApiProperty({ example: 'biz_4f2a' })
  creator: string;
  @ApiProperty({ example: 'America/New_York' })
  timeZone: string;
  @ApiProperty({ type: LastClosedDto, nullable: true })
  lastClosed: LastClosedDto | null;
  @ApiProperty({ type: NextDueDto, nullable: true, description: 'Null: no event is known.' })
  nextDue: NextDueDto | null;
}

export class CronStateDto {
  @ApiProperty({ type: [CreatorStateDto] })
  items: CreatorStateDto[];
  @ApiProperty({ type: AsOfDto })
  asOf: AsOfDto;
}

export function creatorStateJson(
  { creatorId, settings, lastClosed, next }: CreatorMonths,
  now: Instant,
  blocked: BlockedMonth | undefined,
): CreatorStateDto {
  const isBlocked = blocked !== undefined && blocked.month === next?.month;
  const status = isBlocked ? 'blocked' : next !== null && now >= next.dueAt ? 'due' : 'waiting';
  return {
    creator: creatorId,
    timeZone: settings.calendar.zoneAt(now),
    lastClosed: lastClosed && {
      month: lastClosed.month,
      closedAt: instantToJson(lastClosed.sealedAt),
    },
    nextDue: next && {
      month: next.month,
      dueAt: instantToJson(next.dueAt),
      status,
      ...(isBlocked ? { blocked: blockedJson(blocked) } : {}),
    },
  };
}
