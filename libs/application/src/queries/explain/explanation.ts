/** What an explanation says. Amounts and counts are bigint, amounts in minor units. */
import type { AsideCode } from '#libs/checks';
import type { Instant, LineKind, TierPin } from '#libs/ledger';
import type { Framed, Named } from '../framed.js';
import type { FigureUnit } from './figures.js';

/** As now known; as a version of the closed month states it; or known and not stated yet. */
export type FigureState = 'known' | 'closed' | 'pending';

export interface ExplainAsked {
  readonly creatorId: string;
  /** Absent: the creator's figure. */
  readonly memberId?: string | undefined;
  readonly figure: string;
  readonly month?: string | undefined;
  /** `YYYY-MM-DD`, of figures that are shown by day. */
  readonly day?: string | undefined;
  /** `YYYY-MM-DD`: the days of its month up to it, of figures that are shown so far. */
  readonly throughDay?: string | undefined;
  /** '' is the row of what has no currency. */
  readonly currency?: string | undefined;
  readonly state?: FigureState | undefined;
  /** Of a closed month; absent: the latest. */
  readonly version?: number | undefined;
  /** The earlier month that the closed one carries something of. */
  readonly origin?: string | undefined;
  /** Payment, refund or dispute, of figures that are of one. */
  readonly sourceId?: string | undefined;
  readonly limit: number;
  readonly after?: CountedPlace | undefined;
}

export interface CountedPlace {
  readonly at: Instant;
  readonly sourceId: string;
  readonly kind: string;
  readonly memberId: string;
}

export interface ExplainedEvent {
  readonly position: bigint;
  readonly eventId: string;
  readonly type: string;
  readonly stream: string;
  /** Unix milliseconds. */
  readonly recordedAt: number;
  /** What it adds to the figure. */
  readonly contribution: bigint;
}

interface ExplainedFact {
  readonly kind: LineKind;
  /** Payment, refund, dispute or membership. */
  readonly sourceId: string;
  readonly paymentId: string | null;
  /** Whose fact it is. */
  readonly member: Named;
  readonly referrerId: string | null;
  readonly at: Instant;
  readonly day: string;
  readonly currency: string | null;
  /** Every event that says something of it, in the order of the log. */
  readonly events: readonly ExplainedEvent[];
}

/** What counts: dropping it changes the figure. */
export interface Counted extends ExplainedFact {
  readonly contribution: bigint;
  readonly why: string;
}

export type NotCountedCode = AsideCode | 'claim_lost';

/** What does not count, and why. */
export interface NotCounted extends Omit<ExplainedFact, 'kind' | 'at' | 'day'> {
  readonly kind: LineKind | 'claim';
  readonly at: Instant | null;
  readonly day: string | null;
  readonly code: NotCountedCode;
  readonly why: string;
}

export type FigureValue = bigint | number | string | null;

/** An event that set something. */
export interface SetBy {
  readonly position: bigint;
  readonly eventId: string;
  readonly type: string;
  readonly effectiveAt: Instant;
}

export interface TierExplained {
  readonly tiers: readonly { readonly name: string; readonly from: number }[];
  /** Null: the default thresholds. */
  readonly setBy: SetBy | null;
  readonly pin: (TierPin & { readonly setBy: SetBy }) | null;
}

export interface Neighbour extends Named {
  readonly rank: number;
  readonly totalReferrals: bigint;
  readonly reachedAt: Instant | null;
}
export interface RankExplained {
  /** How many have a rank; null: not said of a closed month. */
  readonly ranked: number | null;
  /** The member and those around them. */
  readonly around: readonly Neighbour[];
}

/** The seal that states it. */
export interface SealExplained extends SetBy {
  readonly version: number;
  readonly digest: string;
  readonly snapshot: string;
  readonly throughPosition: bigint;
  /** What the snapshot's pages in the log say. */
  readonly stated: FigureValue;
}

export type Explanation = Framed<{
  readonly figure: string;
  readonly unit: FigureUnit;
  readonly says: string;
  readonly section: string;
  readonly subject: Named | { readonly creatorId: string };
  readonly month: string | null;
  readonly day: string | null;
  readonly throughDay: string | null;
  readonly currency: string | null;
  readonly state: FigureState;
  readonly origin: string | null;
  readonly sourceId: string | null;
  /** By the log. */
  readonly total: FigureValue;
  /** What the contributions add up to; for a tier and a rank the total referrals, otherwise `total`. */
  readonly sum: bigint;
  /** What the read models answer at the same position; null: nothing. */
  readonly readModel: FigureValue;
  readonly agrees: boolean;
  readonly counted: readonly Counted[];
  /** Of all pages. */
  readonly countedFacts: number;
  readonly next: CountedPlace | undefined;
  /** The first of them; on the first page only. */
  readonly notCounted: readonly NotCounted[];
  readonly notCountedBy: readonly { readonly code: NotCountedCode; readonly facts: number }[];
  readonly tier?: TierExplained;
  readonly rank?: RankExplained;
  readonly seal?: SealExplained;
}>;
