import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { ReadSide } from '#libs/application';
import { CheckRunner, checks, diagnose, lastResults } from '#libs/checks';
import type { Database } from '#libs/database';
import { DATABASE } from '../api-parts.js';
import {
  ChecksQuery,
  ConsistencyDto,
  consistencyDto,
  DiagnosisDto,
  DiagnosisQuery,
  diagnosisDto,
  KnownChecksDto,
  knownCheckDto,
} from '../dto/checks.js';
import { ProblemDto } from '../dto/problem.js';
import { CreatorIdPipe } from '../ids.js';

/** What must always hold, and whether it does. */
@ApiTags('admin')
@Controller('api/admin')
export class ChecksController {
  constructor(
    @Inject(CheckRunner) private readonly runner: CheckRunner,
    @Inject(ReadSide) private readonly reads: ReadSide,
    @Inject(DATABASE) private readonly database: Database,
  ) {}

  @Get('check-consistency')
  @ApiOperation({ summary: 'Runs the checks over all rows, at one position.' })
  @ApiOkResponse({ type: ConsistencyDto })
  @ApiResponse({ status: 400, description: 'check_unknown', type: ProblemDto })
  @ApiResponse({ status: 409, description: 'checks_running: ask again', type: ProblemDto })
  async checkConsistency(@Query() { check }: ChecksQuery): Promise<ConsistencyDto> {
    return consistencyDto(await this.runner.run(check));
  }

  @Get('checks')
  @ApiOperation({ summary: 'Every check, and what it found when it was last run.' })
  @ApiOkResponse({ type: KnownChecksDto })
  async known(): Promise<KnownChecksDto> {
    const last = new Map((await lastResults(this.database)).map((result) => [result.name, result]));
    return { items: checks.map((check) => knownCheckDto(check, last.get(check.name))) };
  }

  @Get('diagnosis/:creator')
  @ApiOperation({ summary: 'A month of a creator beside a recount from the log.' })
  @ApiOkResponse({ type: DiagnosisDto })
  @ApiResponse({ status: 404, description: 'creator_not_found', type: ProblemDto })
  async diagnosis(
    @Param('creator', CreatorIdPipe) creator: string,
    @Query() { month }: DiagnosisQuery,
  ): Promise<DiagnosisDto> {
    const period = await this.reads.periodAsked({ creatorId: creator, month });
    return diagnosisDto(await diagnose(this.database, { creatorId: creator, month: period.month }));
  }
}
