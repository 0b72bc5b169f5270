/**
 * Who fills the larger scales: a crowd around the community that moves nothing in the table. Scale
 * `full` completes October's payments to given counts and amounts; `100k` completes the members.
 */
import type { Instant } from '#libs/ledger';
import { dayNumberOf, newYork } from './calendar.js';
import { fullOctober, hundredThousand } from './cast.js';
import { monthly, octoberOf, onSomeDay, organicStory } from './community.js';
import { drawOf } from './draw.js';
import { type Offer, offersSumming } from './offers.js';
import { personOf } from './people.js';
import type { Story } from './story.js';

const october = 10;
const octoberBegins = newYork(10, 1);

/**
 * Organic members who bring October to the counts and amounts of scale `full`: some make their
 * first payment in October, the others began in the months before and pay once in October.
 */
export function fullCrowd(seed: number, community: readonly Story[]): Story[] {
  const draw = drawOf(seed, 'full');
  const present = octoberOf(community);
  const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((all, one) => all + one, 0n);
  const wholeAmount = (amountMinor: bigint): bigint => amountMinor;
  const initial = offersSumming(
    draw,
    fullOctober.initialPayments - present.initial.length,
    fullOctober.initialMinor - sum(present.initial),
    wholeAmount,
  );
  const recurring = offersSumming(
    draw,
    fullOctober.recurringPayments - present.recurring.length,
    fullOctober.recurringMinor - sum(present.recurring),
    wholeAmount,
  );
  let number = firstNumberOf(community);
  const story = (first: Instant, offer: Offer): Story => ({
    person: personOf(number++),
    signUpAt: first - draw.between(40, 900),
    referrer: null,
    payments: monthly(first, october, offer),
  });
  return [
    ...initial.map((offer) => story(onSomeDay(draw, october, 25), offer)),
    ...recurring.map((offer) => story(onSomeDay(draw, draw.between(5, 9), 25), offer)),
  ].sort((a, b) => a.signUpAt - b.signUpAt);
}

/** Members come in blocks: the first of each refers some of the block after the next. */
const block = 25;
/** Far below the ten of the table. */
const maxReferrals = 20;
/** Beginnings are spread over the days from January 4; the last ones are on October 25. */
const firstDay = dayNumberOf(newYork(1, 4));
const dayCount = dayNumberOf(newYork(10, 25)) - firstDay + 1;

/**
 * Members up to a hundred thousand, drawn one at a time in the order of their sign-up, more of them
 * every month. About a third are referred, by members with at most 20 referrals, none in October.
 */
export function* hundredThousandCrowd(seed: number, community: readonly Story[]): Generator<Story> {
  const firstNumber = firstNumberOf(community);
  const known = community.filter(({ isUnknown }) => isUnknown === undefined);
  const count = hundredThousand - new Set(known.map(({ person }) => person.number)).size;
  for (let index = 0; index < count; index++) {
    const draw = drawOf(seed, 'crowd', index);
    const first = beginningOf(index, count);
    const story = organicStory(draw, personOf(firstNumber + index), first);
    const place = index % block;
    const referrerIndex = index - place - 2 * block;
    const size = referrerIndex < 0 ? 0 : referralsOf(seed, referrerIndex);
    const isReferred = place > 0 && place <= size && first < octoberBegins;
    yield isReferred
      ? { ...story, referrer: personOf(firstNumber + referrerIndex), via: 'code' }
      : story;
  }
}

/** How many members the first of a block brings. */
function referralsOf(seed: number, index: number): number {
  return drawOf(seed, 'brings', index).between(1, maxReferrals);
}

/** The first payment of the nth, never on an earlier day than the one before; none after a 28th. */
function beginningOf(index: number, count: number): Instant {
  const exact = Math.sqrt(index / count) * dayCount;
  const days = Math.floor(exact);
  const at = new Date((firstDay + days) * 86_400_000);
  const seconds = Math.floor((exact - days) * 15 * 3_600);
  const day = Math.min(at.getUTCDate(), 28);
  return newYork(at.getUTCMonth() + 1, day, 7, 0, seconds);
}

function firstNumberOf(stories: readonly Story[]): number {
  return 1 + Math.max(...stories.map(({ person }) => person.number));
}
