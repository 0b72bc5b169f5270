/** An admin restates a closed month: the exceptional path (product.md, "Months"). */
import { Inject } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { checkRestatable, instantOf, type RestateMonth, sealOf, snapshotOf } from '#libs/ledger';
import { TZ_VERSION } from './close-month.command.js';
import type { SealedAnswer } from './month-answers.js';
import { type Obstacles, obstaclesOf } from './month-blockers.js';
import { MONTH_PARTS, type MonthParts } from './month-parts.js';
import { readMonth } from './month-reading.js';
import { onSeals } from './month-sealing.js';
import type { Ordered } from './ordered.js';

export interface RestateOrder extends Pick<RestateMonth, 'month' | 'expectedDigest' | 'reason'> {
  readonly creatorId: string;
}

export class RestateMonthCommand {
  constructor(
    readonly order: RestateOrder,
    readonly ordered: Omit<Ordered, 'reason'>,
  ) {}
}

export interface MonthRestatedAnswer extends SealedAnswer, Obstacles {
  /** False: it was restated so already, or nothing else is known. */
  readonly changed: boolean;
}

@CommandHandler(RestateMonthCommand)
export class RestateMonthHandler
  implements ICommandHandler<RestateMonthCommand, MonthRestatedAnswer>
{
  constructor(@Inject(MONTH_PARTS) private readonly parts: MonthParts) {}

  async execute({ order, ordered }: RestateMonthCommand): Promise<MonthRestatedAnswer> {
    return restateMonthOf(this.parts, order, ordered);
  }
}

/**
 * Without the bus. The new version says what is known of the month, less what later closes carry of
 * it; what the month itself carries stays. Throws `creator_not_found`, `month_malformed`,
 * `reason_required`, `month_not_closed`, `digest_differs`, `month_blocked`, `read_models_behind`.
 */
export async function restateMonthOf(
  parts: MonthParts,
  { creatorId, ...order }: RestateOrder,
  ordered: Omit<Ordered, 'reason'>,
): Promise<MonthRestatedAnswer> {
  const { month } = order;
  return onSeals(parts.store, creatorId, { command: 'RestateMonth', ordered }, async (book) => {
    const latest = checkRestatable(order, book.state);
    const unchanged = (seal: MonthRestatedAnswer['seal']): MonthRestatedAnswer => ({
      creatorId,
      seal,
      position: undefined,
      changed: false,
      blockers: [],
      warnings: [],
    });
    const present = book.state.months.get(month);
    if (latest === undefined && present !== undefined) return unchanged(present.seal);
    if (latest === undefined) throw new Error(`${month} has no version`);
    const now = instantOf(parts.clock.now());
    const restating = latest.seal.snapshot;
    const reading = await readMonth(parts, { creatorId, month, now, restating, check: () => {} });
    const snapshot = snapshotOf(reading.lines, parts.maxPageBytes);
    const version = latest.seal.version + 1;
    // The month is what it was when it was closed, whatever has become of zones and their database.
    const { from, to, timeZone } = latest.seal;
    const seal = sealOf({ creatorId, month, version }, snapshot, {
      position: reading.position,
      from,
      to,
      timeZone,
      tzVersion: TZ_VERSION,
    });
    const obstacles = await obstaclesOf(parts, creatorId, latest.seal);
    if (ordered.dryRun) {
      const changed = seal.digest !== latest.seal.digest;
      return { creatorId, seal, position: undefined, changed, ...obstacles };
    }
    const blockers = obstacles.blockers.map(({ says, next }) => `${says} (${next})`);
    const events = book.decide({ type: 'RestateMonth', ...order, now, blockers, seal });
    if (events.length === 0) return unchanged(latest.seal);
    const position = await book.seal(events, snapshot, now);
    if (position === undefined) return undefined;
    return { creatorId, seal, position, changed: true, ...obstacles };
  });
}
