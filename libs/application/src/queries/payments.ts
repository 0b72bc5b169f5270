/** Payments as a list: the sale, its shares, and what reversed it. */
import type { Instant } from '#libs/ledger';
import {
  type PaymentKind,
  type PaymentPlace,
  type PaymentRow,
  type PaymentStatus,
  paymentRows,
} from '#projections';
import { type Named, named, type TimePlace } from './framed.js';
import { exportOf, type Listing, type PageAsked, pageOf } from './listing.js';
import type { ReadSide } from './read-side.js';

export interface Shares {
  readonly saleMinor: bigint;
  readonly memberMinor: bigint;
  readonly creatorMinor: bigint;
  readonly platformMinor: bigint;
}

/** Amounts are positive. */
export interface Reversal extends Shares {
  /** Refund or dispute. */
  readonly reversalId: string;
  readonly at: Instant;
  readonly day: string;
}

export interface Payment extends Shares {
  readonly paymentId: string;
  readonly member: Named;
  /** Who earns the member share; null: organic. */
  readonly referrer: Named | null;
  readonly kind: 'initial' | 'recurring';
  readonly organic: boolean;
  readonly paidAt: Instant;
  readonly day: string;
  readonly currency: string;
  readonly reversals: readonly Reversal[];
}

export interface PaymentsAsked {
  readonly creatorId: string;
  /** Absent: all months. */
  readonly month?: string | undefined;
  readonly memberId?: string | undefined;
  readonly referrerId?: string | undefined;
  /** Absent: all of them; these are facts, and nothing is added up. */
  readonly currency?: string | undefined;
  readonly kind?: PaymentKind | undefined;
  readonly status?: PaymentStatus | undefined;
}

/** Of any two zones on earth the clocks are at most 26 hours apart. */
const ROOM_SECONDS = 2 * 86_400;

function listing(asked: PaymentsAsked): Listing<PaymentRow, Payment, TimePlace> {
  const { creatorId, month: name, currency, memberId, referrerId, kind, status } = asked;
  return {
    asked: { creatorId, month: name, currency },
    rows: (schema, { settings: { calendar } }, { limit, after }) =>
      paymentRows(schema, {
        creatorId,
        memberId,
        referrerId,
        kind,
        status,
        currency,
        // Room on either side: what is stamped stays, though the calendar may change.
        ...(name !== undefined && {
          month: {
            name,
            from: calendar.startOfMonth(name) - ROOM_SECONDS,
            to: calendar.endOfMonth(name) + ROOM_SECONDS,
          },
        }),
        limit,
        after: after && ({ at: after.at, paymentId: after.id } satisfies PaymentPlace),
      }),
    place: ({ at, payment_id: id }) => ({ at, id }),
    item: (row, { nameOf }) => ({
      paymentId: row.payment_id,
      member: named(row, nameOf),
      referrer:
        row.referrer_id === ''
          ? null
          : named({ member_id: row.referrer_id, name: row.referrer_name }, nameOf),
      kind: row.first ? 'initial' : 'recurring',
      organic: row.referrer_id === '',
      paidAt: row.at,
      day: row.day,
      currency: row.currency,
      ...sharesOf(row),
      reversals: (row.reversals ?? []).map((reversal) => ({
        reversalId: reversal.source_id,
        at: reversal.at,
        day: reversal.day,
        ...sharesOf(reversal),
      })),
    }),
  };
}

const sharesOf = (
  row: Pick<PaymentRow, 'sale_minor' | 'member_minor' | 'creator_minor' | 'platform_minor'>,
): Shares => ({
  saleMinor: BigInt(row.sale_minor),
  memberMinor: BigInt(row.member_minor),
  creatorMinor: BigInt(row.creator_minor),
  platformMinor: BigInt(row.platform_minor),
});

/** Commission lines by payment, newest first. */
export const paymentsOf = (reads: ReadSide, asked: PaymentsAsked, page: PageAsked<TimePlace>) =>
  pageOf(reads, listing(asked), page);

export const exportPayments = (reads: ReadSide, asked: PaymentsAsked) =>
  exportOf(reads, listing(asked));
