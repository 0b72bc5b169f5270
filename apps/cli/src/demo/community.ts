/**
 * The community of scale `small`, the heart of every scale: the ten of the table and whom they
 * referred, ten smaller referrers, organic members, and people who have signed up and not yet paid.
 */
import type { Instant } from '#libs/ledger';
import { daysLater, lastInstant, monthOf, monthsLater, newYork, opensAt } from './calendar.js';
import { otherReferrerTotals, type TopReferrer, topReferrers } from './cast.js';
import { type Draw, drawOf } from './draw.js';
import { memberShareOf, monthlyOffers, type Offer, offersSumming, weeklyOffer } from './offers.js';
import { type DemoPerson, personOf } from './people.js';
import { firstFreeNumber, plantedStories } from './planted.js';
import type { Story, StoryPayment, Via } from './story.js';

const organicMonthly = 68;
const organicWeekly = 22;
const organicInOctober = 26;
const notYetPaid = 18;
const october = 10;

/** The stories of scale `small`, by time of sign-up. */
export function communityOf(seed: number): Story[] {
  const draw = drawOf(seed, 'community');
  let number = firstFreeNumber;
  const next = (): DemoPerson => personOf(number++);

  const stories = [...plantedStories, ...topReferrers.map((referrer) => ownStory(draw, referrer))];
  for (const referrer of topReferrers) stories.push(...referredBy(draw, referrer, next));
  // Some who were referred refer others: commission goes up one level only.
  const referred = draw.shuffled(
    stories.filter(
      ({ person, referrer, signUpAt }) =>
        person.number >= firstFreeNumber && referrer !== null && monthOf(signUpAt) === 1,
    ),
  );
  otherReferrerTotals.forEach((total, index) => {
    const referrer = index % 2 === 0 ? referred.pop()?.person : undefined;
    const own = organicStory(draw, next(), newYork(1, draw.between(2, 25), 12));
    if (referrer === undefined) stories.push(own);
    stories.push(...referredByOther(draw, referrer ?? own.person, total, next));
  });
  for (let n = 0; n < organicMonthly; n++) {
    const month = draw.between(1, 9);
    stories.push(organicStory(draw, next(), onSomeDay(draw, month, 28)));
  }
  for (let n = 0; n < organicWeekly; n++) stories.push(weeklyStory(draw, next()));
  for (let n = 0; n < organicInOctober; n++) {
    stories.push(organicStory(draw, next(), onSomeDay(draw, october, 25)));
  }
  for (let n = 0; n < notYetPaid; n++) {
    const referrer = personOf(draw.below(topReferrers.length));
    const signUpAt = onSomeDay(draw, draw.between(6, october), 25);
    stories.push({ person: next(), signUpAt, referrer, via: viaOf(draw), payments: [] });
  }
  return stories.sort((a, b) => a.signUpAt - b.signUpAt);
}

/** The ten are members themselves, organic, from the first days on. */
function ownStory(draw: Draw, { number }: TopReferrer): Story {
  const signUpAt = opensAt + number * 1_800 + draw.below(1_800);
  const payments = monthly(signUpAt + 120, october, draw.pick(monthlyOffers));
  return { person: personOf(number), signUpAt, referrer: null, payments };
}

/** Whom one of the ten referred, planted cases apart: conversions, and October to the cent. */
function referredBy(draw: Draw, referrer: TopReferrer, next: () => DemoPerson): Story[] {
  const planted = plantedStories.filter(
    (story) => story.referrer?.number === referrer.number && conversionAt(story) !== undefined,
  );
  const plantedOctober = planted.flatMap(({ payments }) => payments.filter(isPaidInOctober));
  const plantedMinor = plantedOctober
    .map(({ offer }) => memberShareOf(offer.amountMinor))
    .reduce((sum, share) => sum + share, 0n);
  const payers = referrer.octoberPayments - plantedOctober.length;
  const offers =
    referrer.octoberPayments === 0
      ? []
      : offersSumming(draw, payers, referrer.octoberEarningsMinor - plantedMinor, memberShareOf);

  const early = referrer.totalReferrals - planted.length - referrer.octoberDays.length;
  const octobers = referrer.octoberDays.map((day) => onDay(draw, october, day));
  const recurring = payers - octobers.length;
  const conversions = Array.from({ length: early }, (_, index) => {
    const isLast = index === 0 && referrer.lastSeptemberDay !== undefined;
    if (isLast) return onDay(draw, 9, referrer.lastSeptemberDay);
    const lastDay = referrer.lastSeptemberDay ?? 28;
    // Who pays in October as well does so before the demo's clock stands still.
    const month = draw.between(1, 9);
    return onSomeDay(draw, month, index < recurring ? 25 : month === 9 ? lastDay - 1 : 28);
  });
  return [...octobers, ...conversions].map((at, index) => {
    const offer = offers[index];
    const last = offer === undefined ? lastMonthOfLapsed(draw, at) : october;
    const payments = monthly(at, last, offer ?? draw.pick(monthlyOffers));
    return referredStory(draw, next(), personOf(referrer.number), payments, offer === undefined);
  });
}

/** Whom a smaller referrer brought, March to September; most of them still pay. */
function referredByOther(
  draw: Draw,
  referrer: DemoPerson,
  total: number,
  next: () => DemoPerson,
): Story[] {
  return Array.from({ length: total }, () => {
    const at = onSomeDay(draw, draw.between(3, 9), 25);
    const lapses = draw.chance(40);
    const last = lapses ? lastMonthOfLapsed(draw, at) : october;
    return referredStory(
      draw,
      next(),
      referrer,
      monthly(at, last, draw.pick(monthlyOffers)),
      lapses,
    );
  });
}

/** Signs up minutes or days before the first payment. */
function referredStory(
  draw: Draw,
  person: DemoPerson,
  referrer: DemoPerson,
  payments: readonly StoryPayment[],
  lapses: boolean,
): Story {
  const first = payments[0]?.at ?? opensAt;
  const hesitates = draw.chance(25) ? draw.between(1, 12) : 0;
  const early = daysLater(first, -hesitates) - draw.between(40, 900);
  const story = { person, referrer, via: viaOf(draw), payments };
  const signUpAt = Math.max(early, opensAt + 36_000 + draw.below(3_600));
  return lapses ? { ...story, signUpAt, ...endOf(payments) } : { ...story, signUpAt };
}

/** Nobody is named; pays monthly, and one in four leaves before October. */
export function organicStory(draw: Draw, person: DemoPerson, first: Instant): Story {
  const lapses = monthOf(first) < october && draw.chance(25);
  const last = lapses ? lastMonthOfLapsed(draw, first) : october;
  const payments = monthly(first, last, draw.pick(monthlyOffers));
  const story = { person, signUpAt: first - draw.between(40, 900), referrer: null, payments };
  return lapses ? { ...story, ...endOf(payments) } : story;
}

function weeklyStory(draw: Draw, person: DemoPerson): Story {
  const first = onSomeDay(draw, draw.between(6, 9), 28);
  const payments: StoryPayment[] = [];
  for (let at = first; at <= lastInstant; at = daysLater(at, 7)) {
    payments.push({ at, offer: weeklyOffer });
  }
  return { person, signUpAt: first - draw.between(40, 900), referrer: null, payments };
}

/** The same amount each month, from the first to the last month or the standstill of the clock. */
export function monthly(first: Instant, lastMonth: number, offer: Offer): StoryPayment[] {
  const months = Array.from({ length: lastMonth - monthOf(first) + 1 }, (_, index) => index);
  return months
    .map((month) => ({ at: monthsLater(first, month), offer }))
    .filter(({ at }) => at <= lastInstant);
}

/** One to four payments, none of them in October. */
function lastMonthOfLapsed(draw: Draw, first: Instant): number {
  return Math.min(monthOf(first) + draw.below(4), october - 1);
}

/** A lapsed membership ends when the next payment would be due, if that is not still to come. */
function endOf(payments: readonly StoryPayment[]): Pick<Story, 'endsAt'> {
  const last = payments.at(-1)?.at;
  if (last === undefined) return {};
  const endsAt = monthsLater(last, 1);
  return endsAt <= lastInstant ? { endsAt } : {};
}

function viaOf(draw: Draw): Via {
  const share = draw.below(100);
  if (share < 60) return 'code';
  if (share < 75) return 'membership code';
  if (share < 90) return 'payment code';
  return share < 97 ? 'affiliate code' : 'username';
}

/** A time of the waking day, to `lastDay` of a month; in January not before the 4th. */
export function onSomeDay(draw: Draw, month: number, lastDay: number): Instant {
  return onDay(draw, month, draw.between(month === 1 ? 4 : 1, lastDay));
}

export function onDay(draw: Draw, month: number, day: number): Instant {
  return newYork(month, day, draw.between(7, 22), draw.below(60), draw.below(60));
}

const isAbove = ({ offer, outcome, currency }: StoryPayment): boolean =>
  offer.amountMinor > 0n && outcome !== 'failed' && currency === undefined;
const isPaidInOctober = (payment: StoryPayment): boolean =>
  isAbove(payment) && monthOf(payment.at) === october;
const conversionAt = ({ payments }: Story): Instant | undefined => payments.find(isAbove)?.at;

/** What the stories' payments come to in October, the initial ones and the recurring ones. */
export function octoberOf(stories: readonly Story[]): {
  readonly initial: bigint[];
  readonly recurring: bigint[];
} {
  const amounts = { initial: [] as bigint[], recurring: [] as bigint[] };
  for (const { payments, isUnknown } of stories) {
    if (isUnknown) continue;
    payments.filter(isAbove).forEach((payment, index) => {
      if (!isPaidInOctober(payment)) return;
      amounts[index === 0 ? 'initial' : 'recurring'].push(payment.offer.amountMinor);
    });
  }
  return amounts;
}
