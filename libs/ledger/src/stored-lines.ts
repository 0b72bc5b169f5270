/** How lines are stored on events: a fact's own lines leave out what the event says, restated lines are whole. */
import type { LineKind } from './lines.js';
import type { Instant } from './values/clock.js';

/** The fact dates the member's sign-up. */
export type SignUpOwnLine = readonly [kind: 'signUp', referrerId: string | null];

/** Lines that a payment adds itself: one each, sourceId = paymentId, at and day those of the event. */
export type PaymentOwnLine =
  | readonly [
      kind: 'sale',
      first: 0 | 1,
      referrerId: string | null,
      member: string,
      creator: string,
      platform: string,
    ]
  | readonly [kind: 'conversion', referrerId: string]
  | SignUpOwnLine;

/** Lines that a refund or dispute adds itself: sourceId, at and day are those of the event. */
export type ReversalOwnLine =
  | readonly [
      kind: 'reversal',
      first: 0 | 1,
      referrerId: string | null,
      currency: string,
      sale: string,
      member: string,
      creator: string,
      platform: string,
    ]
  | readonly [kind: 'reversedConversion', referrerId: string, currency: string];

/** A whole line; amounts are signed strings of minor units, `count` is 1 or -1. */
export type RestatedLine = readonly [
  kind: LineKind,
  sourceId: string,
  paymentId: string,
  first: 0 | 1,
  at: Instant,
  day: string,
  referrerId: string | null,
  currency: string | null,
  count: number,
  sale: string,
  member: string,
  creator: string,
  platform: string,
];
