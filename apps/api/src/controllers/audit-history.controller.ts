/** What the old system's AuditLog held, derived: every change of a figure, and what made it. */
import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { narrowed, type Principal, scopeOf } from '#libs/access';
import { ReadSide } from '#libs/application';
import { historyOf, membersOf, namesOf } from '#libs/audit';
import { DomainError } from '#libs/ledger';
import { settingsOf } from '#projections';
import { Caller } from '../caller.js';
import { CURSOR, placeOf } from '../dto/audit.js';
import {
  currentValueJson,
  HistoryDto,
  HistoryQuery,
  historyChangesJson,
  isAmount,
  subjectOf,
} from '../dto/audit-history.js';
import { decodeCursor, encodeCursor } from '../dto/cursor.js';
import { asOfJson } from '../dto/figures.js';
import { ProblemDto } from '../dto/problem.js';
import { AUDIT_READS, type AuditReads } from './audit.controller.js';

@ApiTags('audit')
@Controller('api/audit/history')
export class AuditHistoryController {
  constructor(
    @Inject(AUDIT_READS) private readonly reads: AuditReads,
    @Inject(ReadSide) private readonly figures: ReadSide,
  ) {}

  @Get()
  @ApiOperation({
    summary: 'Every change of a figure: old and new value, and the event and cause that made it.',
    description:
      'Newest first unless asked otherwise; derived from the log, so its sum is what the log says. ' +
      'A referrer’s figures are moved by events of those whom they referred.',
  })
  @ApiOkResponse({ type: HistoryDto })
  @ApiResponse({ status: 400, description: 'field_unknown, month_required', type: ProblemDto })
  @ApiResponse({ status: 404, description: 'No such creator or member.', type: ProblemDto })
  async history(@Query() query: HistoryQuery, @Caller() caller: Principal): Promise<HistoryDto> {
    const { entity, id, field, month, order = 'newest', limit } = query;
    const subject = subjectOf(query);
    ownSubject(subject, caller);
    const { creatorId } = subject;
    const { currency, period } = await this.figures.ask(
      { creatorId, month, currency: query.currency },
      (source) => settingsOf(source, creatorId),
    );
    const cursor = placeOf(decodeCursor(query.cursor, CURSOR), order);
    const { browser, store, db, names } = this.reads;
    const schema = await this.figures.withSource(async (source) => source.schema);
    const figure = { ...subject, field, month, currency };
    const found = await historyOf({ browser, store, schema }, figure, { order, limit, cursor });
    const named = found.items.flatMap(({ event }) =>
      event.event === undefined ? [] : membersOf(event.event),
    );
    return {
      entity,
      id,
      field,
      month: month ?? null,
      currency: isAmount(field) ? currency : null,
      value: currentValueJson(found),
      items: historyChangesJson(found),
      people: await namesOf(db, names, named),
      nextCursor: found.next === undefined ? null : encodeCursor([order[0] ?? '', found.next]),
      asOf: asOfJson(found.asOf),
      timeZone: period.timeZone,
    };
  }
}

/** A creator's figures are nothing of a member's: they are missing there. Throws as `narrowed` does. */
function ownSubject(subject: ReturnType<typeof subjectOf>, caller: Principal): void {
  const scope = scopeOf(caller);
  if (scope.memberId !== undefined && subject.memberId === undefined)
    throw new DomainError('creator_not_found', `no creator ${subject.creatorId} is known`);
  narrowed(scope, subject);
}
