/**
 * More planted cases: money that comes back, other currencies, persons and claims that are known
 * late or never. None of them touches the table: their referrer is a member of the other cases.
 */
import { newYork } from './calendar.js';
import { offerAt } from './offers.js';
import type { Story, StoryPayment, StoryReversal } from './story.js';

export interface PlantedStory extends Omit<Story, 'person' | 'referrer'> {
  readonly id: string;
  readonly what: string;
  /** `host`: a member of an earlier case; `self`: they name themselves; null: nobody. */
  readonly referrer: 'host' | 'self' | null;
}

export const laterCases: readonly PlantedStory[] = [
  referredPaying('refunded-in-a-later-month', newYork(9, 12, 18, 40), 5900n, {
    what:
      'A September sale is refunded on October 3, pending at first: the sale stays in September, ' +
      'the refund counts in October, the referral still counts and is reversed.',
    reversals: [
      refund(newYork(10, 3, 10, 12), 5900n, [
        ['pending', newYork(10, 3, 10, 13)],
        ['succeeded', newYork(10, 4, 7, 30)],
      ]),
    ],
  }),
  referredPaying('refund-arrives-before-its-payment', newYork(9, 20, 11, 2), 7900n, {
    what:
      'The refund of a part arrives a day before the payment that it refunds: it waits, and is ' +
      'booked with the payment.',
    arrivesAt: newYork(9, 22, 9, 0),
    reversals: [refund(newYork(9, 21, 8, 30), 2000n, [['succeeded', newYork(9, 21, 8, 31)]])],
  }),
  referredPaying('refund-that-fails', newYork(9, 5, 14, 20), 3900n, {
    what: 'A refund succeeds and fails three days later: it is undone, in the month it was in.',
    reversals: [
      refund(newYork(9, 6, 9, 0), 3900n, [
        ['succeeded', newYork(9, 6, 9, 1)],
        ['failed', newYork(9, 9, 16, 45)],
      ]),
    ],
  }),
  referredPaying('dispute-lost', newYork(8, 8, 12, 0), 4999n, {
    what:
      'A dispute is opened on August 20 and lost on September 15: open it moves nothing, lost it ' +
      'takes the sale back, in August.',
    reversals: [
      dispute(newYork(8, 20, 15, 0), 4999n, [
        ['needs_response', newYork(8, 20, 15, 1)],
        ['under_review', newYork(8, 25, 11, 0)],
        ['lost', newYork(9, 15, 10, 20)],
      ]),
    ],
  }),
  referredPaying('dispute-won', newYork(8, 9, 12, 30), 4999n, {
    what: 'A dispute is opened and won: nothing moves.',
    reversals: [
      dispute(newYork(8, 21, 9, 5), 4999n, [
        ['needs_response', newYork(8, 21, 9, 6)],
        ['won', newYork(9, 18, 13, 15)],
      ]),
    ],
  }),
  referredPaying('in-euros', newYork(9, 3, 6, 50), 4900n, {
    what: 'Pays €49.00: the referral counts like any other, the earnings are in euros.',
    currency: 'eur',
  }),
  {
    id: 'in-yen',
    what: 'Pays ¥4,900, a currency without a smaller unit: revenue in yen, added to no other.',
    referrer: null,
    signUpAt: newYork(10, 14, 5, 11),
    payments: [{ ...paid(newYork(10, 14, 5, 14), 4900n), currency: 'jpy' }],
  },
  {
    id: 'person-known-later',
    what:
      'The payment names only its membership, of which nobody has told yet: it waits two hours, ' +
      'until the membership says whose it is and who referred them.',
    referrer: 'host',
    via: 'membership code',
    signUpAt: newYork(9, 8, 17, 30),
    membershipArrivesAt: newYork(9, 8, 19, 34),
    payments: [{ ...paid(newYork(9, 8, 17, 32), 2900n), isNameless: true }],
  },
  {
    id: 'nobody-knows-whose',
    what:
      'The payment names only its membership, and nobody ever tells of that: parked, listed, for ' +
      'an admin to assign.',
    referrer: null,
    isUnknown: true,
    signUpAt: newYork(10, 20, 16, 5),
    payments: [{ ...paid(newYork(10, 20, 16, 8), 1999n), isNameless: true }],
  },
  {
    id: 'contradiction',
    what:
      'A second endpoint tells the same payment with ten times the amount: a conflict, recorded; ' +
      'what was told first stays.',
    referrer: null,
    signUpAt: newYork(10, 7, 21, 40),
    payments: [{ ...paid(newYork(10, 7, 21, 44), 3900n), contradictedMinor: 39000n }],
  },
  {
    id: 'names-itself',
    what: 'Names their own referral code: nobody refers themselves, the member is organic.',
    referrer: 'self',
    signUpAt: newYork(9, 25, 8, 15),
    payments: [paid(newYork(9, 25, 8, 21), 2900n)],
  },
  {
    id: 'claim-after-the-first-payment',
    what:
      'The first payment names nobody, the second a referrer: a claim after the first payment ' +
      'does not count, the member stays organic.',
    referrer: 'host',
    via: 'payment code',
    signUpAt: newYork(7, 2, 10, 0),
    payments: [
      { ...paid(newYork(7, 2, 10, 4), 2900n), isSilent: true },
      paid(newYork(8, 2, 10, 4), 2900n),
    ],
    endsAt: newYork(9, 2, 10, 4),
  },
];

type Paying = Pick<PlantedStory, 'what'> &
  Pick<StoryPayment, 'arrivesAt' | 'currency' | 'reversals'>;

/** Signs up, names the host and pays once. */
function referredPaying(
  id: string,
  at: StoryPayment['at'],
  amountMinor: bigint,
  { what, ...payment }: Paying,
): PlantedStory {
  const minutes = 60 * 4;
  return {
    id,
    what,
    referrer: 'host',
    signUpAt: at - minutes,
    payments: [{ ...paid(at, amountMinor), ...payment }],
  };
}

function paid(at: StoryPayment['at'], amountMinor: bigint): StoryPayment {
  return { at, offer: offerAt(amountMinor), generation: 'v1' };
}

function refund(
  at: StoryReversal['at'],
  amountMinor: bigint,
  states: StoryReversal['states'],
): StoryReversal {
  return { kind: 'refund', at, amountMinor, states };
}

function dispute(
  at: StoryReversal['at'],
  amountMinor: bigint,
  states: StoryReversal['states'],
): StoryReversal {
  return { kind: 'dispute', at, amountMinor, states };
}
