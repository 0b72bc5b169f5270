/** An admin, or the scheduler, closes a creator's month (product.md, "Months"). */
import { Inject } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import {
  type CloseMonth,
  checkClosable,
  checkMonth,
  closableAt,
  graceOf,
  instantOf,
  type SealData,
  sealOf,
  snapshotOf,
} from '#libs/ledger';
import { type MonthPlan, planOf, type SealedAnswer } from './month-answers.js';
import { type Obstacles, obstaclesOf } from './month-blockers.js';
import { MONTH_PARTS, type MonthParts } from './month-parts.js';
import { readMonth } from './month-reading.js';
import { onSeals, type SealBook } from './month-sealing.js';
import type { Ordered } from './ordered.js';

export interface CloseOrder
  extends Pick<CloseMonth, 'month' | 'force' | 'reason' | 'expectedDigest'> {
  readonly creatorId: string;
}

export class CloseMonthCommand {
  constructor(
    readonly order: CloseOrder,
    readonly ordered: Omit<Ordered, 'reason'>,
  ) {}
}

export interface MonthClosedAnswer extends SealedAnswer {
  /** It was closed before; `seal` is that of its latest version. */
  readonly alreadyClosed: boolean;
  /** Of a dry run of a month that is not closed. */
  readonly plan: MonthPlan | null;
  /** What stood in nobody's way and deserves a look. */
  readonly warnings: readonly string[];
}

@CommandHandler(CloseMonthCommand)
export class CloseMonthHandler implements ICommandHandler<CloseMonthCommand, MonthClosedAnswer> {
  constructor(@Inject(MONTH_PARTS) private readonly parts: MonthParts) {}

  async execute({ order, ordered }: CloseMonthCommand): Promise<MonthClosedAnswer> {
    return closeMonthOf(this.parts, order, ordered);
  }
}

/**
 * Without the bus. Closing again is a success that changes nothing. A dry run seals nothing, and
 * says what is in the way instead of being refused by it. Throws `creator_not_found`,
 * `month_malformed`, `month_in_future`, `month_unknown`, `nothing_to_close`, `month_out_of_order`,
 * `month_not_ended`, `month_in_grace`, `reason_required`, `month_blocked`, `digest_differs`,
 * `read_models_behind`.
 */
export async function closeMonthOf(
  parts: MonthParts,
  order: CloseOrder,
  ordered: Omit<Ordered, 'reason'>,
): Promise<MonthClosedAnswer> {
  const { creatorId, month } = order;
  checkMonth(month);
  return onSeals(parts.store, creatorId, { command: 'CloseMonth', ordered }, async (book) => {
    const closed = book.state.months.get(month);
    return closed === undefined
      ? closeOpen(parts, order, ordered, book)
      : alreadyClosed(creatorId, closed.seal);
  });
}

const alreadyClosed = (creatorId: string, seal: SealData): MonthClosedAnswer => ({
  creatorId,
  seal,
  position: undefined,
  alreadyClosed: true,
  plan: null,
  warnings: [],
});

async function closeOpen(
  parts: MonthParts,
  { creatorId, month, force, reason, expectedDigest }: CloseOrder,
  { dryRun = false }: Omit<Ordered, 'reason'>,
  book: SealBook,
): Promise<MonthClosedAnswer | undefined> {
  const now = instantOf(parts.clock.now());
  let looking: Promise<Obstacles> | undefined;
  const reading = await readMonth(parts, {
    creatorId,
    month,
    now,
    check: (known) => {
      const closing = { month, now, ...known };
      checkClosable(closing, book.state);
      const early = graceOf(closing);
      if (early !== undefined && !force && !dryRun) throw early;
      // While the books are read, on a core of its own: what is read lies before it already.
      const { calendar } = known.settings;
      const bounds = { from: calendar.startOfMonth(month), to: calendar.endOfMonth(month) };
      looking = obstaclesOf(parts, creatorId, bounds);
      looking.catch(() => {}); // Awaited below, if the books can be read.
    },
  });
  const { lines, settings, earliestMonth } = reading;
  const obstacles = (await looking) ?? (await obstaclesOf(parts, creatorId, reading));
  const { warnings } = obstacles;
  const snapshot = snapshotOf(lines, parts.maxPageBytes);
  const seal = sealOf({ creatorId, month, version: 1 }, snapshot, {
    ...reading,
    tzVersion: TZ_VERSION,
  });
  const answer = { creatorId, seal, alreadyClosed: false, warnings };
  if (dryRun) {
    const early = graceOf({ month, now, settings, earliestMonth });
    const plan = planOf(obstacles, lines, closableAt(settings, month), early);
    return { ...answer, position: undefined, plan };
  }
  const events = book.decide({
    type: 'CloseMonth',
    month,
    now,
    settings,
    earliestMonth,
    force,
    reason,
    expectedDigest,
    blockers: obstacles.blockers.map(({ says, next }) => `${says} (${next})`),
    seal,
  });
  const position = await book.seal(events, snapshot, now);
  return position === undefined ? undefined : { ...answer, position, plan: null };
}

/** Of the time-zone database that Node has. */
export const TZ_VERSION = process.versions.tz ?? 'unknown';
