/**
 * The months decider: which month may be closed, and what it says when it is (product.md, "Months").
 * Months are closed in order, empty ones too, from the earliest that is then known to have an event;
 * a closed month is stated anew only with a reason, by whoever knows what it states now.
 */
import type { Decider } from './decider.js';
import type { MonthsEvent, SealData } from './events.js';
import { checkReason } from './reason.js';
import type { Settings } from './settings.js';
import type { Instant } from './values/clock.js';
import { DomainError } from './values/domain-error.js';
import { isMonth, nextMonth } from './values/month.js';

/** Where a month stands (product.md, "Months"). */
export type MonthStatus = 'open' | 'closing' | 'closed';

/** What decides whether a month may be closed, apart from what is closed already. */
export interface Closing {
  readonly month: string;
  readonly now: Instant;
  readonly settings: Settings;
  /** The earliest month that is known to have an event; undefined: none has. */
  readonly earliestMonth: string | undefined;
}

export interface CloseMonth extends Closing {
  readonly type: 'CloseMonth';
  /** Closes a month that is in its grace or has not ended; nothing else is overridden. */
  readonly force?: boolean | undefined;
  readonly reason?: string | undefined;
  /** Of the plan that was seen; absent: whatever is known now is sealed. */
  readonly expectedDigest?: string | undefined;
  /** What stands in the way, in words; none: nothing. */
  readonly blockers: readonly string[];
  readonly seal: SealData;
}

export interface RestateMonth {
  readonly type: 'RestateMonth';
  readonly month: string;
  readonly now: Instant;
  readonly expectedDigest: string;
  /** An admin's words; they must name no person, for the log is for ever. */
  readonly reason: string;
  readonly blockers: readonly string[];
  readonly seal: SealData;
}

export type MonthsCommand = CloseMonth | RestateMonth;

/** The latest version of a closed month. */
export interface ClosedMonth {
  readonly seal: SealData;
  /** Of the first version. */
  readonly closedAt: Instant;
  /** When this version was sealed. */
  readonly sealedAt: Instant;
  /** Digest of the version that this one replaced, and why; undefined: it is the first. */
  readonly restated?: { readonly replaces: string; readonly reason: string };
}

export interface MonthsState {
  readonly months: Map<string, ClosedMonth>;
  first: string | undefined;
  /** The last one closed. */
  last: string | undefined;
}

export const monthsDecider: Decider<MonthsState, MonthsCommand, MonthsEvent> = {
  initial: () => ({ months: new Map(), first: undefined, last: undefined }),
  decide: (command, state) =>
    command.type === 'CloseMonth' ? close(command, state) : restate(command, state),
  evolve,
};

function close(command: CloseMonth, state: MonthsState): readonly MonthsEvent[] {
  const { month, now, seal, reason, force = false } = command;
  if (state.months.has(month)) return [];
  checkClosable(command, state);
  if (force && reason === undefined) checkReason('');
  if (reason !== undefined) checkReason(reason);
  const early = graceOf(command);
  if (early !== undefined && !force) throw early;
  refuseBlocked(month, command.blockers);
  const { expectedDigest = seal.digest } = command;
  if (seal.digest !== expectedDigest)
    throw new DomainError(
      'digest_differs',
      `${month} would be sealed with the digest ${seal.digest}, not as it was planned: look at it, then order again`,
    );
  return [
    {
      type: 'MonthClosed',
      effectiveAt: now,
      data: {
        ...seal,
        ...(early === undefined ? {} : { forced: true as const }),
        ...(reason === undefined ? {} : { reason }),
      },
    },
  ];
}

/**
 * What no force overrides and needs no snapshot to know. Throws `month_malformed`, `month_in_future`,
 * `month_unknown`, `nothing_to_close`, `month_out_of_order`.
 */
export function checkClosable(closing: Closing, state: MonthsState): void {
  const { month, now, settings, earliestMonth } = closing;
  checkMonth(month);
  if (state.months.has(month)) return;
  const current = settings.calendar.monthOf(now);
  if (month > current)
    throw new DomainError(
      'month_in_future',
      `${month} has not begun: the current month is ${current}`,
    );
  const due = dueMonth(state, earliestMonth);
  if (due === undefined)
    throw new DomainError('nothing_to_close', 'no event is known yet: there is nothing to close');
  if (month < due)
    throw new DomainError(
      'month_unknown',
      `${month} lies before the first month, ${state.first ?? due}: what belongs to it is carried by the next close`,
    );
  if (month > due)
    throw new DomainError(
      'month_out_of_order',
      `months are closed in order: close ${due} before ${month}`,
    );
}

/** The month to close next; undefined: no event is known. It may not have ended yet. */
export function dueMonth(
  state: Pick<MonthsState, 'last'>,
  earliestMonth: string | undefined,
): string | undefined {
  return state.last === undefined ? earliestMonth : nextMonth(state.last);
}

/** When a month may be closed without force: its end, and the grace that was set then. */
export function closableAt(settings: Settings, month: string): Instant {
  const end = settings.calendar.endOfMonth(month);
  return end + settings.graceHoursAt(end) * 3600;
}

/** Why it is too early to close a month; undefined: it is not. */
export function graceOf({ month, now, settings }: Closing): DomainError | undefined {
  const end = settings.calendar.endOfMonth(month);
  const due = closableAt(settings, month);
  const then = `close it from ${isoOf(due)} on, or force it with a reason`;
  if (now < end)
    return new DomainError('month_not_ended', `${month} ends at ${isoOf(end)}: ${then}`);
  if (now < due)
    return new DomainError('month_in_grace', `${month} is in its grace period: ${then}`);
  return undefined;
}

/** Open until it has ended, closing until its grace is over and it is closed, then closed. */
export function statusOf(
  { month, now, settings }: Omit<Closing, 'earliestMonth'>,
  isClosed: boolean,
): MonthStatus {
  if (isClosed) return 'closed';
  return now < settings.calendar.endOfMonth(month) ? 'open' : 'closing';
}

function restate(command: RestateMonth, state: MonthsState): readonly MonthsEvent[] {
  const { month, now, reason, expectedDigest, seal } = command;
  const latest = checkRestatable(command, state);
  if (latest === undefined) return [];
  refuseBlocked(month, command.blockers);
  // It states all that is known already.
  if (seal.digest === latest.seal.digest) return [];
  const data = { ...seal, replaces: expectedDigest, reason };
  return [{ type: 'MonthRestated', effectiveAt: now, data }];
}

/**
 * The version to be restated; undefined: this very order was carried out already. Throws
 * `month_malformed`, `reason_required`, `month_not_closed`, `digest_differs`.
 */
export function checkRestatable(
  { month, reason, expectedDigest }: Pick<RestateMonth, 'month' | 'reason' | 'expectedDigest'>,
  state: MonthsState,
): ClosedMonth | undefined {
  checkMonth(month);
  checkReason(reason);
  const latest = state.months.get(month);
  if (latest === undefined)
    throw new DomainError(
      'month_not_closed',
      `${month} is not closed: its figures follow what is known`,
    );
  if (latest.seal.digest === expectedDigest) return latest;
  const { restated } = latest;
  if (restated?.replaces === expectedDigest && restated.reason === reason) return undefined;
  throw new DomainError(
    'digest_differs',
    `${month} is stated by version ${latest.seal.version} with the digest ${latest.seal.digest}: look at it, then order again`,
  );
}

/** Throws `month_malformed`. */
export function checkMonth(month: string): void {
  if (isMonth(month)) return;
  throw new DomainError('month_malformed', `'${month.slice(0, 20)}' is no month: give YYYY-MM`);
}

const MAX_TOLD = 5;

function refuseBlocked(month: string, blockers: readonly string[]): void {
  if (blockers.length === 0) return;
  const more = blockers.length > MAX_TOLD ? `; and ${blockers.length - MAX_TOLD} more` : '';
  throw new DomainError(
    'month_blocked',
    `${month} cannot be sealed yet: ${blockers.slice(0, MAX_TOLD).join('; ')}${more}`,
  );
}

const isoOf = (at: Instant): string => new Date(at * 1000).toISOString().replace('.000', '');

function evolve(state: MonthsState, event: MonthsEvent): MonthsState {
  const { data: seal, effectiveAt: sealedAt } = event;
  if (event.type === 'MonthClosed') {
    state.months.set(seal.month, { seal, closedAt: sealedAt, sealedAt });
    state.first ??= seal.month;
    state.last = seal.month;
    return state;
  }
  const { replaces, reason } = event.data;
  const closedAt = state.months.get(seal.month)?.closedAt ?? sealedAt;
  state.months.set(seal.month, { seal, closedAt, sealedAt, restated: { replaces, reason } });
  return state;
}
