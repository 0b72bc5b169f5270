/**
 * A member's story: what happened to one person, before anything is said about how it is told.
 * `factsOf` turns a story into the facts that are delivered, each with delivery and arrival.
 */
import type { WhopGeneration } from '#libs/ingestion';
import type { Instant } from '#libs/ledger';
import { drawOf, idOf } from './draw.js';
import type { Offer } from './offers.js';
import type { DemoPerson } from './people.js';

/** How a story names its referrer: in metadata, as the checkout's affiliate, or by username. */
export type Via = 'code' | 'membership code' | 'payment code' | 'affiliate code' | 'username';

export interface Story {
  readonly person: DemoPerson;
  readonly signUpAt: Instant;
  /** Null: nobody is named, the member is organic. */
  readonly referrer: DemoPerson | null;
  readonly via?: Via;
  /** A code that belongs to nobody, told in place of a referrer's. */
  readonly unknownCode?: string;
  readonly membershipArrivesAt?: Instant;
  readonly membershipGeneration?: WhopGeneration;
  /** In order of time; at most `maxPayments`. */
  readonly payments: readonly StoryPayment[];
  readonly endsAt?: Instant;
  /** No delivery says who this is: the membership is never told of. */
  readonly isUnknown?: true;
}

export interface StoryPayment {
  readonly at: Instant;
  readonly offer: Offer;
  readonly arrivesAt?: Instant;
  readonly generation?: WhopGeneration;
  /** `failed`: it never succeeds. `failed first`: it is told as failed, and later as succeeded. */
  readonly outcome?: 'failed' | 'failed first';
  /** `xx1` and the like make no sense; the demo is in US dollars. */
  readonly currency?: string;
  /** The same bytes come again; `and another`: a second endpoint tells it in another generation. */
  readonly repeated?: 'same delivery' | 'and another';
  /** A second endpoint tells another amount. */
  readonly contradictedMinor?: bigint;
  /** It names its membership and not its person. */
  readonly isNameless?: true;
  /** It names no referrer, although others of the story do. */
  readonly isSilent?: true;
  readonly reversals?: readonly StoryReversal[];
}

/** A refund or dispute, and the states in which it is told, in order of time. */
export interface StoryReversal {
  readonly kind: 'refund' | 'dispute';
  readonly at: Instant;
  readonly amountMinor: bigint;
  readonly states: readonly (readonly [status: string, arrivesAt: Instant])[];
}

/** Payment ids are numbered within their member. */
export const maxPayments = 48;
const slots = 64;
const deactivatedSlot = 63;
const activatedSlot = 62;
/** One for each refund or dispute of the member; at most four states each. */
const firstReversalSlot = 50;

export const paymentIdOf = (person: DemoPerson, index: number): string =>
  idOf('pay', person.number * slots + index);

/** One delivery's content; `render` in deliveries.ts spells it. */
export interface DemoFact {
  readonly what: 'activated' | 'deactivated' | 'succeeded' | 'failed' | 'reversed';
  readonly person: DemoPerson;
  readonly messageId: string;
  readonly generation: WhopGeneration;
  readonly arrivesAt: Instant;
  /** When the envelope was written, if not on arrival: a repeated delivery is the same bytes. */
  readonly sentAt?: Instant;
  /** The payment's paidAt (when it failed, its attempt), the membership's beginning or its end. */
  readonly at: Instant;
  readonly signUpAt: Instant;
  readonly referrer: DemoPerson | null;
  /** How this very fact names the referrer; absent: it does not. */
  readonly names?: 'code' | 'affiliate code' | 'username';
  readonly unknownCode?: string;
  readonly payment?: FactPayment;
  readonly isNameless?: true;
  readonly reversal?: FactReversal;
}

export interface FactReversal {
  readonly reversalId: string;
  readonly kind: 'refund' | 'dispute';
  readonly event: 'created' | 'updated';
  readonly status: string;
  readonly amountMinor: bigint;
}

export interface FactPayment {
  readonly paymentId: string;
  readonly amountMinor: bigint;
  readonly currency: string;
  /** When it was first tried. */
  readonly createdAt: Instant;
  readonly billingReason: 'subscription_create' | 'subscription_cycle';
}

/** Every delivery of a story, not in order. Ids are the story's own; spellings follow the seed. */
export function factsOf(seed: number, story: Story): DemoFact[] {
  const { person, signUpAt, referrer } = story;
  if (story.payments.length > maxPayments) throw new Error(`${person.userId} pays too often`);
  const draw = drawOf(seed, 'told', person.number);
  const generationOf = (): WhopGeneration => {
    const share = draw.below(100);
    return share < 72 ? 'v1' : share < 84 ? 'v1-pinned' : share < 94 ? 'v5' : 'v2';
  };
  const base = { person, signUpAt, referrer };
  const messageId = (slot: number, telling = 0): string =>
    idOf('msg', (person.number * slots + slot) * 4 + telling);

  // The first telling carries the person's name: v5 has none.
  const named = story.via === 'username' ? 'v2' : draw.chance(80) ? 'v1' : 'v1-pinned';
  const activated: DemoFact[] = [
    {
      ...base,
      what: 'activated',
      messageId: messageId(activatedSlot),
      generation: story.membershipGeneration ?? named,
      at: signUpAt,
      arrivesAt: story.membershipArrivesAt ?? signUpAt + draw.between(1, 6),
      ...namesIn(story, 'membership'),
    },
  ];
  const facts = story.isUnknown ? [] : activated;
  let reversals = 0;
  story.payments.forEach((payment, index) => {
    const fact: DemoFact = {
      ...base,
      what: payment.outcome === 'failed' ? 'failed' : 'succeeded',
      messageId: messageId(index),
      generation: payment.generation ?? generationOf(),
      at: payment.at,
      arrivesAt: payment.arrivesAt ?? payment.at + draw.between(2, 9),
      ...(payment.isSilent ? {} : namesIn(story, 'payment')),
      ...(payment.isNameless && { isNameless: true }),
      payment: {
        paymentId: paymentIdOf(person, index),
        amountMinor: payment.offer.amountMinor,
        currency: payment.currency ?? 'usd',
        createdAt: createdAtOf(payment),
        billingReason: index === 0 ? 'subscription_create' : 'subscription_cycle',
      },
    };
    facts.push(fact, ...moreTellings(fact, payment, (telling) => messageId(index, telling)));
    for (const reversal of payment.reversals ?? []) {
      const slot = firstReversalSlot + reversals++;
      facts.push(...reversalFacts(fact, reversal, slot, (state) => messageId(slot, state)));
    }
  });
  if (story.endsAt !== undefined) {
    facts.push({
      ...base,
      what: 'deactivated',
      messageId: messageId(deactivatedSlot),
      generation: draw.chance(85) ? 'v1' : 'v1-pinned',
      at: story.endsAt,
      arrivesAt: story.endsAt + draw.between(1, 6),
    });
  }
  return facts;
}

/** What else tells the payment: an attempt that failed, a repetition, a second endpoint. */
function moreTellings(
  fact: DemoFact,
  payment: StoryPayment,
  messageId: (telling: number) => string,
): DemoFact[] {
  const more: DemoFact[] = [];
  if (payment.outcome === 'failed first') {
    const at = createdAtOf(payment);
    more.push({ ...fact, what: 'failed', messageId: messageId(1), at, arrivesAt: at + 3 });
  }
  if (payment.repeated !== undefined) {
    more.push({ ...fact, arrivesAt: fact.arrivesAt + 30, sentAt: fact.arrivesAt });
  }
  if (payment.repeated === 'and another') {
    const arrivesAt = fact.arrivesAt + 61;
    more.push({ ...fact, messageId: messageId(2), generation: 'v1-pinned', arrivesAt });
  }
  if (payment.contradictedMinor !== undefined && fact.payment !== undefined) {
    const other = { ...fact.payment, amountMinor: payment.contradictedMinor };
    const arrivesAt = fact.arrivesAt + 61;
    more.push({ ...fact, messageId: messageId(3), arrivesAt, payment: other });
  }
  return more;
}

/** One delivery for each state; the first creates it. */
function reversalFacts(
  fact: DemoFact,
  { kind, at, amountMinor, states }: StoryReversal,
  slot: number,
  messageId: (state: number) => string,
): DemoFact[] {
  const { person, signUpAt, payment } = fact;
  const prefix = kind === 'refund' ? 'rf' : 'dspt';
  const reversalId = idOf(prefix, person.number * slots + slot);
  return states.map(([status, arrivesAt], state) => ({
    what: 'reversed',
    person,
    signUpAt,
    referrer: null,
    generation: 'v1',
    messageId: messageId(state),
    at,
    arrivesAt,
    ...(payment && { payment }),
    reversal: {
      reversalId,
      kind,
      event: state === 0 ? 'created' : 'updated',
      status,
      amountMinor,
    },
  }));
}

/** A payment that failed at first was tried 25 minutes before it succeeded. */
function createdAtOf(payment: StoryPayment): Instant {
  return payment.at - (payment.outcome === 'failed first' ? 1_500 : 0);
}

function namesIn(
  story: Story,
  where: 'membership' | 'payment',
): Pick<DemoFact, 'names' | 'unknownCode'> {
  if (story.unknownCode !== undefined) return { unknownCode: story.unknownCode };
  if (story.referrer === null) return {};
  switch (story.via ?? 'code') {
    case 'code':
      return { names: 'code' };
    case 'membership code':
      return where === 'membership' ? { names: 'code' } : {};
    case 'payment code':
      return where === 'payment' ? { names: 'code' } : {};
    case 'affiliate code':
      return { names: 'affiliate code' };
    case 'username':
      return where === 'membership' ? { names: 'username' } : {};
  }
}
