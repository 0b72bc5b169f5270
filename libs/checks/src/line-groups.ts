/**
 * A figure from the log: which lines it counts, folded by the fact that they are about, and which it
 * does not count and why.
 *
 * A correction is the negated old line and the new one, so the lines of one fact are folded before
 * they are shown: what is counted adds something, or it would not be said to count. Everything is
 * worked out by the database in one statement, whatever the number of lines; pages are what travels.
 */
import type { RawBuilder } from 'kysely';
import type { LineKind } from '#libs/ledger';
import type { SealedName } from '#libs/vault';
import type { LinesSelect } from './lines-about.js';

const AMOUNTS = ['count', 'sale_minor', 'member_minor', 'creator_minor', 'platform_minor'] as const;

/** What one kind of line adds to a figure. */
export interface Adds {
  readonly kind: LineKind;
  readonly amount: (typeof AMOUNTS)[number];
  /** Reversal amounts are positive, and taken off by net figures. */
  readonly minus?: true;
  /** Only those of first payments, or of others. */
  readonly first?: boolean;
  /** Only those of referred members, or of organic ones. */
  readonly referred?: boolean;
}

/** When a line's time lies in the figure. */
export type Period =
  | { readonly kind: 'always' }
  | { readonly kind: 'month' | 'through' | 'before'; readonly month: string }
  | { readonly kind: 'day'; readonly day: string }
  /** The first days of a month, this one included. */
  | { readonly kind: 'days'; readonly month: string; readonly throughDay: string }
  /** Of an account: everything before the month, and of the month what stands not after this line. */
  | ({ readonly kind: 'line'; readonly month: string } & LinePlace);

export interface LinePlace {
  readonly at: number;
  readonly sourceId: string;
  readonly paymentId: string;
}

/** Why a fact is not counted. The first that applies is said. */
export type AsideCode =
  | 'reversal_cancelled'
  | 'taken_back'
  | 'not_paid'
  | 'zero_amount'
  | 'recurring'
  | 'first_payment'
  | 'organic'
  | 'referred'
  | 'nothing_to_count'
  | 'after_the_close'
  | 'stated_elsewhere'
  | 'another_currency'
  | 'another_time';

export interface GroupsAsked {
  readonly creatorId: string;
  readonly lines: LinesSelect;
  readonly adds: readonly Adds[];
  readonly period: Period;
  /** '' is what has none; undefined: all of them together. */
  readonly currency?: string | undefined;
  /** Only lines of this payment, refund or dispute. */
  readonly sourceId?: string | undefined;
  /** Only lines that an event in one of these spans says; undefined: all. */
  readonly spans?: readonly { readonly after: bigint; readonly through: bigint }[] | undefined;
  /** Streams in which somebody is named who may have no line of theirs: those of them are told. */
  readonly claiming?: RawBuilder<unknown> | undefined;
  /** Kinds of lines that are listed as not counted, beside those that add. */
  readonly besides: readonly LineKind[];
  readonly limit: number;
  readonly after?: GroupPlace | undefined;
}

/** Place of the last group of the page before. */
export interface GroupPlace {
  readonly at: number;
  readonly sourceId: string;
  readonly kind: string;
  readonly memberId: string;
}

/** An event that says something of a group, and what it adds to the figure. */
export interface GroupEvent {
  readonly position: bigint;
  readonly eventId: string;
  readonly type: string;
  readonly stream: string;
  /** Unix milliseconds. */
  readonly recordedAt: number;
  /** Of a restatement: the fact or order that it follows from. */
  readonly because: string | null;
  readonly adds: bigint;
}

/** The lines of one kind about one fact. */
export interface LineGroup {
  readonly kind: LineKind;
  readonly sourceId: string;
  readonly paymentId: string;
  readonly memberId: string;
  readonly name: SealedName | null;
  /** As the line says that stands, or said last. */
  readonly at: number;
  readonly day: string;
  readonly first: boolean;
  readonly referrerId: string | null;
  readonly currency: string | null;
  /** What it adds to the figure. */
  readonly adds: bigint;
  readonly events: readonly GroupEvent[];
}
export interface AsideGroup extends LineGroup {
  readonly code: AsideCode;
}

export interface Grouped {
  readonly total: bigint;
  /** How many groups are counted. */
  readonly counted: number;
  readonly page: readonly LineGroup[];
  /** There are more after the page. */
  readonly hasMore: boolean;
  readonly asideBy: readonly { readonly code: AsideCode; readonly groups: number }[];
  /** The first of them, by code and then the newest. */
  readonly aside: readonly AsideGroup[];
  /** Of `claiming`, those without a line that stands: how many, and the first of them by name. */
  readonly claimants: { readonly count: number; readonly streams: readonly string[] };
}

/** As the statement answers it. */
export interface GroupRow {
  readonly kind: LineKind;
  readonly source_id: string;
  readonly payment_id: string;
  readonly member_id: string;
  readonly name: SealedName | null;
  readonly at: number;
  readonly day: string;
  readonly first: boolean;
  readonly referrer_id: string;
  readonly currency: string;
  readonly adds: string;
  readonly events: readonly {
    readonly position: string;
    readonly id: string;
    readonly type: string;
    readonly stream: string;
    readonly recorded_at: string;
    readonly because: string | null;
    readonly adds: string;
  }[];
}

/** As the statement answers them. */
export interface GroupedRow {
  readonly total: string;
  readonly counted: string;
  readonly page: readonly GroupRow[];
  readonly aside_by: readonly { readonly code: AsideCode; readonly groups: number }[];
  readonly aside: readonly (GroupRow & { readonly code: AsideCode })[];
  readonly claimants: { readonly count: number; readonly streams: readonly string[] | null };
}
