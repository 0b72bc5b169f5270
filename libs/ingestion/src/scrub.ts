/**
 * What is left of a delivery that is not decided yet when a person whom it tells of is erased. Their
 * words go at once; what money needs of it stays, or a payment that waits for its person would be
 * lost: ids, amounts, times and states as they were told, and usernames and codes as the keyed hashes
 * that the log would have kept of them. Once it is decided, the rest goes too (settle-batch.ts).
 *
 * A delivery that was understood is kept as its telling, exactly. One that was not is kept as what of
 * its body is known to hold no words (operating/masking.ts), so that a later release may still read
 * it; and one whose bytes two readers could read differently is not kept at all: nothing could ever
 * come of it.
 */
import type { Instant } from '#libs/ledger';
import type { Keys } from './keys.js';
import { MASK, masked } from './operating/masking.js';
import type { Person, Provider, Telling, Translation } from './provider.js';
import { readBody } from './providers/whop/body.js';
import type { ErasedPerson } from './subjects.js';
import type { Delivery } from './verdict.js';

type Scrubbed = { readonly type: string; readonly telling: Telling } | { readonly body: unknown };

/** Undefined: nothing of it is kept. */
export function scrubbed(
  { body, receivedAt, isScrubbed }: Delivery,
  { provider, erased, keys }: Scrubbing,
): Buffer | undefined {
  const translation =
    provider &&
    (isScrubbed === true
      ? translateScrubbed(body, receivedAt, provider)
      : provider.translate(body, receivedAt));
  if (translation?.outcome === 'telling') {
    const { type, telling } = translation;
    return asBody({ type, telling: withoutWords(telling, erased, keys) });
  }
  // It holds no words any more, whosever they were.
  return isScrubbed === true ? body : withoutText(body);
}

const asBody = (kept: Scrubbed): Buffer => Buffer.from(JSON.stringify(kept, withoutMasks));

const WORDS =
  /^(name|username|email|customer_email|affiliate_username|affiliate_code|referral_code)$/;
/** A word that is gone is absent: its mask must never be read as one. */
const withoutMasks = (key: string, value: unknown): unknown =>
  WORDS.test(key) && (value === MASK.string || value === MASK.number) ? undefined : value;

export interface Scrubbing {
  readonly provider: Provider | undefined;
  readonly erased: Erased;
  readonly keys: Keys;
}

/** Those who were erased. Words of somebody else, who only named them, are not ours to take. */
export interface Erased {
  /** Whose community the person of a telling is of that does not say it, where somebody knows. */
  creatorOf(told: Person): string | undefined;
  /** Whether the person of a telling is one of them. */
  isOf(told: Person, creatorId: string | undefined): boolean;
}

/** As a provider's `translate`, of what is left. Never throws. */
export function translateScrubbed(
  body: Buffer,
  receivedAt: Instant,
  provider: Provider,
): Translation {
  const kept = JSON.parse(body.toString('utf8')) as Scrubbed;
  if ('telling' in kept) return { outcome: 'telling', type: kept.type, telling: kept.telling };
  return provider.translate(Buffer.from(JSON.stringify(kept.body)), receivedAt);
}

/** Of the erased person, in what is left; undefined: it told none. */
export function usernameKeyIn(left: Buffer): string | undefined {
  const kept = JSON.parse(left.toString('utf8')) as Scrubbed;
  return 'telling' in kept ? kept.telling.person.usernameKey : undefined;
}

function withoutText(body: Buffer): Buffer | undefined {
  const { json, problem } = readBody(body);
  return json === undefined || problem !== undefined ? undefined : asBody({ body: masked(json) });
}

/**
 * Keyed hashes are of one community. Where nobody knows whose a telling is, its usernames and claims stay
 * as they were told, or they would count for nothing in the community that it turns out to be of.
 */
function withoutWords(telling: Telling, erased: Erased, keys: Keys): Telling {
  const creatorId = telling.person.creatorId ?? erased.creatorOf(telling.person);
  const told = erased.isOf(telling.person, creatorId)
    ? withoutOwnWords(telling.person, creatorId, keys)
    : telling.person;
  if (!('claims' in telling) || creatorId === undefined) return { ...telling, person: told };
  return { ...telling, person: told, claims: { keyed: keys.claims(creatorId, telling.claims) } };
}

function withoutOwnWords(
  { name: _name, email: _email, ...told }: Person,
  creatorId: string | undefined,
  keys: Keys,
): Person {
  if (creatorId === undefined) return told;
  const { username: _username, ...ids } = told;
  const usernameKey = keys.ofPerson(creatorId, told);
  return usernameKey === undefined ? ids : { ...ids, usernameKey };
}

/** One person, by every name that they are known by. */
export const erasedPerson = (person: ErasedPerson, keys: Keys): Erased => ({
  creatorOf: ({ membershipId }) =>
    membershipId !== undefined && person.membershipIds.includes(membershipId)
      ? person.creatorId
      : undefined,
  isOf: (told, creatorId = person.creatorId) => isOf(told, creatorId, person, keys),
});

function isOf(told: Person, creatorId: string, person: ErasedPerson, keys: Keys): boolean {
  if (told.userId !== undefined) return told.userId === person.memberId;
  const { membershipId, email } = told;
  if (membershipId !== undefined && person.membershipIds.includes(membershipId)) return true;
  if (email !== undefined && email.toLowerCase() === person.email?.toLowerCase()) return true;
  const username = keys.ofPerson(creatorId, told);
  return username !== undefined && person.usernameKeys.includes(username);
}
