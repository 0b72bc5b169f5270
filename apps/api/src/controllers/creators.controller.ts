/** What may be asked about a creator as a whole. */
import { Controller, Get, Inject, Param, Query, Res, type StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { type Principal, scopeOf } from '#libs/access';
import {
  creatorOf,
  creatorsOf,
  exportPayments,
  exportReferrals,
  exportTopReferrers,
  paymentsOf,
  type Ranked,
  ReadSide,
  recentReferrals,
  type TimePlace,
  topReferrers,
} from '#libs/application';
import { Caller } from '../caller.js';
import {
  CreatorDto,
  CreatorQuery,
  CreatorsDto,
  creatorItem,
  creatorJson,
} from '../dto/creators.js';
import { decodeCursor, encodeCursor } from '../dto/cursor.js';
import { asOfJson, framed } from '../dto/figures.js';
import { PaymentsDto, PaymentsQuery, payment, paymentColumns } from '../dto/payments.js';
import { PageQuery } from '../dto/queries.js';
import {
  ConversionsDto,
  ConversionsQuery,
  conversion,
  conversionColumns,
} from '../dto/referrals.js';
import {
  TopReferrersDto,
  TopReferrersQuery,
  topReferrer,
  topReferrerColumns,
} from '../dto/top-referrers.js';
import { csvFile, wantsCsv } from '../exports.js';
import { CreatorIdPipe } from '../ids.js';

@ApiTags('creators')
@Controller('api/creators')
export class CreatorsController {
  constructor(@Inject(ReadSide) private readonly reads: ReadSide) {}

  @Get()
  @ApiOperation({ summary: 'Every creator whom the caller may see, by id.' })
  @ApiOkResponse({ type: CreatorsDto })
  async list(
    @Query() { limit, cursor }: PageQuery,
    @Caller() caller: Principal,
  ): Promise<CreatorsDto> {
    const after = decodeCursor(cursor, ['text'])?.[0];
    const { items, next, asOf } = await creatorsOf(this.reads, {
      ...{ limit, after },
      only: scopeOf(caller).creatorId,
    });
    return {
      items: items.map(creatorItem),
      nextCursor: next === undefined ? null : encodeCursor([next]),
      asOf: asOfJson(asOf),
      timeZone: 'UTC',
    };
  }

  @Get(':creator')
  @ApiOperation({ summary: 'A creator: settings in force and the figures of a month.' })
  @ApiOkResponse({ type: CreatorDto })
  async read(
    @Param('creator', CreatorIdPipe) creatorId: string,
    @Query() { month, currency }: CreatorQuery,
  ): Promise<CreatorDto> {
    return creatorJson(await creatorOf(this.reads, { creatorId, month, currency }));
  }

  /** The hot route: one statement, and its rows as they are. */
  @Get(':creator/top-referrers')
  @ApiOperation({
    summary: 'Who referred most.',
    description:
      'By total referrals as of the end of the month, then who reached that total first, then ' +
      'member id. Members without a referral have no rank.',
  })
  @ApiOkResponse({ type: TopReferrersDto })
  async topReferrers(
    @Param('creator', CreatorIdPipe) creatorId: string,
    @Query() { month, currency, limit, cursor, format }: TopReferrersQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<TopReferrersDto | StreamableFile> {
    if (wantsCsv(reply, format)) {
      const all = await exportTopReferrers(this.reads, { creatorId, month, currency });
      const name = [creatorId, 'top-referrers', all.period.month, all.currency];
      const row = (one: Ranked) => topReferrer(one, all.currency);
      return csvFile(reply, all, topReferrerColumns, row, name);
    }
    const place = decodeCursor(cursor, ['integer', 'bigint', 'integer', 'text']);
    const after = place && {
      rank: place[0],
      total: place[1],
      reachedAt: place[2],
      memberId: place[3],
    };
    const found = await topReferrers(this.reads, { creatorId, month, currency, limit, after });
    const { next } = found;
    return {
      month: found.period.month,
      currency: found.currency,
      otherCurrencies: found.otherCurrencies,
      items: found.items.map((row) => topReferrer(row, found.currency)),
      nextCursor: next
        ? encodeCursor([next.rank, next.total, next.reachedAt, next.memberId])
        : null,
      ...framed(found),
    };
  }

  @Get(':creator/referrals')
  @ApiOperation({ summary: 'Newest conversions: who was converted, by whom, when.' })
  @ApiOkResponse({ type: ConversionsDto })
  async referrals(
    @Param('creator', CreatorIdPipe) creatorId: string,
    @Query() { limit, cursor, format }: ConversionsQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ConversionsDto | StreamableFile> {
    if (wantsCsv(reply, format)) {
      const all = await exportReferrals(this.reads, creatorId);
      return csvFile(reply, all, conversionColumns, conversion, [creatorId, 'referrals']);
    }
    const after = timePlace(cursor);
    const found = await recentReferrals(this.reads, creatorId, { limit, after });
    return {
      items: found.items.map(conversion),
      nextCursor: timeCursor(found.next),
      ...framed(found),
    };
  }

  @Get(':creator/payments')
  @ApiOperation({
    summary: 'Commission lines by payment, newest first.',
    description:
      'Each sale as it now stands, with its shares and every reversal of it; in all currencies, ' +
      'unless one is named.',
  })
  @ApiOkResponse({ type: PaymentsDto })
  async payments(
    @Param('creator', CreatorIdPipe) creatorId: string,
    @Query() query: PaymentsQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PaymentsDto | StreamableFile> {
    const { month, member: memberId, referrer: referrerId, currency, kind, status, limit } = query;
    const asked = { creatorId, month, memberId, referrerId, currency, kind, status };
    if (wantsCsv(reply, query.format)) {
      const all = await exportPayments(this.reads, asked);
      const name = [creatorId, 'payments', month, memberId, referrerId && `by-${referrerId}`];
      return csvFile(reply, all, paymentColumns, payment, [...name, currency, kind, status]);
    }
    const after = timePlace(query.cursor);
    const found = await paymentsOf(this.reads, asked, { limit, after });
    return {
      items: found.items.map(payment),
      nextCursor: timeCursor(found.next),
      ...framed(found),
    };
  }
}

/** Cursors of lists that go by time, then id. */
export function timePlace(cursor: string | undefined): TimePlace | undefined {
  const place = decodeCursor(cursor, ['integer', 'text']);
  return place && { at: place[0], id: place[1] };
}

export const timeCursor = (next: TimePlace | undefined): string | null =>
  next === undefined ? null : encodeCursor([next.at, next.id]);
