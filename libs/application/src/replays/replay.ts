/** A replay as it was ordered: what is asked of it, how far it is, what it found and how it ended. */
import type { ReplayState } from '#libs/database';
import { DomainError, INSTANT_TEXT } from '#libs/ledger';
import type { DifferenceSummary, ReplayEnd, ReplayProgress } from '#libs/projector';

/** Heard by whoever runs replays and whoever watches one; the payload is its id. */
export const REPLAYS_CHANNEL = 'flywheel_replays';

export interface ReplayOrder {
  /** Null: all. */
  readonly projections: readonly string[] | null;
  /** To be looked at, up to a moment of the past; null: the present. */
  readonly until: string | null;
  readonly actor: string;
  readonly reason: string | null;
}

export interface Replay extends ReplayOrder {
  readonly id: string;
  readonly state: ReplayState;
  /** Ordered by the start of a process whose projections are others than those that serve. */
  readonly automatic: boolean;
  /** Unix milliseconds, as all times here. */
  readonly orderedAt: number;
  readonly startedAt: number | null;
  readonly readyAt: number | null;
  readonly endedAt: number | null;
  /** While it is ready: when it is discarded. */
  readonly expiresAt: number | null;
  /** How often it was begun. */
  readonly attempts: number;
  /** How many of them failed; `code` and `detail` tell the last. */
  readonly errors: number;
  /** Why it ended without being promoted, or why it was begun again. */
  readonly code: string | null;
  readonly detail: string | null;
  readonly progress: Progress | null;
  readonly summary: DifferenceSummary | null;
  readonly promotion: Promotion | null;
  /** Where its tables are; null: nowhere. */
  readonly schema: string | null;
  /** The set of projections that it was ordered for. */
  readonly register: string;
  /** Counts the changes of all this. */
  readonly revision: bigint;
}

export interface Progress {
  readonly phase: ReplayProgress['phase'];
  /** At work, in the phases that go table by table. */
  readonly table: string | null;
  readonly position: bigint;
  readonly head: bigint;
  readonly eventsPerSecond: number;
}

export interface Promotion {
  readonly actor: string;
  readonly reason: string;
  /** Of the event ReplayPromoted; null: it is under way. */
  readonly position: bigint | null;
}

/** How long a difference that was made waits for somebody. */
export const READY_MS = 86_400_000;
/** How often a replay is begun; what does not pass by then is not passing. */
export const MAX_ATTEMPTS = 5;

export const AT_WORK: readonly ReplayState[] = ['ordered', 'running', 'comparing', 'promoting'];
const OVER: readonly ReplayState[] = ['promoted', 'discarded', 'failed'];

/** Nothing more happens to it by itself, for now or for ever. */
export const isSettled = ({ state }: Pick<Replay, 'state'>): boolean =>
  state === 'ready' || OVER.includes(state);

/** A position of the log, or an ISO 8601 instant with a zone. Throws `until_malformed`. */
export function endOf(until: string): Exclude<ReplayEnd, 'live'> {
  if (/^[1-9]\d{0,17}$/.test(until)) return BigInt(until);
  const recordedAt = INSTANT_TEXT.test(until) ? Date.parse(until) : Number.NaN;
  if (!Number.isNaN(recordedAt)) return { recordedAt };
  throw new DomainError(
    'until_malformed',
    `'${until.slice(0, 40)}' is neither a position, such as 4711, nor an instant, such as 2026-03-01T00:00:00Z`,
  );
}
