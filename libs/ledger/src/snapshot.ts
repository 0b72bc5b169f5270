/**
 * A snapshot as it is put into the log: its lines in order, cut into pages, and what its seal says of
 * it. All of it follows from the lines, so two who read the same write the same.
 */
import { createHash } from 'node:crypto';
import type { Decider } from './decider.js';
import type { SealData, SnapshotPage, StoredTotals } from './events.js';
import {
  type Amounts,
  CREATOR_FIGURES,
  canonicalLines,
  digestOf,
  REFERRER_FIGURES,
  type SnapshotLine,
  type StoredSnapshotLine,
  snapshotLineOf,
  storedSnapshotLine,
  sumOf,
  textsOf,
} from './snapshot-lines.js';
import type { Instant } from './values/clock.js';
import { bytewise } from './values/compare.js';
import { DomainError } from './values/domain-error.js';
import { snapshotStream } from './values/ids.js';

/** Bytes of a page's lines; its event stays well below the 900 KB that an append may have. */
export const MAX_PAGE_BYTES = 700 * 1024;

/** Lines that are ready to be written and sealed. */
export interface Snapshot {
  readonly pages: readonly (readonly StoredSnapshotLine[])[];
  readonly lines: number;
  readonly digest: string;
  readonly totals: StoredTotals;
  /** Of what the pages hold, for the name of their stream. */
  readonly mark: string;
}

/** `maxPageBytes` is for tests. */
export function snapshotOf(
  lines: readonly SnapshotLine[],
  maxPageBytes = MAX_PAGE_BYTES,
): Snapshot {
  const stored = lines.map(storedSnapshotLine);
  const pages = pagesOf(canonicalLines(stored), maxPageBytes);
  const digest = digestOf(stored);
  const cuts = pages.map((page) => page.length).join(' ');
  const mark = createHash('sha256').update(`${digest} ${cuts}`).digest('hex').slice(0, 16);
  return { pages, lines: stored.length, digest, totals: totalsOf(lines), mark };
}

function pagesOf(texts: readonly string[], maxBytes: number): StoredSnapshotLine[][] {
  const pages: StoredSnapshotLine[][] = [];
  let bytes = maxBytes;
  for (const text of texts) {
    // Canonical texts are ASCII: as many bytes as characters, and a comma.
    bytes += text.length + 1;
    if (bytes > maxBytes) {
      pages.push([]);
      bytes = text.length + 1;
    }
    pages.at(-1)?.push(JSON.parse(text) as StoredSnapshotLine);
  }
  return pages;
}

function totalsOf(lines: readonly SnapshotLine[]): StoredTotals {
  const month = lines.find((line) => line.kind === 'month');
  if (month?.kind !== 'month') throw new RangeError('a snapshot says whose month it is');
  const creator = lines.flatMap((line) =>
    line.kind === 'creator'
      ? [[line.origin, line.currency, ...textsOf(CREATOR_FIGURES, line.amounts)]]
      : [],
  );
  const groups = new Map<string, Amounts<(typeof REFERRER_FIGURES)[number]>[]>();
  for (const line of lines) {
    if (line.kind !== 'referrer') continue;
    const key = `${line.origin} ${line.currency}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [line.amounts]);
    else group.push(line.amounts);
  }
  const referrers = [...groups].map(([key, amounts]) => [
    ...key.split(' '),
    ...textsOf(REFERRER_FIGURES, sumOf(REFERRER_FIGURES, amounts)),
  ]);
  const inOrder = (a: readonly string[], b: readonly string[]): number =>
    bytewise(a.slice(0, 2).join(' '), b.slice(0, 2).join(' '));
  return {
    members: String(month.members),
    totalReferrals: String(month.totalReferrals),
    creator: creator.sort(inOrder),
    referrers: referrers.sort(inOrder),
  };
}

/** What the books were read with. */
export interface SealedFrom {
  readonly position: bigint;
  readonly from: Instant;
  readonly to: Instant;
  readonly timeZone: string;
  readonly tzVersion: string;
}

/** What a seal says of this snapshot. */
export function sealOf(
  { creatorId, month, version }: { creatorId: string; month: string; version: number },
  { pages, lines, digest, totals, mark }: Snapshot,
  { position, from, to, timeZone, tzVersion }: SealedFrom,
): SealData {
  return {
    month,
    version,
    snapshot: snapshotStream(creatorId, month, version, mark),
    pages: pages.length,
    lines,
    digest,
    position: String(position),
    from,
    to,
    timeZone,
    tzVersion,
    totals,
  };
}

/** A snapshot's lines from the pages in the log. Throws `snapshot_altered` unless they are what the seal says. */
export function provenLines(
  seal: SealData,
  pages: readonly SnapshotPage[],
): readonly SnapshotLine[] {
  const stored = pages.slice(0, seal.pages).flatMap((page) => page.data.lines);
  const digest = digestOf(stored);
  if (digest === seal.digest && stored.length === seal.lines) return stored.map(snapshotLineOf);
  throw new DomainError(
    'snapshot_altered',
    `${seal.snapshot} holds ${stored.length} lines with the digest ${digest}; its seal says ${seal.lines} with ${seal.digest}`,
  );
}

export interface WritePage {
  readonly type: 'WritePage';
  readonly at: Instant;
  readonly page: number;
  readonly lines: readonly StoredSnapshotLine[];
}

/** The snapshot decider: pages are written one after the other; the name of their stream says what they hold. */
export const snapshotDecider: Decider<{ pages: number }, WritePage, SnapshotPage> = {
  initial: () => ({ pages: 0 }),
  decide: ({ at, page, lines }, state) => {
    if (page < state.pages) return [];
    if (page === state.pages)
      return [{ type: 'SnapshotPage', effectiveAt: at, data: { page, lines } }];
    throw new RangeError(`page ${state.pages} is written before page ${page}`);
  },
  evolve: (state) => {
    state.pages += 1;
    return state;
  },
};
