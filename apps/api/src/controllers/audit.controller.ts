/** The audit trail: the log as pages, as streams, event by event, and whole. */
import { createHash } from 'node:crypto';
import { Controller, Get, Inject, Param, Query, Res, type StreamableFile } from '@nestjs/common';
import {
  ApiExtraModels,
  ApiOkResponse,
  ApiOperation,
  ApiResponse,
  ApiTags,
  getSchemaPath,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { type Principal, scopeOf } from '#libs/access';
import {
  type Browser,
  causeOf,
  type EventsPage,
  type Exports,
  filterWithin,
  membersOf,
  namesOf,
  type Order,
  type ReadEvent,
} from '#libs/audit';
import type { Database } from '#libs/database';
import { canonicalBytes, type EventStore } from '#libs/event-store';
import { type DeliveryInFull, deliveryInFull } from '#libs/ingestion';
import { DomainError } from '#libs/ledger';
import type { Names, Vault } from '#libs/vault';
import { Caller } from '../caller.js';
import {
  AuditEventsDto,
  auditEventsJson,
  CURSOR,
  countedJson,
  EventsQuery,
  eventNamed,
  filterOfEvents,
  listedStreamJson,
  OrderedQuery,
  placeOf,
  StreamDto,
  StreamsDto,
  StreamsQuery,
  streamNamed,
} from '../dto/audit.js';
import { AuditEventInFullDto, auditEventInFullJson } from '../dto/audit-event.js';
import { decodeCursor, encodeCursor } from '../dto/cursor.js';
import { asOfJson } from '../dto/figures.js';
import { ProblemDto } from '../dto/problem.js';
import { NDJSON_TYPE, ndjsonFile, wantsNdjson } from '../ndjson.js';

/** Nest token of AuditReads. */
export const AUDIT_READS = Symbol('AUDIT_READS');

export interface AuditReads {
  readonly db: Database;
  readonly store: EventStore;
  readonly vault: Vault;
  readonly names: Names;
  readonly browser: Browser;
  readonly exports: Exports;
}

@ApiTags('audit')
@ApiExtraModels(AuditEventsDto)
@Controller('api/audit')
export class AuditController {
  constructor(@Inject(AUDIT_READS) private readonly reads: AuditReads) {}

  @Get('events')
  @ApiOperation({
    summary: 'Events of the log, newest first unless asked otherwise.',
    description:
      'Conditions narrow each other. Pages go by position: what is appended meanwhile moves none. ' +
      'A page that looked through as much of the log as it may says so (`scannedTo`); go on with ' +
      '`nextCursor`. As NDJSON every event, as stored, with the hash of its canonical form.',
  })
  @ApiOkResponse({
    content: {
      'application/json': { schema: { $ref: getSchemaPath(AuditEventsDto) } },
      [NDJSON_TYPE]: { schema: { type: 'string' } },
    },
  })
  @ApiResponse({ status: 400, description: 'filter_invalid', type: ProblemDto })
  async events(
    @Query() query: EventsQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Caller() caller: Principal,
  ): Promise<AuditEventsDto | StreamableFile> {
    const filter = filterWithin(filterOfEvents(query), scopeOf(caller).creatorId);
    if (wantsNdjson(reply, query.format)) {
      return ndjsonFile(reply, await this.reads.exports.start(filter), ['events']);
    }
    const { order = 'newest', limit } = query;
    const cursor = placeOf(decodeCursor(query.cursor, CURSOR), order);
    const [page, counted] = await Promise.all([
      this.reads.browser.page(filter, { order, limit, cursor }),
      query.count === undefined ? undefined : this.reads.browser.count(filter),
    ]);
    const listed = await this.#listed(page, order);
    return counted === undefined ? listed : { ...listed, counted: countedJson(counted) };
  }

  @Get('events/:id')
  @ApiOperation({
    summary: 'One event: as stored and as read today, its cause, its lines, what it moved.',
    description: 'Named by its id or by its position.',
  })
  @ApiOkResponse({ type: AuditEventInFullDto })
  @ApiResponse({ status: 404, description: 'event_not_found', type: ProblemDto })
  async event(@Param('id') id: string, @Caller() caller: Principal): Promise<AuditEventInFullDto> {
    const { browser, db, names } = this.reads;
    const { creatorId } = scopeOf(caller);
    const found = await browser.event(eventNamed(id), creatorId);
    const { recorded, event } = found;
    const [cause, siblings, neighbours, delivery, asOf] = await Promise.all([
      browser.causeOf(recorded),
      browser.siblings(recorded, creatorId),
      browser.neighbours(recorded),
      // What people sent is for those who run the ledger.
      caller.role === 'admin' ? this.#deliveryOf(found) : undefined,
      browser.head(),
    ]);
    const around = {
      sha256: createHash('sha256').update(canonicalBytes(recorded)).digest('hex'),
      upcast: event === undefined ? undefined : browser.upcast(recorded),
      cause,
      siblings,
      neighbours,
      delivery,
    };
    return {
      ...auditEventInFullJson(found, around),
      people: await namesOf(db, names, event === undefined ? [] : membersOf(event)),
      asOf: asOfJson(asOf),
      timeZone: 'UTC',
    };
  }

  @Get('streams')
  @ApiOperation({ summary: 'Streams by name, those that begin with a prefix.' })
  @ApiOkResponse({ type: StreamsDto })
  async streams(
    @Query() { prefix = '', fact, limit, cursor }: StreamsQuery,
    @Caller() caller: Principal,
  ): Promise<StreamsDto> {
    const after = decodeCursor(cursor, ['text'])?.[0];
    const { creatorId } = scopeOf(caller);
    const found =
      fact === undefined
        ? await this.reads.browser.streams(prefix, { after, limit }, creatorId)
        : await this.#leadsTo(fact, creatorId);
    return {
      items: found.items.map(listedStreamJson),
      nextCursor: found.next === undefined ? null : encodeCursor([found.next]),
      asOf: asOfJson(found.asOf),
      timeZone: 'UTC',
    };
  }

  @Get('streams/:stream')
  @ApiOperation({ summary: 'Events of one stream, oldest first unless asked otherwise.' })
  @ApiOkResponse({ type: StreamDto })
  @ApiResponse({ status: 404, description: 'stream_not_found', type: ProblemDto })
  async stream(
    @Param('stream') name: string,
    @Query() query: OrderedQuery,
    @Caller() caller: Principal,
  ): Promise<StreamDto> {
    const { order = 'oldest', limit } = query;
    const cursor = placeOf(decodeCursor(query.cursor, CURSOR), order);
    const { creatorId } = scopeOf(caller);
    const asked = { order, limit, cursor };
    const page = await this.reads.browser.stream(streamNamed(name), asked, creatorId);
    return { stream: listedStreamJson(page.stream), ...(await this.#listed(page, order)) };
  }

  async #listed(page: EventsPage, order: Order): Promise<AuditEventsDto> {
    const named = page.items.flatMap(({ event }) => (event === undefined ? [] : membersOf(event)));
    return auditEventsJson(page, order, await namesOf(this.reads.db, this.reads.names, named));
  }

  async #leadsTo(factId: string, creatorId: string | undefined) {
    const { browser } = this.reads;
    const [asOf, stream] = await Promise.all([
      browser.head(),
      browser.streamOfFact(factId, creatorId),
    ]);
    return { asOf, items: stream === undefined ? [] : [stream], next: undefined };
  }

  /** Masked, as operators see it; none: a command did it, or this ledger has no record of it. */
  async #deliveryOf({ recorded }: ReadEvent): Promise<DeliveryInFull | undefined> {
    const cause = causeOf(recorded);
    if (cause.kind !== 'delivery') return undefined;
    try {
      return await deliveryInFull(this.reads, cause.delivery);
    } catch (error) {
      if (error instanceof DomainError && error.code === 'delivery_not_found') return undefined;
      throw error;
    }
  }
}
