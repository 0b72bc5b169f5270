/** Deliveries for operators: what became of each, and what to do about those that do not count. */
import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Principal } from '#libs/access';
import {
  type DeliverySelection,
  ExcludeDeliveriesCommand,
  type ExcludedDelivery,
  RedriveDeliveriesCommand,
  type Redriven,
} from '#libs/application';
import type { Database } from '#libs/database';
import type { EventStore } from '#libs/event-store';
import { deliveriesOf, deliveryCounts, deliveryInFull } from '#libs/ingestion';
import { DomainError } from '#libs/ledger';
import type { Vault } from '#libs/vault';
import { Caller } from '../caller.js';
import { decodeCursor, encodeCursor } from '../dto/cursor.js';
import {
  countsJson,
  DeliveriesDto,
  DeliveriesQuery,
  DeliveryInFullDto,
  deliveryIdOf,
  filterOf,
  inFullJson,
  listedJson,
} from '../dto/deliveries.js';
import {
  DeliveryVerdictDto,
  ExcludedDto,
  ExcludedManyDto,
  ExcludeInput,
  ExcludeManyInput,
  excludedJson,
  RedriveInput,
  RedriveManyInput,
  RedrivenDto,
  redrivenJson,
  selectionOf,
  verdictJson,
} from '../dto/delivery-orders.js';
import { asOfJson } from '../dto/figures.js';
import { ProblemDto } from '../dto/problem.js';

/** Nest token of DeliveriesReads. */
export const DELIVERIES_READS = Symbol('DELIVERIES_READS');

export interface DeliveriesReads {
  readonly db: Database;
  readonly store: EventStore;
  readonly vault: Vault;
}

const REFUSED = { status: 409, description: 'It cannot be: the code says why.', type: ProblemDto };

@ApiTags('deliveries')
@Controller('api/admin/deliveries')
export class DeliveriesController {
  constructor(
    @Inject(DELIVERIES_READS) private readonly reads: DeliveriesReads,
    @Inject(CommandBus) private readonly commands: CommandBus,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Deliveries by what became of them, newest first.' })
  @ApiOkResponse({ type: DeliveriesDto })
  async list(@Query() query: DeliveriesQuery): Promise<DeliveriesDto> {
    const { db, store } = this.reads;
    const filter = filterOf(query);
    const after = decodeCursor(query.cursor, ['bigint'])?.[0];
    const head = await store.head();
    const [{ items, next }, counts, last] = await Promise.all([
      deliveriesOf(db, filter, { limit: query.limit, after }),
      after === undefined ? deliveryCounts(db, filter) : null,
      head === 0n ? [] : store.readAll({ after: head - 1n, limit: 1 }),
    ]);
    return {
      items: items.map(listedJson),
      counts: counts && countsJson(counts),
      nextCursor: next === undefined ? null : encodeCursor([next]),
      asOf: asOfJson({ position: head, recordedAt: last[0]?.recordedAt ?? 0 }),
      timeZone: 'UTC',
    };
  }

  @Get(':id')
  @ApiOperation({
    summary: 'One delivery: its body without personal data, its events, and what to do next.',
    description: 'Named by its number, or by the `flywheel-settled` header of its answer.',
  })
  @ApiOkResponse({ type: DeliveryInFullDto })
  async read(@Param('id') id: string): Promise<DeliveryInFullDto> {
    return inFullJson(await deliveryInFull(this.reads, deliveryIdOf(id)));
  }

  @Post('redrive')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Has deliveries decided again, oldest first: those named, or all that fit.',
    description:
      'Each comes with its verdict, found by deciding it in memory. Ordering it twice is harmless. ' +
      'A page of verdicts knows of the deliveries of that page only.',
  })
  @ApiOkResponse({ type: RedrivenDto })
  async redriveMany(
    @Body() input: RedriveManyInput,
    @Caller() { actor }: Principal,
  ): Promise<RedrivenDto> {
    const done = await this.#redrive(selectionOf(input), input, actor);
    return redrivenJson(done, input.dryRun ?? false);
  }

  @Post('exclude')
  @HttpCode(200)
  @ApiOperation({ summary: 'Sets parked or quarantined deliveries aside, with a reason.' })
  @ApiOkResponse({ type: ExcludedManyDto })
  async excludeMany(
    @Body() input: ExcludeManyInput,
    @Caller() { actor }: Principal,
  ): Promise<ExcludedManyDto> {
    const items = await this.#exclude(input.ids.map(BigInt), input, actor);
    return { items: items.map(excludedJson), dryRun: input.dryRun ?? false };
  }

  @Post(':id/redrive')
  @HttpCode(200)
  @ApiOperation({ summary: 'Has a delivery decided again, or says what would become of it.' })
  @ApiOkResponse({ type: DeliveryVerdictDto })
  @ApiResponse(REFUSED)
  async redrive(
    @Param('id') id: string,
    @Body() input: RedriveInput,
    @Caller() { actor }: Principal,
  ): Promise<DeliveryVerdictDto> {
    const selection = { ids: [deliveryIdOf(id)], statuses: [] };
    const { items } = await this.#redrive(selection, input, actor);
    const verdict = items[0];
    if (verdict === undefined) throw new DomainError('delivery_not_found', 'there is none');
    if (verdict.would === 'refused') throw new DomainError(verdict.code ?? '', verdict.says);
    return verdictJson(verdict);
  }

  @Post(':id/exclude')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Sets a parked or quarantined delivery aside, with a reason.',
    description: 'It holds up no month any more. Redriving it takes that back.',
  })
  @ApiOkResponse({ type: ExcludedDto })
  @ApiResponse(REFUSED)
  async exclude(
    @Param('id') id: string,
    @Body() input: ExcludeInput,
    @Caller() { actor }: Principal,
  ): Promise<ExcludedDto> {
    const [one] = await this.#exclude([deliveryIdOf(id)], input, actor);
    if (one === undefined) throw new DomainError('delivery_not_found', 'there is none');
    if (one.refusal !== null) throw new DomainError(one.refusal.code, one.refusal.detail);
    return excludedJson(one);
  }

  #redrive(selection: DeliverySelection, { reason, dryRun = false }: RedriveInput, actor: string) {
    const ordered = { actor, dryRun, ...(reason === undefined ? {} : { reason }) };
    const command = new RedriveDeliveriesCommand(selection, ordered);
    return this.commands.execute<RedriveDeliveriesCommand, Redriven>(command);
  }

  #exclude(ids: readonly bigint[], { reason, dryRun = false }: ExcludeInput, actor: string) {
    const command = new ExcludeDeliveriesCommand(ids, { actor, reason, dryRun });
    return this.commands.execute<ExcludeDeliveriesCommand, readonly ExcludedDelivery[]>(command);
  }
}
