/** What the docs need to link to the planted cases; the same for every scale and seed. */
import { deliveryOf } from './deliveries.js';
import { planted } from './planted.js';
import { factsOf, paymentIdOf } from './story.js';

export interface PlantedCase {
  readonly id: string;
  /** What happened, and what must come of it. */
  readonly what: string;
  readonly userId: string;
  readonly membershipId: string;
  readonly name: string;
  readonly referrerId: string | null;
  readonly paymentIds: readonly string[];
  /** In the order in which they are sent; a delivery that comes twice is named twice. */
  readonly deliveryIds: readonly string[];
}

/** The planted cases, each with the ids under which the ledger knows it. */
export const plantedCases: readonly PlantedCase[] = planted.map(({ id, what, story }) => {
  const { person, referrer, payments } = story;
  // Any seed will do: it moves when an ordinary delivery arrives, not what a planted one is called.
  const facts = factsOf(0, story).sort((a, b) => a.arrivesAt - b.arrivesAt);
  return {
    id,
    what,
    userId: person.userId,
    membershipId: person.membershipId,
    name: person.name,
    referrerId: referrer?.userId ?? null,
    paymentIds: payments.map((_, index) => paymentIdOf(person, index)),
    deliveryIds: facts.map((fact) => deliveryOf(fact).deliveryId),
  };
});
