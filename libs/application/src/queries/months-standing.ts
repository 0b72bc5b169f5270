/** Where the months of every creator stand: the last one closed, and the next to be closed. */
import { closableAt, dueMonth, type Instant, type Settings } from '#libs/ledger';
import { type AsOf, type MonthsStandingRow, monthsStanding } from '#projections';
import { parseSettings, type ReadSide } from './read-side.js';

export interface CreatorMonths {
  readonly creatorId: string;
  readonly settings: Settings;
  /** When it was closed first; null: none is. */
  readonly lastClosed: { readonly month: string; readonly sealedAt: Instant } | null;
  /** Null: no event is known, so there is nothing to close. */
  readonly next: NextMonth | null;
}

export interface NextMonth {
  readonly month: string;
  /** From then on it may be closed without force. */
  readonly dueAt: Instant;
  readonly endsAt: Instant;
}

/** Creators a statement. */
const PAGE = 1_000;

/** Every creator in the order of ids, in pages; each page is of one position. */
export async function* creatorsMonths(
  reads: Pick<ReadSide, 'withSource'>,
): AsyncGenerator<{ readonly asOf: AsOf; readonly items: readonly CreatorMonths[] }> {
  let after = '';
  for (;;) {
    const { asOf, rows } = await reads.withSource((source) =>
      monthsStanding(source, { limit: PAGE, after }),
    );
    yield { asOf, items: rows.map(standingOf) };
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    after = last.creator_id;
  }
}

function standingOf(row: MonthsStandingRow): CreatorMonths {
  const { creator_id: creatorId, last, sealed_at } = row;
  const settings = parseSettings(row.settings);
  const month = dueMonth({ last: last ?? undefined }, row.earliest ?? undefined);
  return {
    creatorId,
    settings,
    lastClosed: last === null ? null : { month: last, sealedAt: sealed_at ?? 0 },
    next: month === undefined ? null : nextOf(settings, month),
  };
}

export const nextOf = (settings: Settings, month: string): NextMonth => ({
  month,
  dueAt: closableAt(settings, month),
  endsAt: settings.calendar.endOfMonth(month),
});
