/**
 * What a month's snapshot is made of: waits until the read models contain the log as it was when
 * asked, reads them at one position, and makes the lines. What arrives meanwhile lies after that
 * position: it is pending, whatever it is dated.
 */
import {
  type Calendar,
  CREATOR_FIGURES,
  DomainError,
  type Instant,
  nextMonth,
  REFERRER_FIGURES,
  type Settings,
  type SnapshotLine,
  tierOf,
} from '#libs/ledger';
import {
  amountsFrom,
  type BooksArgs,
  earliestMonth,
  type MonthBooks,
  monthBooks,
  openSnapshot,
} from '#projections';
import { parseSettings } from '../queries/read-side.js';
import type { MonthParts } from './month-parts.js';

export interface MonthReading {
  /** All figures are of the log up to it. */
  readonly position: bigint;
  readonly settings: Settings;
  readonly earliestMonth: string | undefined;
  readonly from: Instant;
  readonly to: Instant;
  readonly timeZone: string;
  readonly lines: readonly SnapshotLine[];
}

interface Asked extends Pick<BooksArgs, 'creatorId' | 'month' | 'restating'> {
  readonly now: Instant;
  /** Refuses what needs no books to refuse. */
  readonly check: (known: Pick<MonthReading, 'settings' | 'earliestMonth'>) => void;
}

/** Read models are a moment behind; after this time something is wrong. */
const WAIT_MS = 20_000;

/** Throws `creator_not_found`, `read_models_missing`, `read_models_behind`, and what `check` throws. */
export async function readMonth(parts: MonthParts, asked: Asked): Promise<MonthReading> {
  const { database, store, watch, waitMs = WAIT_MS } = parts;
  const { creatorId, month, now } = asked;
  const head = await store.head();
  const behind = () =>
    new DomainError(
      'read_models_behind',
      `the read models have not reached position ${head} yet: see that a worker is running, and try again`,
    );
  if (!(await watch.passed(head, { timeoutMs: waitMs }))) throw behind();
  const snapshot = await openSnapshot(database, creatorId);
  if (snapshot === undefined)
    throw new DomainError('read_models_missing', 'the read models are being made: try again soon');
  try {
    const { source, asOf } = snapshot;
    // A promote to a schema that is behind cannot be; a database that was put back can.
    if (asOf.position < head) throw behind();
    if (snapshot.settings === null)
      throw new DomainError('creator_not_found', `no creator ${creatorId} is known`);
    const settings = parseSettings(snapshot.settings);
    const known = {
      settings,
      earliestMonth: (await earliestMonth(source, creatorId)) ?? undefined,
    };
    asked.check(known);
    const { calendar } = settings;
    const at = Math.min(now, calendar.endOfMonth(month) - 1);
    const before = `${nextMonth(month)}-01`;
    const books = await monthBooks(source, { ...asked, before, at });
    return {
      position: asOf.position,
      ...known,
      ...boundsOf(calendar, month),
      lines: linesFrom(asked, books, settings, at),
    };
  } finally {
    await snapshot.close();
  }
}

const boundsOf = (calendar: Calendar, month: string) => ({
  from: calendar.startOfMonth(month),
  to: calendar.endOfMonth(month),
  timeZone: calendar.zoneOfMonth(month),
});

function linesFrom(
  { creatorId, month }: Pick<Asked, 'creatorId' | 'month'>,
  books: MonthBooks,
  settings: Settings,
  at: Instant,
): SnapshotLine[] {
  const { members, totalReferrals } = books;
  const tiers = settings.tiersAt(at);
  const lines: SnapshotLine[] = [{ kind: 'month', creatorId, month, members, totalReferrals }];
  const standing = new Set<string>();
  for (const row of books.standings) {
    const total = BigInt(row.total);
    standing.add(row.member_id);
    lines.push({
      kind: 'member',
      memberId: row.member_id,
      totalReferrals: total,
      reachedAt: row.reached_at === null ? null : Number(row.reached_at),
      tier: row.pin_tier ?? tierOf(tiers, total),
      pinned: row.pin_tier !== null,
      rank: row.rank === null ? null : Number(row.rank),
    });
  }
  for (const { origin, currency, amounts } of books.creator) {
    lines.push({
      kind: 'creator',
      origin,
      currency,
      amounts: amountsFrom(CREATOR_FIGURES, amounts),
    });
  }
  for (const { origin, member_id: memberId, currency, amounts } of books.referrers) {
    lines.push({
      kind: 'referrer',
      origin,
      memberId,
      currency,
      amounts: amountsFrom(REFERRER_FIGURES, amounts),
    });
    // Taken back since another month carried it: a line in the month, and nothing known of it now.
    if (origin !== month || standing.has(memberId)) continue;
    standing.add(memberId);
    lines.push({ ...NOT_STANDING, memberId, tier: tierOf(tiers, 0n) });
  }
  return lines;
}

const NOT_STANDING = {
  kind: 'member',
  totalReferrals: 0n,
  reachedAt: null,
  pinned: false,
  rank: null,
} as const;
