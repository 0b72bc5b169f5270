/**
 * Facts of the reference model: all tellings of one business id merged, each given its person.
 */
import type { Kind, Telling } from './shapes.js';

/** All tellings of one business id, merged. */
export interface Fact {
  readonly kind: Kind;
  readonly id: string;
  readonly succeeded: boolean;
  readonly creatorId: string | undefined;
  readonly userId: string | undefined;
  readonly membershipId: string | undefined;
  /** `paidAt` of a payment; `joinedAt`, else `createdAt`, of a membership. Unix seconds. */
  readonly at: number | undefined;
  readonly amount: string | undefined;
  readonly currency: string | undefined;
  readonly metadataCodes: readonly string[];
  readonly affiliateCodes: readonly string[];
  readonly affiliateUsernames: readonly string[];
  readonly usernames: readonly string[];
}

/** Thrown when two tellings of one fact contradict each other: the model takes none that do. */
export class ContradictionError extends Error {}

export function mergedFacts(tellings: readonly Telling[]): Fact[] {
  const ids = distinct(tellings.map((telling) => telling.id));
  return ids.map((id) => mergedFact(tellings.filter((telling) => telling.id === id)));
}

function mergedFact(tellings: readonly Telling[]): Fact {
  const kind = theOne('kind', tellings, (telling) => telling.kind) ?? 'payment';
  const id = theOne('id', tellings, (telling) => telling.id) ?? '';
  const time = (name: 'paidAtMs' | 'joinedAtMs' | 'createdAtMs') =>
    theOne(name, tellings, (telling) => floorToSeconds(telling[name]));
  return {
    kind,
    id,
    succeeded: tellings.some((telling) => telling.status === 'succeeded'),
    creatorId: theOne('creator', tellings, (telling) => telling.creatorId),
    userId: theOne('person', tellings, (telling) => telling.userId),
    membershipId:
      kind === 'membership'
        ? id
        : theOne('membership', tellings, (telling) => telling.membershipId),
    at: kind === 'payment' ? time('paidAtMs') : (time('joinedAtMs') ?? time('createdAtMs')),
    amount: theOne('amount', tellings, (telling) => plainDecimal(telling.amount)),
    currency: theOne('currency', tellings, (telling) => telling.currency?.toLowerCase()),
    // Choice: the fact's own metadata is asked before the membership's. Should two tellings name
    // different words of one kind (no contradiction by the rules), they are asked in byte order,
    // because the order of arrival must not matter.
    metadataCodes: [
      ...words(tellings.map((telling) => telling.metadataCode)).map(asCode),
      ...words(tellings.map((telling) => telling.membershipMetadataCode)).map(asCode),
    ],
    affiliateCodes: words(tellings.map((telling) => telling.affiliateCode)),
    affiliateUsernames: words(tellings.map((telling) => telling.affiliateUsername)),
    usernames: words(tellings.map((telling) => telling.username)).map(asUsername),
  };
}

/** The one value that all tellings naming it agree on. */
export function theOne<T>(
  what: string,
  tellings: readonly Telling[],
  toldBy: (telling: Telling) => T | undefined,
): T | undefined {
  const values = distinct(tellings.map(toldBy).filter((value) => value !== undefined));
  if (values.length > 1) {
    throw new ContradictionError(`${tellings[0]?.id}: ${what} is told as ${values.join(' and ')}`);
  }
  return values[0];
}

/**
 * Gives each fact that names only a membership the person whom the membership belongs to: the one
 * that any fact naming the membership names, failed payments included.
 */
export function withPersons(facts: readonly Fact[]): Fact[] {
  return facts.map((fact) => {
    const same = facts.filter(
      (other) => fact.membershipId !== undefined && other.membershipId === fact.membershipId,
    );
    const creatorId = fact.creatorId ?? same.find((one) => one.creatorId)?.creatorId;
    const userId = fact.userId ?? same.find((one) => one.userId)?.userId;
    return { ...fact, creatorId, userId };
  });
}

export function isOfKnownPerson(fact: Fact): boolean {
  return fact.creatorId !== undefined && fact.userId !== undefined;
}

export function byTimeAndId(
  a: { readonly at: number | undefined; readonly id: string },
  b: { readonly at: number | undefined; readonly id: string },
): number {
  return (a.at ?? 0) - (b.at ?? 0) || bytewise(a.id, b.id);
}

export function bytewise(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a, 'utf8'), Buffer.from(b, 'utf8'));
}

export function distinct<T>(values: readonly T[]): T[] {
  return values.filter((value, index) => values.indexOf(value) === index);
}

function words(told: readonly (string | undefined)[]): string[] {
  const named = told.map((word) => word?.trim() ?? '').filter((word) => word !== '');
  return distinct(named).sort(bytewise);
}

export function asCode(word: string): string {
  return word.trim().toUpperCase();
}

export function asUsername(word: string): string {
  return word.trim().toLowerCase();
}

export function floorToSeconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : Math.floor(ms / 1000);
}

/** "10.50" and "10.5" tell the same amount. */
export function plainDecimal(amount: string | undefined): string | undefined {
  return amount?.includes('.') ? amount.replace(/\.?0+$/, '') : amount;
}
