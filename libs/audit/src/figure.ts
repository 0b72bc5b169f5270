/** Which figures have a history, and what a history says. */
import type { EventStore } from '#libs/event-store';
import type { AsOf, Browser, ReadEvent } from './browse.js';
import type { Cause } from './cause.js';
import type { Order } from './scan.js';

export const MEMBER_FIELDS = [
  'totalReferrals',
  'monthlyReferrals',
  'referrals',
  'reversedReferrals',
  'earnings',
  'referrer',
  'tierPin',
  'referralCode',
] as const;
export const CREATOR_FIELDS = [
  'rates',
  'timeZone',
  'tiers',
  'graceHours',
  'currency',
  'months',
  'referrals',
  'reversedReferrals',
  'signUps',
  'revenue',
  'refunds',
] as const;
export type HistoryField = (typeof MEMBER_FIELDS)[number] | (typeof CREATOR_FIELDS)[number];

export interface Figure {
  readonly creatorId: string;
  /** Undefined: the figure is the creator's. */
  readonly memberId?: string | undefined;
  readonly field: HistoryField;
  /** Of sums of one month; undefined: of all of them. */
  readonly month?: string | undefined;
  /** Of amounts. */
  readonly currency: string;
}

export interface HistoryChange {
  readonly event: ReadEvent;
  readonly cause: Cause;
  /** The month that is concerned, where the figure has several. */
  readonly month: string | null;
  readonly old: unknown;
  readonly new: unknown;
  /** Of sums. */
  readonly delta: bigint | undefined;
}
/** Before it is known what caused it. */
export type FoundChange = Omit<HistoryChange, 'cause'>;

export interface History {
  readonly asOf: AsOf;
  /** As of that position; of months: of the last one that changed. */
  readonly value: unknown;
  readonly items: readonly HistoryChange[];
  readonly next: bigint | undefined;
}
export type FoundHistory = Omit<History, 'items'> & { readonly items: readonly FoundChange[] };

export interface HistoryAsked {
  readonly order: Order;
  readonly limit: number;
  /** `next` of the page before. */
  readonly cursor?: bigint | undefined;
}

export interface HistoryParts {
  readonly browser: Browser;
  readonly store: Pick<EventStore, 'readStreams'>;
  /** Of the read models: they may name further streams to look in (libs/checks). */
  readonly schema: string;
}
