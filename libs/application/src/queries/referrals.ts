/** Lists of referrals: a creator's newest conversions, and those whom one member referred. */
import type { Instant } from '#libs/ledger';
import {
  type ConversionRow,
  conversionRows,
  memberReferralRows,
  type ReferralRow,
} from '#projections';
import { type Named, named, type TimePlace } from './framed.js';
import { exportOf, type Listing, type PageAsked, pageOf } from './listing.js';
import { statsOfMember } from './members.js';
import type { ReadSide } from './read-side.js';

export interface Conversion {
  readonly member: Named;
  readonly referrer: Named;
  readonly convertedAt: Instant;
  readonly month: string;
}

const conversions = (creatorId: string): Listing<ConversionRow, Conversion, TimePlace> => ({
  asked: { creatorId },
  rows: (schema, _view, { limit, after }) =>
    conversionRows(schema, { creatorId, limit, after: placeOf(after) }),
  place: ({ at, member_id: id }) => ({ at, id }),
  item: (row, { nameOf }) => ({
    member: named(row, nameOf),
    referrer: named({ member_id: row.referrer_id, name: row.referrer_name }, nameOf),
    convertedAt: row.at,
    month: row.day.slice(0, 7),
  }),
});

const placeOf = (after: TimePlace | undefined) => after && { at: after.at, memberId: after.id };

/** A creator's newest conversions ("recent referrals"). */
export const recentReferrals = (reads: ReadSide, creatorId: string, page: PageAsked<TimePlace>) =>
  pageOf(reads, conversions(creatorId), page);

export const exportReferrals = (reads: ReadSide, creatorId: string) =>
  exportOf(reads, conversions(creatorId));

export interface Referral extends Named {
  readonly signedUpAt: Instant | null;
  readonly convertedAt: Instant | null;
  /** Month of the conversion on the creator's calendar. */
  readonly month: string | null;
  readonly status: 'signedUp' | 'converted';
}

export interface ReferralsAsked {
  readonly creatorId: string;
  readonly memberId: string;
  /** Absent: both. */
  readonly status?: Referral['status'] | undefined;
}

const referrals = (asked: ReferralsAsked): Listing<ReferralRow, Referral, TimePlace> => {
  const { creatorId, memberId, status } = asked;
  return {
    asked: { creatorId },
    rows: (schema, _view, { limit, after }) =>
      memberReferralRows(schema, {
        creatorId,
        memberId,
        converted: status === undefined ? undefined : status === 'converted',
        limit,
        after: placeOf(after),
      }),
    place: ({ listed_at: at, member_id: id }) => ({ at, id }),
    item: (row, { nameOf }) => ({
      ...named(row, nameOf),
      signedUpAt: row.signed_up_at,
      convertedAt: row.converted_at,
      month: row.converted_day?.slice(0, 7) ?? null,
      status: row.converted_at === null ? 'signedUp' : 'converted',
    }),
  };
};

/** Those whom a member referred, latest news first. Throws `member_not_found`. */
export async function referralsOfMember(
  reads: ReadSide,
  asked: ReferralsAsked,
  page: PageAsked<TimePlace>,
) {
  const found = await pageOf(reads, referrals(asked), page);
  if (found.items.length === 0) await statsOfMember(reads, asked);
  return found;
}

/** Throws `member_not_found`. */
export async function exportReferralsOfMember(reads: ReadSide, asked: ReferralsAsked) {
  const { creatorId, memberId } = asked;
  await statsOfMember(reads, { creatorId, memberId });
  return exportOf(reads, referrals(asked));
}
