/** A creator's months: where each stands, what is sealed of it, closing and restating through the command bus. */
import {
  Body,
  Controller,
  Get,
  HttpCode,
  Inject,
  Param,
  Post,
  Query,
  Res,
  type StreamableFile,
} from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import {
  ApiOkResponse,
  ApiOperation,
  ApiProduces,
  ApiResponse,
  type ApiResponseOptions,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { Principal } from '#libs/access';
import {
  CloseMonthCommand,
  driftOf,
  exportSnapshot,
  type MonthClosedAnswer,
  type MonthRestatedAnswer,
  monthOf,
  monthsOf,
  ReadSide,
  RestateMonthCommand,
  sealedMembersOf,
} from '#libs/application';
import { Caller } from '../caller.js';
import { decodeCursor, encodeCursor } from '../dto/cursor.js';
import { framed } from '../dto/figures.js';
import {
  DriftDto,
  driftedJson,
  SealedMembersDto,
  SealedMembersQuery,
  sealedMemberJson,
} from '../dto/month-lists.js';
import {
  CloseInput,
  MonthClosedDto,
  MonthRestatedDto,
  monthClosedJson,
  monthRestatedJson,
  RestateInput,
} from '../dto/month-orders.js';
import {
  listedMonthJson,
  MonthDto,
  MonthsDto,
  monthJson,
  SnapshotQuery,
  snapshotColumns,
} from '../dto/months.js';
import { ProblemDto } from '../dto/problem.js';
import { PageQuery } from '../dto/queries.js';
import { csvFile } from '../exports.js';
import { CreatorIdPipe } from '../ids.js';

const REFUSED: ApiResponseOptions = {
  status: 409,
  description: 'The state of the month stands against it; `code` says what, `detail` what to do.',
  type: ProblemDto,
};

@ApiTags('months')
@Controller('api/creators/:creator/months')
export class MonthsController {
  constructor(
    @Inject(ReadSide) private readonly reads: ReadSide,
    @Inject(CommandBus) private readonly commands: CommandBus,
  ) {}

  @Get()
  @ApiOperation({
    summary: 'Every month from the first with an event to the current one.',
    description: 'Open, then closing (its grace), then closed. Newest first.',
  })
  @ApiOkResponse({ type: MonthsDto })
  async list(@Param('creator', CreatorIdPipe) creatorId: string): Promise<MonthsDto> {
    const found = await monthsOf(this.reads, creatorId);
    return {
      creatorId,
      items: [...found.items].reverse().map(listedMonthJson),
      nextCursor: null,
      ...framed(found),
    };
  }

  @Get(':month')
  @ApiOperation({
    summary:
      'One month: live figures, every sealed version, what later closes carry, what is pending.',
    description:
      'As now known = the latest version + adjustments + pending. Pending is listed by figure and ' +
      'by the lines of the events that came after.',
  })
  @ApiOkResponse({ type: MonthDto })
  @ApiResponse({ status: 404, description: 'No such month or creator.', type: ProblemDto })
  async read(
    @Param('creator', CreatorIdPipe) creatorId: string,
    @Param('month') month: string,
  ): Promise<MonthDto> {
    return monthJson(await monthOf(this.reads, { creatorId, month }));
  }

  @Get(':month/snapshot')
  @ApiOperation({
    summary: 'The members of a sealed version, of the latest unless one is named.',
    description: 'By rank, then those who had referred nobody by id; with what is carried.',
  })
  @ApiOkResponse({ type: SealedMembersDto })
  @ApiResponse({ status: 404, description: 'No such version or creator.', type: ProblemDto })
  @ApiResponse(REFUSED)
  async sealed(
    @Param('creator', CreatorIdPipe) creatorId: string,
    @Param('month') month: string,
    @Query() { version, limit, cursor }: SealedMembersQuery,
  ): Promise<SealedMembersDto> {
    const place = decodeCursor(cursor, ['bigint', 'text']);
    const after = place && { rank: place[0], memberId: place[1] };
    const asked = { creatorId, month, version };
    const found = await sealedMembersOf(this.reads, asked, { limit, after });
    const { next } = found;
    return {
      month,
      version: found.version,
      digest: found.digest,
      items: found.items.map(sealedMemberJson),
      nextCursor: next === undefined ? null : encodeCursor([next.rank, next.memberId]),
      ...framed(found),
    };
  }

  @Get(':month/drift')
  @ApiOperation({
    summary: 'Members of a closed month whose figures are not what is stated of them.',
    description: 'What is pending, a member and currency a row, with both numbers; by id.',
  })
  @ApiOkResponse({ type: DriftDto })
  @ApiResponse({ status: 404, description: 'No such creator.', type: ProblemDto })
  @ApiResponse(REFUSED)
  async drift(
    @Param('creator', CreatorIdPipe) creatorId: string,
    @Param('month') month: string,
    @Query() { limit, cursor }: PageQuery,
  ): Promise<DriftDto> {
    const place = decodeCursor(cursor, ['text', 'text']);
    const after = place && { memberId: place[0], currency: place[1] };
    const found = await driftOf(this.reads, { creatorId, month }, { limit, after });
    const { next } = found;
    return {
      month,
      items: found.items.map(driftedJson),
      nextCursor: next === undefined ? null : encodeCursor([next.memberId, next.currency]),
      ...framed(found),
    };
  }

  @Get(':month/snapshot.csv')
  @ApiProduces('text/csv')
  @ApiOperation({
    summary: 'Every line of a sealed version, of the latest unless one is named.',
    description:
      "The creator's lines, then the members' by rank. Lines of earlier months are carried.",
  })
  @ApiResponse(REFUSED)
  async snapshot(
    @Param('creator', CreatorIdPipe) creatorId: string,
    @Param('month') month: string,
    @Query() { version }: SnapshotQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StreamableFile> {
    const all = await exportSnapshot(this.reads, { creatorId, month, version });
    const name = [creatorId, 'snapshot', month, `v${all.version}`];
    return csvFile(reply, all, snapshotColumns, (row) => row, name);
  }

  @Post(':month/close')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Closes a month: seals a snapshot of it.',
    description:
      'Months are closed in order, once their grace is over; `force`, with a reason, overrides ' +
      'only that. Closing again is a success that changes nothing. A dry run answers what would be ' +
      'sealed and what stands in the way; `expectedDigest` seals just that, or nothing.',
  })
  @ApiOkResponse({ type: MonthClosedDto })
  @ApiResponse({ status: 400, description: 'No such month can be closed.', type: ProblemDto })
  @ApiResponse({ status: 404, description: 'No such creator or month.', type: ProblemDto })
  @ApiResponse(REFUSED)
  async close(
    @Param('creator', CreatorIdPipe) creatorId: string,
    @Param('month') month: string,
    @Body() { reason, force, expectedDigest, dryRun = false }: CloseInput,
    @Caller() { actor }: Principal,
  ): Promise<MonthClosedDto> {
    const order = { creatorId, month, reason, force, expectedDigest };
    const command = new CloseMonthCommand(order, { actor, dryRun });
    const done = await this.commands.execute<CloseMonthCommand, MonthClosedAnswer>(command);
    return monthClosedJson(done, dryRun);
  }

  @Post(':month/restate')
  @HttpCode(200)
  @ApiOperation({
    summary: 'States a closed month anew: its latest version plus what is pending.',
    description:
      'The exceptional path. `expectedDigest` is that of the version which is replaced; it stays ' +
      'readable. Ordered again it is no change.',
  })
  @ApiOkResponse({ type: MonthRestatedDto })
  @ApiResponse({ status: 404, description: 'No such creator.', type: ProblemDto })
  @ApiResponse(REFUSED)
  async restate(
    @Param('creator', CreatorIdPipe) creatorId: string,
    @Param('month') month: string,
    @Body() { reason, expectedDigest, dryRun = false }: RestateInput,
    @Caller() { actor }: Principal,
  ): Promise<MonthRestatedDto> {
    const order = { creatorId, month, reason, expectedDigest };
    const command = new RestateMonthCommand(order, { actor, dryRun });
    const done = await this.commands.execute<RestateMonthCommand, MonthRestatedAnswer>(command);
    return monthRestatedJson(done, dryRun);
  }
}
