/** Repair by replay: order, watch, look at the difference, promote or discard. */
import {
  Body,
  Controller,
  Delete,
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
  ApiAcceptedResponse,
  ApiOkResponse,
  ApiOperation,
  ApiProduces,
  ApiResponse,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { Principal } from '#libs/access';
import {
  DiscardReplayCommand,
  differencePageOf,
  isSettled,
  OrderReplayCommand,
  PromoteReplayCommand,
  type Replay,
  ReplayFeed,
  replayChanges,
  replayOf,
  replaysOf,
} from '#libs/application';
import type { Database } from '#libs/database';
import { DATABASE } from '../api-parts.js';
import { Caller } from '../caller.js';
import { decodeCursor, encodeCursor } from '../dto/cursor.js';
import { ProblemDto } from '../dto/problem.js';
import { PageQuery } from '../dto/queries.js';
import {
  DifferencePageDto,
  DifferenceQuery,
  differenceRowJson,
  PromoteInput,
  ReplayDto,
  ReplayInput,
  ReplaysDto,
  replayJson,
} from '../dto/replays.js';
import { Problem } from '../problem.js';
import { eventStream, type Listener, type ServerEvent } from '../sse.js';

/** What takes longer is answered with what it is by then. */
const PROMOTION_WAIT_MS = 15_000;
const NO_SUCH = { status: 404, description: 'replay_not_found', type: ProblemDto } as const;

@ApiTags('replays')
@Controller('api/admin/replays')
export class ReplaysController {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(ReplayFeed) private readonly feed: ReplayFeed,
    @Inject(CommandBus) private readonly commands: CommandBus,
  ) {}

  @Post()
  @HttpCode(202)
  @ApiOperation({
    summary: 'Orders read models to be built from the log again, beside those that serve.',
    description:
      'A dry run: nothing that serves changes until it is promoted. One at a time; one that is ' +
      'ready and not promoted is discarded.',
  })
  @ApiAcceptedResponse({ type: ReplayDto })
  @ApiResponse({
    status: 400,
    description: 'projection_unknown, until_malformed',
    type: ProblemDto,
  })
  @ApiResponse({ status: 409, description: 'replay_running: it is named', type: ProblemDto })
  async order(@Body() input: ReplayInput, @Caller() { actor }: Principal): Promise<ReplayDto> {
    const command = new OrderReplayCommand({ ...input }, actor);
    return replayJson(await this.commands.execute<OrderReplayCommand, Replay>(command));
  }

  @Get()
  @ApiOperation({ summary: 'Every replay that was ordered, and how it ended.' })
  @ApiOkResponse({ type: ReplaysDto })
  async list(@Query() { limit, cursor }: PageQuery): Promise<ReplaysDto> {
    const [before] = decodeCursor(cursor, ['bigint']) ?? [];
    const found = await replaysOf(this.db, { limit, before });
    const last = found.length === limit ? found.at(-1) : undefined;
    return {
      items: found.map(replayJson),
      nextCursor: last === undefined ? null : encodeCursor([BigInt(last.id)]),
    };
  }

  @Get(':id')
  @ApiOperation({ summary: 'One replay: how far it is, what it found, how it ended.' })
  @ApiOkResponse({ type: ReplayDto })
  @ApiResponse(NO_SUCH)
  async read(@Param('id') id: string): Promise<ReplayDto> {
    return replayJson(await replayOf(this.db, id));
  }

  @Get(':id/events')
  @ApiProduces('text/event-stream')
  @ApiOperation({
    summary: 'The replay as it goes: server-sent events.',
    description:
      '`progress` at most four times a second, then one `result` when it is ready or over, and ' +
      'the stream ends. The data of each is the replay.',
  })
  @ApiResponse(NO_SUCH)
  @ApiResponse({ status: 503, description: 'streams_busy', type: ProblemDto })
  async events(
    @Param('id') id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StreamableFile> {
    await replayOf(this.db, id);
    return eventStream(reply, (listener) => this.told(id, listener));
  }

  @Get(':id/difference')
  @ApiOperation({
    summary: 'Rows that differ from what the log says, the largest first.',
    description: 'Each names its key, both sides, and where it is explained.',
  })
  @ApiOkResponse({ type: DifferencePageDto })
  @ApiResponse(NO_SUCH)
  @ApiResponse({ status: 400, description: 'table_unknown', type: ProblemDto })
  @ApiResponse({ status: 409, description: 'difference_missing', type: ProblemDto })
  async difference(
    @Param('id') id: string,
    @Query() { limit, cursor, table }: DifferenceQuery,
  ): Promise<DifferencePageDto> {
    const [after] = decodeCursor(cursor, ['integer']) ?? [];
    const { replay, rows } = await differencePageOf(this.db, id, { limit, after, table });
    const last = rows.length === limit ? rows.at(-1) : undefined;
    return {
      hash: replay.summary?.hash ?? '',
      items: rows.map(differenceRowJson),
      nextCursor: last === undefined ? null : encodeCursor([last.n]),
    };
  }

  @Post(':id/promote')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Makes a replay serve: exactly the one whose difference was looked at.',
    description:
      'Said by an event, with the reason. Answered when it serves; 202 when that takes longer. ' +
      'Ordered again it is no change.',
  })
  @ApiOkResponse({ type: ReplayDto })
  @ApiAcceptedResponse({ type: ReplayDto, description: 'It is being promoted.' })
  @ApiResponse(NO_SUCH)
  @ApiResponse({ status: 400, description: 'reason_required', type: ProblemDto })
  @ApiResponse({
    status: 409,
    description:
      'difference_hash_mismatch, replay_not_ready, replay_for_looking, replay_expired; or why it failed',
    type: ProblemDto,
  })
  async promote(
    @Param('id') id: string,
    @Body() input: PromoteInput,
    @Caller() { actor }: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ReplayDto> {
    const command = new PromoteReplayCommand({ id, ...input }, actor);
    const ordered = await this.commands.execute<PromoteReplayCommand, Replay>(command);
    const replay = await this.settled(ordered);
    if (replay.state === 'failed')
      throw new Problem(409, replay.code ?? 'replay_failed', replay.detail ?? 'It failed.');
    if (!isSettled(replay)) void reply.status(202);
    return replayJson(replay);
  }

  @Delete(':id')
  @ApiOperation({
    summary: 'Discards a replay that does not serve: its tables are dropped.',
    description: 'One that is at work is stopped. Discarded again it is no change.',
  })
  @ApiOkResponse({ type: ReplayDto })
  @ApiResponse(NO_SUCH)
  @ApiResponse({ status: 409, description: 'replay_promoted, replay_promoting', type: ProblemDto })
  async discard(@Param('id') id: string, @Caller() { actor }: Principal): Promise<ReplayDto> {
    const command = new DiscardReplayCommand(id, actor);
    return replayJson(await this.commands.execute<DiscardReplayCommand, Replay>(command));
  }

  private async *told(
    id: string,
    { lastEventId, signal }: Listener,
  ): AsyncGenerator<ServerEvent, void, undefined> {
    const seen = /^\d{1,18}$/.test(lastEventId ?? '') ? BigInt(lastEventId ?? 0) : undefined;
    const changes = replayChanges({ db: this.db, feed: this.feed }, id, { signal, seen });
    for await (const replay of this.feed.watching(changes)) {
      const event = isSettled(replay) ? 'result' : 'progress';
      yield { id: String(replay.revision), event, data: replayJson(replay) };
    }
  }

  /** As it is when nothing more happens to it by itself, or when the time is up. */
  private async settled(ordered: Replay): Promise<Replay> {
    const signal = AbortSignal.timeout(PROMOTION_WAIT_MS);
    const changes = replayChanges({ db: this.db, feed: this.feed }, ordered.id, { signal });
    let replay = ordered;
    for await (const now of this.feed.watching(changes)) replay = now;
    return replay;
  }
}
