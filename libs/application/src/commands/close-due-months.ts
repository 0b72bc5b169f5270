/**
 * Closes every month that is due, of every creator, in order (product.md: the cron and the scheduler).
 * Called late it closes all that were missed; called twice, or by several at once, it changes nothing
 * more: a close is idempotent. What stands in the way of one creator stands in nobody else's.
 */
import type { BlockedMonths } from '#libs/checks';
import { DomainError, type Instant, instantOf, nextMonth, type Settings } from '#libs/ledger';
import { quietSince } from '#projections';
import { type CreatorMonths, creatorsMonths, nextOf } from '../queries/months-standing.js';
import type { ReadSide } from '../queries/read-side.js';
import { closeMonthOf, type MonthClosedAnswer } from './close-month.command.js';
import type { MonthParts } from './month-parts.js';

export interface DueParts {
  readonly months: MonthParts;
  readonly reads: Pick<ReadSide, 'withSource'>;
  readonly blocked: Pick<BlockedMonths, 'all' | 'keep' | 'clear'>;
}

export interface DueOrder {
  readonly actor: string;
  /** Closes months inside their grace too, for this reason; never one that has not ended. */
  readonly forceReason?: string | undefined;
  /** A month of which something was told less than so long ago is left for later. Default 0. */
  readonly quietMs?: number;
  /** Creators to pass over this time. */
  readonly isLeft?: (creatorId: string) => boolean;
  readonly signal?: AbortSignal;
}

export interface CreatorMonth {
  readonly creatorId: string;
  readonly month: string;
}
export interface WaitingMonth extends CreatorMonth {
  readonly dueAt: Instant;
}
export interface RefusedMonth extends CreatorMonth {
  readonly code: string;
  readonly detail: string;
  /** Nobody has heard of it yet. */
  readonly isNew: boolean;
  /** What was thrown, if it was no refusal. */
  readonly error?: unknown;
}

export interface DueOutcome {
  readonly closed: MonthClosedAnswer[];
  /** The last closed month of each creator of whom none was closed now. */
  readonly alreadyClosed: CreatorMonth[];
  readonly waiting: WaitingMonth[];
  readonly blocked: RefusedMonth[];
  /** Creators of whom nothing is in the way any more. */
  readonly cleared: string[];
}

/** Too early after all: a setting has changed since the months were looked at. */
const TOO_EARLY = new Set(['month_in_grace', 'month_not_ended', 'month_in_future']);

/** Throws `read_models_behind`, `read_models_missing`, and the signal's reason; no other refusal. */
export async function closeDueMonths(parts: DueParts, order: DueOrder): Promise<DueOutcome> {
  const { months, reads, blocked } = parts;
  const outcome: DueOutcome = {
    closed: [],
    alreadyClosed: [],
    waiting: [],
    blocked: [],
    cleared: [],
  };
  const head = await months.store.head();
  if (!(await months.watch.passed(head, { timeoutMs: months.waitMs ?? WAIT_MS })))
    throw new DomainError(
      'read_models_behind',
      `the read models have not reached position ${head} yet: see that a worker is running, and try again`,
    );
  const known = new Set((await blocked.all()).map(({ creatorId }) => creatorId));
  for await (const { items } of creatorsMonths(reads)) {
    for (const one of items) {
      order.signal?.throwIfAborted();
      if (order.isLeft?.(one.creatorId) === true) continue;
      const refused = await closeDueOf(parts, order, one, outcome);
      if (refused !== undefined) {
        const { error: _error, ...row } = refused;
        outcome.blocked.push({ ...refused, isNew: await blocked.keep(row) });
      } else if (known.has(one.creatorId) && (await blocked.clear(one.creatorId))) {
        outcome.cleared.push(one.creatorId);
      }
    }
  }
  return outcome;
}

const WAIT_MS = 20_000;

/** Of one creator; what it answers stands in the way. */
async function closeDueOf(
  parts: DueParts,
  order: DueOrder,
  { creatorId, settings, lastClosed, next }: CreatorMonths,
  outcome: DueOutcome,
): Promise<Omit<RefusedMonth, 'isNew'> | undefined> {
  const before = outcome.closed.length;
  let refused: Omit<RefusedMonth, 'isNew'> | undefined;
  let last = lastClosed?.month;
  for (let month = next?.month; month !== undefined; month = nextMonth(month)) {
    const done = await closeIfDue(parts, order, settings, { creatorId, month });
    if ('dueAt' in done) outcome.waiting.push(done);
    else if ('code' in done) refused = done;
    else {
      if (!done.alreadyClosed) outcome.closed.push(done);
      last = month;
      continue;
    }
    break;
  }
  if (last !== undefined && outcome.closed.length === before)
    outcome.alreadyClosed.push({ creatorId, month: last });
  return refused;
}

async function closeIfDue(
  { months, reads }: DueParts,
  { actor, forceReason, quietMs = 0 }: DueOrder,
  settings: Settings,
  one: CreatorMonth,
): Promise<MonthClosedAnswer | WaitingMonth | Omit<RefusedMonth, 'isNew'>> {
  const now = instantOf(months.clock.now());
  const { dueAt, endsAt } = nextOf(settings, one.month);
  const isForced = now < dueAt && now >= endsAt && forceReason !== undefined;
  if (now < dueAt && !isForced) return { ...one, dueAt };
  try {
    if (quietMs > 0) {
      const told = await reads.withSource((source) => quietSince(source, one));
      if (told.quietMs !== null && told.quietMs < quietMs) return { ...one, dueAt };
    }
    const forced = isForced ? { force: true, reason: forceReason } : {};
    return await closeMonthOf(months, { ...one, ...forced }, { actor });
  } catch (error) {
    if (!(error instanceof DomainError)) return { ...one, ...FAILED, error };
    if (TOO_EARLY.has(error.code)) return { ...one, dueAt };
    return { ...one, code: error.code, detail: error.detail };
  }
}

const FAILED = {
  code: 'close_failed',
  detail: 'something failed that should not have: the log of the process says what',
} as const;
