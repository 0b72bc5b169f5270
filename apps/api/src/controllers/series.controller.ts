/** Figures over a range of months or days: revenue, growth, earnings. */
import { Controller, Get, Inject, Param, Query, Res, type StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import {
  earningsOf,
  earningsOfCreator,
  growthOf,
  growthOfMember,
  ReadSide,
  revenueOf,
} from '#libs/application';
import { framed } from '../dto/figures.js';
import { MonthsQuery } from '../dto/queries.js';
import {
  CreatorEarningsDto,
  EarningsDto,
  EarningsQuery,
  earningsColumns,
  earningsPeriod,
  GrowthDto,
  growthColumns,
  growthMonth,
  growthOfDays,
  MemberGrowthDto,
  RevenueDto,
  RevenueQuery,
  revenueColumns,
  revenueMonth,
} from '../dto/series.js';
import { csvFile, held, wantsCsv } from '../exports.js';
import { CreatorIdPipe, MemberIdPipe } from '../ids.js';

@Controller('api/creators/:creator')
export class SeriesController {
  constructor(@Inject(ReadSide) private readonly reads: ReadSide) {}

  @Get('revenue')
  @ApiTags('creators')
  @ApiOperation({
    summary: 'Revenue per month: gross, refunds apart.',
    description:
      'Every month from `from` to `to`, both included, those without a sale too; at most 240. ' +
      'By default the 12 months that end with `to`, which is by default the current one.',
  })
  @ApiOkResponse({ type: RevenueDto })
  async revenue(
    @Param('creator', CreatorIdPipe) creatorId: string,
    @Query() { from, to, currency, format }: RevenueQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RevenueDto | StreamableFile> {
    const csv = wantsCsv(reply, format);
    const found = await revenueOf(this.reads, { creatorId, from, to, currency });
    if (csv) {
      const name = [creatorId, 'revenue', found.from, 'to', found.to, found.currency];
      return csvFile(reply, held(found), revenueColumns, revenueMonth, name);
    }
    return {
      from: found.from,
      to: found.to,
      currency: found.currency,
      otherCurrencies: found.otherCurrencies,
      items: found.items.map(revenueMonth),
      ...framed(found),
    };
  }

  @Get('growth')
  @ApiTags('creators')
  @ApiOperation({
    summary: 'Conversions and referred sign-ups per month, up to the current one.',
    description: 'Beside them the current month so far, and the same days of the month before.',
  })
  @ApiOkResponse({ type: GrowthDto })
  async growth(
    @Param('creator', CreatorIdPipe) creatorId: string,
    @Query() { months, format }: MonthsQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<GrowthDto | StreamableFile> {
    const csv = wantsCsv(reply, format);
    const found = await growthOf(this.reads, { creatorId, months });
    if (csv) {
      const name = [creatorId, 'growth', found.from, 'to', found.to];
      return csvFile(reply, held(found), growthColumns, growthMonth, name);
    }
    return {
      from: found.from,
      to: found.to,
      items: found.items.map(growthMonth),
      soFar: growthOfDays(found.soFar),
      sameDaysBefore: growthOfDays(found.sameDaysBefore),
      ...framed(found),
    };
  }

  @Get('earnings')
  @ApiTags('creators')
  @ApiOperation({
    summary: 'What all members earned together per day or month.',
    description:
      'Shares by the time of the sale, reversals by their own. Every day or month of the range is ' +
      'there, days of the current month that are still to come too.',
  })
  @ApiOkResponse({ type: CreatorEarningsDto })
  async creatorEarnings(
    @Param('creator', CreatorIdPipe) creatorId: string,
    @Query() { from, to, by, currency, format }: EarningsQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CreatorEarningsDto | StreamableFile> {
    const csv = wantsCsv(reply, format);
    const found = await earningsOfCreator(this.reads, { creatorId, from, to, by, currency });
    return csv ? earningsFile(reply, found, [creatorId]) : earningsJson(found, by);
  }

  @Get('members/:member/earnings')
  @ApiTags('members')
  @ApiOperation({
    summary: 'What a member earned per day or month.',
    description:
      'Shares by the time of the sale, reversals by their own. Every day or month of the range is ' +
      'there, days of the current month that are still to come too.',
  })
  @ApiOkResponse({ type: EarningsDto })
  async earnings(
    @Param('creator', CreatorIdPipe) creatorId: string,
    @Param('member', MemberIdPipe) memberId: string,
    @Query() { from, to, by, currency, format }: EarningsQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<EarningsDto | StreamableFile> {
    const csv = wantsCsv(reply, format);
    const asked = { creatorId, memberId, from, to, by, currency };
    const found = await earningsOf(this.reads, asked);
    if (csv) return earningsFile(reply, found, [creatorId, memberId]);
    return { memberId, name: found.name, ...earningsJson(found, by) };
  }

  @Get('members/:member/growth')
  @ApiTags('members')
  @ApiOperation({ summary: 'Whom a member brought per month: conversions and sign-ups.' })
  @ApiOkResponse({ type: MemberGrowthDto })
  async memberGrowth(
    @Param('creator', CreatorIdPipe) creatorId: string,
    @Param('member', MemberIdPipe) memberId: string,
    @Query() { months, format }: MonthsQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<MemberGrowthDto | StreamableFile> {
    const csv = wantsCsv(reply, format);
    const found = await growthOfMember(this.reads, { creatorId, memberId, months });
    if (csv) {
      const name = [creatorId, memberId, 'growth', found.from, 'to', found.to];
      return csvFile(reply, held(found), growthColumns, growthMonth, name);
    }
    return {
      memberId,
      name: found.name,
      from: found.from,
      to: found.to,
      items: found.items.map(growthMonth),
      ...framed(found),
    };
  }
}

type Earnings = Awaited<ReturnType<typeof earningsOfCreator>>;

/** Of all members together or of one: the same rows. */
const earningsJson = (found: Earnings, by: CreatorEarningsDto['by']): CreatorEarningsDto => ({
  by,
  from: found.from,
  to: found.to,
  currency: found.currency,
  otherCurrencies: found.otherCurrencies,
  items: found.items.map(earningsPeriod),
  ...framed(found),
});

function earningsFile(reply: FastifyReply, found: Earnings, whose: string[]): StreamableFile {
  const name = [...whose, 'earnings', found.from, 'to', found.to, found.currency];
  return csvFile(reply, held(found), earningsColumns, earningsPeriod, name);
}
