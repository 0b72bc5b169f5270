/**
 * The planted cases: stories with fixed dates and amounts, whatever the seed, each of which a
 * careless ledger gets wrong. The docs link to them by id.
 */
import { newYork } from './calendar.js';
import { offerAt } from './offers.js';
import { personOf, type TopTenName, topTenNames } from './people.js';
import { laterCases, type PlantedStory } from './planted-later.js';
import type { Story, StoryPayment } from './story.js';

/** A planted case: the story, and in a sentence or two what happened and what must come of it. */
export interface Planted {
  readonly id: string;
  readonly what: string;
  readonly story: Story;
}

/** The first number after the ten; one person a case. */
const firstPlantedNumber = topTenNames.length;

const early: readonly Planted[] = [
  plant(0, 'sign-up-and-payment-in-different-months', 'Diane Sanchez', {
    what: 'Signs up January 15 and pays February 1: the referral counts in February.',
    signUpAt: newYork(1, 15, 11, 20),
    payments: [paid(newYork(2, 1, 10, 5), 4999n)],
    endsAt: newYork(3, 1, 10, 5),
  }),
  plant(1, 'last-minutes-of-september', 'Nicole King', {
    what:
      'Pays September 30 23:58 in New York, October 1 in UTC: the referral counts in ' +
      'September.',
    signUpAt: newYork(9, 30, 23, 41),
    payments: [paid(newYork(9, 30, 23, 58), 4999n)],
  }),
  plant(2, 'duplicate-delivery', 'Kevin Gonzalez', {
    what:
      'One payment is delivered twice, and told once more by a second endpoint: it counts ' +
      'once.',
    signUpAt: newYork(10, 9, 17, 31),
    payments: [{ ...paid(newYork(10, 9, 17, 34), 5900n), repeated: 'and another' }],
  }),
  plant(3, 'earlier-payment-arrives-later', 'Kevin Gonzalez', {
    what:
      'The first payment (September 30) arrives after the second (October 1): the conversion ' +
      'moves to September, the second payment only earns.',
    signUpAt: newYork(9, 30, 20, 2),
    payments: [
      { ...paid(newYork(9, 30, 20, 15), 2900n), arrivesAt: newYork(10, 1, 21, 0) },
      paid(newYork(10, 1, 9, 10), 7900n),
    ],
  }),
  plant(4, 'attribution-arrives-after-the-payment', 'Diane Sanchez', {
    what:
      'The membership that names the referrer arrives three hours after the payment: until ' +
      'then the member is organic, then the payment is restated.',
    via: 'membership code',
    signUpAt: newYork(10, 16, 13, 0),
    membershipArrivesAt: newYork(10, 16, 16, 5),
    payments: [paid(newYork(10, 16, 13, 2), 9900n)],
  }),
  plant(5, 'thirds-that-do-not-divide', 'Nancy Davis', {
    what:
      'Amounts of which no share is whole, $10.05 with two equal remainders: the shares ' +
      'still sum to the sale.',
    signUpAt: newYork(8, 12, 9, 15),
    payments: [
      paid(newYork(8, 12, 9, 18), 3333n),
      paid(newYork(8, 19, 9, 18), 10001n),
      paid(newYork(8, 26, 9, 18), 1005n),
    ],
    endsAt: newYork(9, 26, 9, 18),
  }),
  plant(6, 'failed-payment', 'Carolyn Rodriguez', {
    what: 'Signs up October 11, and the payment fails: a sign-up, not a referral.',
    signUpAt: newYork(10, 11, 19, 44),
    payments: [{ ...paid(newYork(10, 11, 19, 45), 4999n), outcome: 'failed' }],
  }),
  plant(7, 'failed-then-succeeded', 'Paul Martin', {
    what:
      'A payment fails and succeeds 25 minutes later under the same id: one payment, one ' +
      'referral.',
    signUpAt: newYork(10, 5, 12, 3),
    payments: [{ ...paid(newYork(10, 5, 12, 30), 2900n), outcome: 'failed first' }],
  }),
  plant(8, 'free-trial', 'Nicole King', {
    what:
      'A payment of $0.00 on October 3, the first real one on October 10: the referral ' +
      'counts when money is paid.',
    signUpAt: newYork(10, 3, 8, 50),
    payments: [paid(newYork(10, 3, 8, 52), 0n), paid(newYork(10, 10, 8, 50), 2900n)],
  }),
  plant(9, 'unknown-code', null, {
    what:
      'Names a referral code that belongs to nobody: the payment is booked, the member is ' +
      'organic.',
    unknownCode: 'WHQ7-KX4P',
    signUpAt: newYork(8, 6, 21, 7),
    payments: [paid(newYork(8, 6, 21, 9), 3900n)],
    endsAt: newYork(9, 6, 21, 9),
  }),
  plant(10, 'named-by-username', 'Dorothy Young', {
    what: 'A legacy delivery names the referrer by username only.',
    via: 'username',
    signUpAt: newYork(6, 18, 15, 26),
    payments: [paid(newYork(6, 18, 15, 30), 4999n)],
    endsAt: newYork(7, 18, 15, 30),
  }),
  plant(11, 'makes-no-sense', null, {
    what:
      'A payment in the currency xx1, which does not exist: quarantined, listed, counted ' +
      'nowhere.',
    signUpAt: newYork(10, 22, 10, 58),
    payments: [{ ...paid(newYork(10, 22, 11, 0), 4999n), currency: 'xx1' }],
  }),
];

/** Refers in the later cases: the member of the case of thirds. */
const host = personOf(firstPlantedNumber + 5);

export const planted: readonly Planted[] = [
  ...early,
  ...laterCases.map((one, index) => plantLater(early.length + index, one)),
];

export const plantedStories: readonly Story[] = planted.map(({ story }) => story);

/** The first number that is free for everybody else. */
export const firstFreeNumber = firstPlantedNumber + planted.length;

function plant(
  number: number,
  id: string,
  referrer: TopTenName | null,
  { what, ...story }: Omit<Story, 'person' | 'referrer'> & { readonly what: string },
): Planted {
  return {
    id,
    what,
    story: {
      // One spelling with an id of its own, so that the docs can name the deliveries.
      membershipGeneration: story.via === 'username' ? 'v2' : 'v1',
      ...story,
      person: personOf(firstPlantedNumber + number),
      referrer: referrer === null ? null : personOf(topTenNames.indexOf(referrer)),
    },
  };
}

function plantLater(number: number, { id, what, referrer, ...story }: PlantedStory): Planted {
  const person = personOf(firstPlantedNumber + number);
  const named = { host, self: person };
  return {
    id,
    what,
    story: {
      membershipGeneration: 'v1',
      ...story,
      person,
      referrer: referrer === null ? null : named[referrer],
    },
  };
}

function paid(at: StoryPayment['at'], amountMinor: bigint): StoryPayment {
  return { at, offer: offerAt(amountMinor), generation: 'v1' };
}
