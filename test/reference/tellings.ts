/**
 * How facts are told: each one to four times, in the fields that a wire generation carries, and not
 * always all of them.
 */
import type { Random } from './random.js';
import type { Telling } from './shapes.js';
import { toldOfReversal } from './tellings-reversals.js';
import type { TrueFact } from './world.js';

export type Generation = 'v2' | 'v5' | 'v1' | 'v1-pinned';

export const GENERATIONS: readonly Generation[] = ['v2', 'v5', 'v1', 'v1-pinned'];

export interface Told {
  readonly generation: Generation;
  readonly telling: Telling;
}

export const isLegacy = (generation: Generation) => generation === 'v2' || generation === 'v5';

/** The tellings of one fact: they agree, and none would be refused on its own. */
export function tellingsOf(fact: TrueFact, random: Random): Told[] {
  const times = random.pick([1, 1, 1, 2, 2, 3, 4]);
  // Now and then nobody ever names the person, only the membership.
  const anonymous = random.chance(7);
  return fact.statuses.flatMap((status) =>
    Array.from({ length: times }, (): Told => {
      const generation = random.pick(GENERATIONS);
      if (fact.takesBack !== undefined) {
        return {
          generation,
          telling: toldOfReversal(fact, fact.takesBack, generation, status, random),
        };
      }
      return {
        generation,
        telling: {
          kind: fact.kind,
          id: fact.id,
          status,
          ...person(fact, generation, anonymous, random),
          ...timesOf(fact, generation, status, random),
          ...money(fact, generation, random),
          ...claim(fact, generation, random),
        },
      };
    }),
  );
}

/** A telling names the creator and the person, or a membership by which they can be found. */
function person(
  fact: TrueFact,
  generation: Generation,
  anonymous: boolean,
  random: Random,
): Partial<Telling> {
  const hasMembership = fact.membershipId !== undefined;
  const silent = hasMembership && (anonymous || random.chance(15));
  const tellsMembership = hasMembership && (silent || random.chance(85));
  const tellsCreator = !(tellsMembership && isLegacy(generation) && random.chance(20));
  const tellsUsername = generation !== 'v5' && fact.username !== undefined && random.chance(75);
  return {
    ...(tellsCreator ? { creatorId: fact.creatorId } : {}),
    ...(silent ? {} : { userId: fact.userId }),
    ...(fact.kind === 'payment' && tellsMembership ? { membershipId: fact.membershipId } : {}),
    ...(!silent && tellsUsername ? { username: noisy(fact.username ?? '', random) } : {}),
  };
}

/** Legacy generations tell whole seconds and know no joined_at; a failed payment was not paid. */
function timesOf(
  fact: TrueFact,
  generation: Generation,
  status: Telling['status'],
  random: Random,
): Partial<Telling> {
  const wire = (ms: number) => (isLegacy(generation) ? Math.floor(ms / 1000) * 1000 : ms);
  const createdAtMs = wire(fact.createdAtMs);
  if (fact.kind === 'payment') {
    return status === 'failed' ? { createdAtMs } : { createdAtMs, paidAtMs: wire(fact.atMs) };
  }
  const tellsJoined = fact.joined && !isLegacy(generation) && random.chance(80);
  return { createdAtMs, ...(tellsJoined ? { joinedAtMs: wire(fact.atMs) } : {}) };
}

/** v5 may leave the currency out: never so that the amount alone would make no sense. */
function money(fact: TrueFact, generation: Generation, random: Random): Partial<Telling> {
  if (fact.amount === undefined || fact.currency === undefined) return {};
  const silent = generation === 'v5' && fact.fitsDefault && random.chance(50);
  return { amount: fact.amount, ...(silent ? {} : { currency: fact.currency }) };
}

/** Each word of a claim is told by the generations that have a place for it, most of the time. */
function claim(fact: TrueFact, generation: Generation, random: Random): Partial<Telling> {
  const says = (word: string | undefined): word is string =>
    word !== undefined && random.chance(70);
  const { metadataCode, affiliateCode, affiliateUsername } = fact.words;
  const ofMembership = generation === 'v2' && fact.kind === 'payment';
  const field = ofMembership ? 'membershipMetadataCode' : 'metadataCode';
  return {
    ...(says(metadataCode) ? { [field]: noisy(metadataCode, random) } : {}),
    ...(!isLegacy(generation) && says(affiliateCode)
      ? { affiliateCode: noisy(affiliateCode, random) }
      : {}),
    ...(isLegacy(generation) && says(affiliateUsername)
      ? { affiliateUsername: noisy(affiliateUsername, random) }
      : {}),
  };
}

/** Codes and usernames compare without case and surrounding space. */
function noisy(word: string, random: Random): string {
  return random.pick([word, word, word.toLowerCase(), word.toUpperCase(), ` ${word} `]);
}
