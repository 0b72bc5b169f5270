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
  { provider, person, keys }: Scrubbing,
): Buffer | undefined {
  const translation =
    provider &&
    (isScrubbed === true
      ? translateScrubbed(body, receivedAt, provider)
      : provider.translate(body, receivedAt));
  if (translation?.outcome === 'telling') {
    const { type, telling } = translation;
    return asBody({ type, telling: withoutWords(telling, person, keys) });
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
  readonly person: ErasedPerson;
  readonly keys: Keys;
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

function withoutWords(telling: Telling, person: ErasedPerson, keys: Keys): Telling {
  const creatorId = telling.person.creatorId ?? person.creatorId;
  const told = isOf(telling.person, creatorId, person, keys)
    ? withoutOwnWords(telling.person, creatorId, keys)
    : telling.person;
  if (!('claims' in telling)) return { ...telling, person: told };
  return { ...telling, person: told, claims: { keyed: keys.claims(creatorId, telling.claims) } };
}

/** Words of somebody else, who only named them, are not ours to take. */
function isOf(told: Person, creatorId: string, person: ErasedPerson, keys: Keys): boolean {
  if (told.userId !== undefined) return told.userId === person.memberId;
  const { membershipId, email } = told;
  if (membershipId !== undefined && person.membershipIds.includes(membershipId)) return true;
  if (email !== undefined && email.toLowerCase() === person.email?.toLowerCase()) return true;
  const username = keys.ofPerson(creatorId, told);
  return username !== undefined && person.usernameKeys.includes(username);
}

function withoutOwnWords(told: Person, creatorId: string, keys: Keys): Person {
  const { name: _name, username: _username, email: _email, ...ids } = told;
  const usernameKey = keys.ofPerson(creatorId, told);
  return usernameKey === undefined ? ids : { ...ids, usernameKey };
}
