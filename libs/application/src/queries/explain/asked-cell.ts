/** What is asked, settled against the log: which month, currency and version is meant, and where its lines lie. */
import {
  type Period as LinesPeriod,
  type LinesSelect,
  type LogLine,
  type LogReading,
  linesNaming,
  linesOfCommunity,
  linesOfSource,
  readEventsOf,
  readLogLines,
} from '#libs/checks';
import type { RecordedEvent } from '#libs/event-store';
import {
  Coverage,
  type CreatorEvent,
  checkMonth,
  creatorDecider,
  creatorStream,
  DomainError,
  type LedgerEvent,
  type LineKind,
  type MemberEvent,
  type MemberState,
  type MonthsEvent,
  memberDecider,
  memberStream,
  monthsStream,
  type Settings,
  type Span,
  type StatedVersion,
  settingsOf,
} from '#libs/ledger';
import { decodeEvent } from '../../decisions.js';
import { type FixedReads, type Period, periodOf } from '../read-side.js';
import type { ExplainAsked, FigureState } from './explanation.js';
import { type FigureRule, figureRule } from './figures.js';
import type { ExplainedCell } from './read-model-value.js';

/** Everything that the log says about what is asked, but for the lines. */
export interface AskedCell {
  readonly cell: ExplainedCell;
  readonly period: Period;
  readonly settings: Settings;
  readonly coverage: Coverage;
  /** The creator's settings and seals, and the member's stream. */
  readonly events: readonly RecordedEvent[];
  /** Absent: a creator's figure. */
  readonly member?: MemberState;
  readonly version?: StatedVersion | undefined;
  readonly reading: LogReading;
  readonly lines: LinesSelect;
  readonly time: LinesPeriod;
  readonly spans: readonly Span[] | undefined;
}

const FIRST_MONTH = '0000-00';

/**
 * Throws `figure_unknown`, `source_required`, `source_unknown`, `creator_not_found`,
 * `member_not_found`, `month_in_future`, `month_not_closed`, `version_unknown`, `day_unsupported`,
 * `state_unsupported`.
 */
export async function askedCell(fixed: FixedReads, asked: ExplainAsked): Promise<AskedCell> {
  const { creatorId, memberId, figure, sourceId } = asked;
  const rule = figureRule(memberId === undefined ? 'creator' : 'member', figure, sourceId);
  const state = stateOf(asked, rule);
  const { schema, asOf } = fixed;
  const reading = { creatorId, position: asOf.position, schema };
  const streams = [creatorStream(creatorId), monthsStream(creatorId)];
  if (memberId !== undefined) streams.push(memberStream(creatorId, memberId));
  const events = await readEventsOf(fixed.db, streams, reading);
  const settings = settingsIn(creatorId, events);
  const member = memberId === undefined ? undefined : memberIn(creatorId, memberId, events);
  const seals = events.map(decodeEvent).filter(isSeal);
  const coverage = new Coverage(seals);
  const place = await placeOf(fixed, reading, asked);
  const month = place?.month ?? (asked.day ?? asked.throughDay)?.slice(0, 7) ?? asked.month;
  if (month !== undefined) checkMonth(month);
  const period = periodOf(settings.calendar, fixed.reads.now, month);
  const currency = hasNoCurrency(rule, asked)
    ? undefined
    : (asked.currency ??
      place?.currency ??
      (rule.inCurrency ? settings.currencyAt(period.at) : undefined));
  const stated = { ...asked, state, month: period.month };
  const version = state === 'closed' ? versionOf(coverage, stated) : undefined;
  const origin = asked.origin ?? period.month;
  return {
    cell: {
      ...stated,
      rule,
      currency,
      sealed: version && { version: version.version, origin },
      place: place && { ...place },
    },
    period,
    settings,
    coverage,
    events,
    ...(member && { member }),
    version,
    reading,
    lines: linesOf(reading, asked, rule, origin),
    time: timeOf(rule, asked, origin, place),
    spans: spansOf(coverage, stated, rule, { version, origin, position: asOf.position }),
  };
}

/** Members and places are of no currency, whichever is asked for; nor is what is counted so far. */
const hasNoCurrency = ({ figure }: FigureRule, { memberId, throughDay }: ExplainAsked): boolean =>
  throughDay !== undefined ||
  ['tier', 'rank', 'members'].includes(figure) ||
  (memberId !== undefined && figure === 'signUps');

function stateOf(asked: ExplainAsked, rule: FigureRule): FigureState {
  const { day, throughDay, sourceId, version, origin, figure } = asked;
  const named = version !== undefined || origin !== undefined;
  const state = asked.state ?? (named ? 'closed' : 'known');
  if (day !== undefined && !rule.byDay)
    throw new DomainError('day_unsupported', `${figure} is not said by day: ask for a month`);
  if (throughDay !== undefined && (!rule.soFar || day !== undefined))
    throw new DomainError(
      'day_unsupported',
      day === undefined
        ? `${figure} is not said of the first days of a month: ask for a month`
        : 'day and throughDay are two questions: ask one of them',
    );
  if (named && state !== 'closed')
    throw new DomainError(
      'state_unsupported',
      'version and origin are of what a closed month states: leave them out, or ask for state=closed',
    );
  if (state === 'known') return state;
  const additive = rule.time === 'month';
  if (
    !rule.stated ||
    day !== undefined ||
    throughDay !== undefined ||
    sourceId !== undefined ||
    (state === 'pending' && !additive)
  )
    throw new DomainError(
      'state_unsupported',
      `${figure} is not stated by months in this way: leave out state, version and origin`,
    );
  if (origin !== undefined && !additive)
    throw new DomainError(
      'state_unsupported',
      `${figure} is stated, never carried: leave out origin`,
    );
  return state;
}

function settingsIn(creatorId: string, events: readonly RecordedEvent[]): Settings {
  const stream = creatorStream(creatorId);
  const state = events
    .filter((event) => event.stream === stream)
    .map(decodeEvent)
    .reduce(
      (known, event) => creatorDecider.evolve(known, event as CreatorEvent),
      creatorDecider.initial(stream),
    );
  if (state.defaults === undefined)
    throw new DomainError('creator_not_found', `no creator ${creatorId} is known`);
  return settingsOf(state, state.defaults);
}

function memberIn(
  creatorId: string,
  memberId: string,
  events: readonly RecordedEvent[],
): MemberState {
  const stream = memberStream(creatorId, memberId);
  const state = events
    .filter((event) => event.stream === stream)
    .map(decodeEvent)
    .reduce(
      (known, event) => memberDecider.evolve(known, event as MemberEvent),
      memberDecider.initial(stream),
    );
  if (!state.isKnown) throw new DomainError('member_not_found', `no member ${memberId} is known`);
  return state;
}

const isSeal = (event: LedgerEvent): event is Extract<LedgerEvent, MonthsEvent> =>
  event.type === 'MonthClosed' || event.type === 'MonthRestated';

type Stated = ExplainAsked & { readonly state: FigureState; readonly month: string };

function versionOf(coverage: Coverage, { month, version }: Stated): StatedVersion {
  const found = coverage.versionOf(month, version);
  if (found !== undefined) return found;
  const latest = coverage.versionOf(month);
  if (latest === undefined)
    throw new DomainError('month_not_closed', `${month} is not closed: no version states it`);
  throw new DomainError('version_unknown', `${month} has versions 1 to ${latest.version}`);
}

function spansOf(
  coverage: Coverage,
  { state, month }: Stated,
  { time }: FigureRule,
  at: {
    readonly version: StatedVersion | undefined;
    readonly origin: string;
    readonly position: bigint;
  },
): readonly Span[] | undefined {
  const { version, origin, position } = at;
  if (state === 'known') return undefined;
  if (version !== undefined) {
    // Totals are as known when it was sealed, whatever was stated of them before.
    if (time === 'through') return [{ after: 0n, through: BigInt(version.seal.data.position) }];
    return origin === month ? version.own : version.carriedOf(origin);
  }
  if (coverage.last === undefined || month > coverage.last)
    throw new DomainError('month_not_closed', `${month} is open: nothing of it is pending`);
  return [{ after: coverage.statedThrough(month), through: position }];
}

interface SourcePlace extends NonNullable<ExplainedCell['place']> {
  readonly month: string;
  readonly currency: string;
}

/** Where the line stands that a payment, refund or dispute makes. Throws `source_unknown`. */
async function placeOf(
  { db }: FixedReads,
  reading: LogReading,
  { memberId, sourceId }: ExplainAsked,
): Promise<SourcePlace | undefined> {
  if (sourceId === undefined) return undefined;
  const own = accountLines(await readLogLines(db, linesOfSource(reading, sourceId)), memberId);
  const line = standing(own);
  if (line === undefined) {
    const whose = memberId === undefined ? 'this creator' : `the account of ${memberId}`;
    throw new DomainError('source_unknown', `no line of ${whose} is about ${sourceId}`);
  }
  const isSale = line.kind === 'sale';
  const sale = isSale
    ? line
    : standing(accountLines(await readLogLines(db, linesOfSource(reading, line.paymentId))));
  const { at, paymentId, day, currency } = line;
  return {
    ...{ at, paymentId, isSale, saleAt: sale?.at ?? at },
    ...{ month: day.slice(0, 7), currency: currency ?? '' },
    isTakenBack: own.reduce((sum, { count }) => sum + count, 0n) === 0n,
  };
}

/** Of an account, or of all: what was sold and what was reversed. */
const accountLines = (lines: readonly LogLine[], referrerId?: string): readonly LogLine[] =>
  lines.filter(
    (line) =>
      (line.kind === 'sale' || line.kind === 'reversal') &&
      (referrerId === undefined || line.referrerId === referrerId),
  );

const standing = (own: readonly LogLine[]): LogLine | undefined =>
  own.findLast(({ count }) => count > 0n) ?? own.at(-1);

function linesOf(
  reading: LogReading,
  { memberId, sourceId, day }: ExplainAsked,
  rule: FigureRule,
  origin: string,
): LinesSelect {
  if (memberId !== undefined) return linesNaming(reading, memberId);
  if (sourceId !== undefined) return linesOfSource(reading, sourceId);
  const to = day?.slice(0, 7) ?? origin;
  if (rule.time === 'month') return linesOfCommunity(reading, { from: to, to });
  const kinds: readonly LineKind[] = rule.adds.map(({ kind }) => kind);
  return linesOfCommunity(reading, { from: FIRST_MONTH, to, kinds });
}

function timeOf(
  { time }: FigureRule,
  { day, throughDay, sourceId = '' }: ExplainAsked,
  month: string,
  place: SourcePlace | undefined,
): LinesPeriod {
  if (day !== undefined) return { kind: 'day', day };
  if (throughDay !== undefined) return { kind: 'days', month: throughDay.slice(0, 7), throughDay };
  if (time === 'source') return { kind: 'always' };
  if (time !== 'line') return { kind: time, month };
  const { at = 0, paymentId = '' } = place ?? {};
  return { kind: 'line', month: place?.month ?? month, at, sourceId, paymentId };
}
