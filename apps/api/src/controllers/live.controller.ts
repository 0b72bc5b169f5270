/** The live feed over HTTP: server-sent events of what changed, as soon as the read models show it. */
import { Controller, Get, Inject, Query, Res, type StreamableFile } from '@nestjs/common';
import {
  ApiExtraModels,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
  getSchemaPath,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { narrowed, type Principal, type Scope, scopeOf } from '#libs/access';
import { LiveFeed } from '#libs/audit';
import { Caller } from '../caller.js';
import { LiveQuery, TidingsDto, tidingsJson } from '../dto/live.js';
import { eventStream, type Listener, type ServerEvent } from '../sse.js';

@ApiTags('audit')
@ApiExtraModels(TidingsDto)
@Controller('api/live')
export class LiveController {
  constructor(@Inject(LiveFeed) private readonly feed: LiveFeed) {}

  @Get()
  @ApiOperation({
    summary: 'Server-sent events: which figures changed, and up to which position they contain.',
    description:
      'Each `figures` event has its position as id; the first says where things stand. A client ' +
      'that connects again with `Last-Event-ID` is told what came since, or that everything may ' +
      'have changed. Whoever may see one creator or member hears of that one alone. What comes within a quarter of a second is told together. 503 `streams_busy` ' +
      'while too many listen.',
  })
  @ApiHeader({ name: 'last-event-id', required: false, description: 'The last position seen.' })
  @ApiOkResponse({
    content: { 'text/event-stream': { schema: { $ref: getSchemaPath(TidingsDto) } } },
  })
  live(
    @Query() { creator }: LiveQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Caller() caller: Principal,
  ): StreamableFile {
    const whose = narrowed(scopeOf(caller), { creatorId: creator });
    return eventStream(reply, (listener) => this.#told(listener, whose));
  }

  async *#told(
    { lastEventId, signal }: Listener,
    whose: Scope,
  ): AsyncGenerator<ServerEvent, void, undefined> {
    const after = positionSeen(lastEventId);
    for await (const tidings of this.feed.listen({ after, ...whose, signal }))
      yield {
        id: String(tidings.position),
        event: 'figures',
        data: tidingsJson(tidings),
      };
  }
}

/** Undefined: none that we would have sent. */
const positionSeen = (id: string | undefined): bigint | undefined =>
  id !== undefined && /^\d{1,18}$/.test(id) ? BigInt(id) : undefined;
