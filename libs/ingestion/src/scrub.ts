/**
 * What is left of a delivery that is not decided yet when a person whom it tells of is erased. Their
 * words go at once; what money needs of it stays, or a payment that waits for its person would be
 * lost: ids, amounts, times and states as they were told, and usernames and codes as the keyed hashes
 * that the log would have kept of them. Once it is decided, the rest goes too (forget.ts).
 *
 * A delivery that was understood is kept as its telling, exactly. One that was not is kept as what of
 * its body is known to hold no words (operating/masking.ts), beside its username and claims, so that a
 * later release may still read it; and one whose bytes two readers could read differently is not kept
 * at all: nothing could ever come of it.
 */
import type { Instant } from '#libs/ledger';
import type { Keys } from './keys.js';
import { MASK, masked } from './operating/masking.js';
import type { ClaimWords, Person, Provider, Telling, ToldWords, Translation } from './provider.js';
import { readBody } from './providers/whop/body.js';
import type { ErasedPerson } from './subjects.js';
import type { Delivery } from './verdict.js';

type Scrubbed =
  | { readonly type: string; readonly telling: Telling }
  | { readonly body: unknown; readonly words?: ToldWords };

export interface Scrubbing {
  /** Undefined: whoever sent it is not known any more, or its reading is what failed. */
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

export interface Left {
  /** Undefined: nothing of it is kept. */
  readonly body: Buffer | undefined;
  /** Key of the username that it told of an erased person. */
  readonly usernameKey?: string | undefined;
}

export function scrubbed(
  { body, receivedAt, isScrubbed }: Delivery,
  { provider, erased, keys }: Scrubbing,
): Left {
  const translation =
    provider &&
    (isScrubbed === true
      ? translateScrubbed(body, receivedAt, provider)
      : provider.translate(body, receivedAt));
  if (translation?.outcome !== 'telling')
    // It holds no words any more, whosever they were.
    return isScrubbed === true ? { body } : withoutText(body, { provider, erased, keys });
  const { type, telling } = translation;
  if (!('claims' in telling)) {
    const { person, usernameKey } = withoutWords({ ...telling, claims: {} }, erased, keys);
    return { body: asBody({ type, telling: { ...telling, person } }), usernameKey };
  }
  const { person, claims, usernameKey } = withoutWords(telling, erased, keys);
  return { body: asBody({ type, telling: { ...telling, person, claims } }), usernameKey };
}

const asBody = (kept: Scrubbed): Buffer => Buffer.from(JSON.stringify(kept, withoutMasks));

const WORDS =
  /^(name|username|email|customer_email|affiliate_username|affiliate_code|referral_code)$/;
/** A word that is gone is absent: its mask must never be read as one. */
const withoutMasks = (key: string, value: unknown): unknown =>
  WORDS.test(key) && (value === MASK.string || value === MASK.number) ? undefined : value;

/** As a provider's `translate`, of what is left. Never throws. */
export function translateScrubbed(
  body: Buffer,
  receivedAt: Instant,
  provider: Provider,
): Translation {
  const kept = JSON.parse(body.toString('utf8')) as Scrubbed;
  if ('telling' in kept) return { outcome: 'telling', type: kept.type, telling: kept.telling };
  const translation = provider.translate(Buffer.from(JSON.stringify(kept.body)), receivedAt);
  if (translation.outcome !== 'telling' || kept.words === undefined) return translation;
  const { person, claims } = kept.words;
  const told = { ...translation.telling, person: { ...translation.telling.person, ...person } };
  return { ...translation, telling: 'claims' in told ? { ...told, claims } : told };
}

function withoutText(body: Buffer, { provider, erased, keys }: Scrubbing): Left {
  const { json, problem } = readBody(body);
  if (json === undefined || problem !== undefined) return { body: undefined };
  const told = provider?.wordsIn(body);
  if (told === undefined) return { body: asBody({ body: masked(json) }) };
  const { person, claims, usernameKey } = withoutWords(told, erased, keys);
  const { username, usernameKey: keyed } = person;
  const words = { person: { username, usernameKey: keyed } as Person, claims };
  return { body: asBody({ body: masked(json), words }), usernameKey };
}

/**
 * Keyed hashes are of one community. Where nobody knows whose a telling is, its usernames and claims stay
 * as they were told, or they would count for nothing in the community that it turns out to be of.
 */
function withoutWords(
  { person, claims }: ToldWords,
  erased: Erased,
  keys: Keys,
): ToldWords & Pick<Left, 'usernameKey'> {
  const creatorId = person.creatorId ?? erased.creatorOf(person);
  const isTheirs = erased.isOf(person, creatorId);
  const told = isTheirs ? withoutOwnWords(person, creatorId, keys) : person;
  const named: ClaimWords =
    creatorId === undefined ? claims : { keyed: keys.claims(creatorId, claims) };
  return {
    person: told,
    claims: named,
    ...(isTheirs ? { usernameKey: told.usernameKey } : {}),
  };
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
  if (email !== undefined && person.emails.includes(email.toLowerCase())) return true;
  const username = keys.ofPerson(creatorId, told);
  return username !== undefined && person.usernameKeys.includes(username);
}
