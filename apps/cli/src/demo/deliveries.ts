/**
 * The demo's webhook deliveries: stories become facts, facts come in the order of their arrival,
 * and each is spelled in its wire generation. The same scale and seed give the same bytes; what
 * sends them signs them.
 */
import {
  type Rendered,
  renderMembership,
  renderPayment,
  renderReversal,
  signRendered,
} from '#libs/ingestion';
import { drawCode, exponentOf, isCurrency } from '#libs/ledger';
import { dayNumberOf } from './calendar.js';
import { communityOf } from './community.js';
import { fullCrowd, hundredThousandCrowd } from './crowd.js';
import type { DemoPerson } from './people.js';
import { demoSettings } from './settings.js';
import { type DemoFact, factsOf, type Story } from './story.js';

export type DemoScale = 'small' | 'full' | '100k';
export const demoScales: readonly DemoScale[] = ['small', 'full', '100k'];
export const demoSeed = 1;

/** Rendered and not yet signed: `signRendered` makes it a request. */
export interface DemoDelivery extends Rendered {
  /** As the receiver will call it: `msg_…`, or the hash of the bytes for the legacy generations. */
  readonly deliveryId: string;
}

/**
 * Every delivery of the demo in sending order. Lazy: a scale of any size is held in memory only as
 * far as its members' payments are still to come.
 */
export function* demoDeliveries(scale: DemoScale, seed = demoSeed): Generator<DemoDelivery> {
  for (const fact of demoFacts(scale, seed)) yield deliveryOf(fact);
}

/** The facts behind the deliveries, one each, in the same order. */
export function* demoFacts(scale: DemoScale, seed = demoSeed): Generator<DemoFact> {
  yield* inArrivalOrder(seed, demoStories(scale, seed));
}

/** The members' stories behind the facts, by time of sign-up; for `100k` drawn one at a time. */
export function demoStories(scale: DemoScale, seed = demoSeed): Iterable<Story> {
  const community = communityOf(seed);
  switch (scale) {
    case 'small':
      return community;
    case 'full':
      return merged(community, fullCrowd(seed, community));
    case '100k':
      return merged(community, hundredThousandCrowd(seed, community));
  }
}

/** Two series of stories, each by time of sign-up, as one. */
function* merged(stories: readonly Story[], others: Iterable<Story>): Generator<Story> {
  let at = 0;
  for (const other of others) {
    for (let story = stories[at]; story && story.signUpAt <= other.signUpAt; story = stories[at]) {
      yield story;
      at++;
    }
    yield other;
  }
  yield* stories.slice(at);
}

/** Facts are kept by the day of their arrival until no story can add to that day any more. */
function* inArrivalOrder(seed: number, stories: Iterable<Story>): Generator<DemoFact> {
  const days = new Map<number, DemoFact[]>();
  let day = dayNumberOf(demoSettings.opensAt);
  const arrived = (to: number): DemoFact[] => {
    const facts: DemoFact[] = [];
    for (; day < to; day++) {
      facts.push(...(days.get(day) ?? []).sort((a, b) => a.arrivesAt - b.arrivesAt));
      days.delete(day);
    }
    return facts;
  };
  for (const story of stories) {
    yield* arrived(dayNumberOf(story.signUpAt));
    for (const fact of factsOf(seed, story)) {
      const key = dayNumberOf(fact.arrivesAt);
      const facts = days.get(key);
      if (facts === undefined) days.set(key, [fact]);
      else facts.push(fact);
    }
  }
  yield* arrived(dayNumberOf(demoSettings.frozenAt) + 1);
}

/** A fact as its delivery. */
export function deliveryOf(fact: DemoFact): DemoDelivery {
  const rendered = render(fact);
  // The id is that of the message or of the bytes: no secret and no time is in it.
  const { deliveryId } = signRendered(rendered, { secret: 'none', timestamp: 0 });
  return { ...rendered, deliveryId };
}

function render(fact: DemoFact): Rendered {
  const { person, generation, messageId, arrivesAt, payment, reversal } = fact;
  const common = {
    creatorId: demoSettings.creatorId,
    membershipId: person.membershipId,
    ...(fact.isNameless ? {} : userOf(person)),
    messageId,
    sentAt: fact.sentAt ?? arrivesAt,
    ...claimOf(fact),
  };
  if (payment !== undefined && reversal !== undefined) {
    const { amountMinor, ...told } = reversal;
    const { paymentId, currency } = payment;
    const amount = majorUnits(amountMinor, currency);
    return renderReversal(generation, {
      ...common,
      ...told,
      paymentId,
      currency,
      amount,
      createdAt: fact.at,
    });
  }
  if (payment !== undefined) {
    const status = fact.what === 'failed' ? 'failed' : 'succeeded';
    return renderPayment(generation, {
      ...common,
      paymentId: payment.paymentId,
      status,
      amount: majorUnits(payment.amountMinor, payment.currency),
      currency: payment.currency,
      paidAt: status === 'failed' ? null : fact.at,
      createdAt: payment.createdAt,
      billingReason: payment.billingReason,
    });
  }
  return renderMembership(generation, {
    ...common,
    status: fact.what === 'deactivated' ? 'deactivated' : 'activated',
    joinedAt: fact.signUpAt,
    createdAt: fact.signUpAt,
  });
}

const userOf = ({ userId, name, username, email }: DemoPerson) => ({
  userId,
  name,
  username,
  email,
});

function claimOf({ names, referrer, unknownCode }: DemoFact): {
  readonly referralCode?: string;
  readonly affiliateCode?: string;
  readonly affiliateUsername?: string;
} {
  if (unknownCode !== undefined) return { referralCode: unknownCode };
  if (referrer === null || names === undefined) return {};
  if (names === 'username') return { affiliateUsername: referrer.username };
  const code = drawCode(demoSettings.creatorId, referrer.userId, 0);
  return names === 'code' ? { referralCode: code } : { affiliateCode: code };
}

/** Cents as dollars: 4999n is "49.99"; yen have no smaller unit. */
function majorUnits(amountMinor: bigint, currency: string): string {
  const decimals = isCurrency(currency) ? exponentOf(currency) : 2;
  const unit = 10n ** BigInt(decimals);
  const whole = String(amountMinor / unit);
  return decimals === 0 ? whole : `${whole}.${String(amountMinor % unit).padStart(decimals, '0')}`;
}
