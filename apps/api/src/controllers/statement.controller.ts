/** The statement of a member's account for a month. */
import { Controller, Get, Inject, Param, Query, Res, type StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { exportStatement, ReadSide, statementOfMember } from '#libs/application';
import { decodeCursor, encodeCursor } from '../dto/cursor.js';
import { framed } from '../dto/figures.js';
import {
  StatementDto,
  StatementQuery,
  statementColumns,
  statementLine,
  statementTotals,
} from '../dto/statements.js';
import { csvFile, exportFor, wantsCsv } from '../exports.js';
import { CreatorIdPipe, MemberIdPipe } from '../ids.js';

@ApiTags('members')
@Controller('api/creators/:creator/members/:member/statement')
export class StatementController {
  constructor(@Inject(ReadSide) private readonly reads: ReadSide) {}

  @Get()
  @ApiOperation({
    summary: 'Every line of a member’s account in a month, with opening and closing totals.',
    description:
      'Commissions and reversals as they now stand: what was corrected is netted. Lines are in ' +
      'order of time, each with the balance of its currency after it.',
  })
  @ApiOkResponse({ type: StatementDto })
  async read(
    @Param('creator', CreatorIdPipe) creatorId: string,
    @Param('member', MemberIdPipe) memberId: string,
    @Query() { month, currency, limit, cursor, format }: StatementQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StatementDto | StreamableFile> {
    const asked = { creatorId, memberId, month, currency };
    if (wantsCsv(reply, format)) {
      const lines = await exportFor(reply, () => exportStatement(this.reads, asked));
      const name = [creatorId, memberId, 'statement', lines.period.month, currency];
      return csvFile(reply, lines, statementColumns, statementLine, name);
    }
    const place = decodeCursor(cursor, ['integer', 'text', 'text']);
    const after = place && { at: place[0], sourceId: place[1], paymentId: place[2] };
    const found = await statementOfMember(this.reads, asked, { limit, after });
    const { next } = found;
    return {
      memberId,
      name: found.name,
      month: found.period.month,
      totals: found.totals.map(statementTotals),
      otherCurrencies: found.otherCurrencies,
      items: found.items.map(statementLine),
      nextCursor: next ? encodeCursor([next.at, next.sourceId, next.paymentId]) : null,
      ...framed(found),
    };
  }
}
