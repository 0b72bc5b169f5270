/**
 * How refunds and disputes are told: not every delivery repeats the payment, the person, the
 * currency or the time, and only pinned ones know the original amount.
 */
import type { Random } from './random.js';
import type { Status, Telling } from './shapes.js';
import type { TakesBack, TrueFact } from './world.js';

export function toldOfReversal(
  fact: TrueFact,
  { paymentId, original, visaRdr }: TakesBack,
  generation: string,
  status: Status,
  random: Random,
): Telling {
  const legacy = generation === 'v2' || generation === 'v5';
  const tellsCurrency = !(legacy && random.chance(25));
  const tellsOriginal = original !== undefined && generation === 'v1-pinned';
  return {
    kind: fact.kind,
    id: fact.id,
    status,
    ...(random.chance(90) ? { paymentId } : {}),
    ...(random.chance(70) ? { creatorId: fact.creatorId } : {}),
    ...(random.chance(60) ? { userId: fact.userId } : {}),
    ...(fact.amount === undefined ? {} : { amount: fact.amount }),
    ...(tellsCurrency && fact.currency !== undefined ? { currency: fact.currency } : {}),
    ...(tellsOriginal ? { original } : {}),
    ...(visaRdr && random.chance(70) ? { visaRdr } : {}),
    ...timeOf(fact, legacy, random),
  };
}

/** `created_at`; where the fact has none, the time at which the envelope was written. */
function timeOf(fact: TrueFact, legacy: boolean, random: Random): Partial<Telling> {
  if (legacy) return { createdAtMs: Math.floor(fact.createdAtMs / 1000) * 1000 };
  if (fact.joined && random.chance(85)) return { createdAtMs: fact.createdAtMs };
  return { toldAtMs: fact.createdAtMs + random.pick([0, 1, 3, 86_400]) * 1000 };
}
