/**
 * Whom a delivery tells of, as marks (libs/vault): so that everything of a person is found at once when
 * they are erased, and what is told of them later is kept no longer than it takes to decide it. Told
 * of are the person whose fact it is and whoever is named as a referrer.
 *
 * A person is somebody in one creator's community. Where a delivery does not say whose, its marks say
 * so: `user:.user_a`.
 */
import type { Owner } from '#libs/ledger';
import type { Keys } from './keys.js';
import type { Person, Telling } from './provider.js';
import { readBody } from './providers/whop/body.js';

/** A body that names more creators than that has to be read. */
const MAX_CREATORS = 8;

const userIn = (creatorId: string | undefined, userId: string): string =>
  `user:${creatorId ?? ''}.${userId}`;
const membershipIn = (creatorId: string | undefined, membershipId: string): string =>
  `membership:${creatorId ?? ''}.${membershipId}`;
const emailIn = (creatorId: string | undefined, email: string): string =>
  `email:${creatorId ?? ''}.${email.toLowerCase()}`;
const wordOf = (key: string): string => `word:${key}`;
/** A username whose community is not told. */
const bareWord = (username: string): string => `username:.${username}`;

const usernameIn = (keys: Keys, creatorId: string | undefined, username: string): string =>
  creatorId === undefined ? bareWord(username) : wordOf(keys.username(creatorId, username));

/** Of what was understood. `owner`: whose fact it turned out to be. */
export function subjectsOfTelling(
  telling: Telling,
  owner: Owner | undefined,
  keys: Keys,
): bigint[] {
  const { person } = telling;
  const creatorId = owner?.creatorId ?? person.creatorId;
  const subjects = new Set<string>();
  if (owner !== undefined) subjects.add(userIn(creatorId, owner.memberId));
  if (person.userId !== undefined) subjects.add(userIn(creatorId, person.userId));
  if (person.membershipId !== undefined) subjects.add(membershipIn(creatorId, person.membershipId));
  if (person.email !== undefined) subjects.add(emailIn(creatorId, person.email));
  for (const word of wordsOf(telling, person, creatorId, keys)) subjects.add(word);
  return marksOf(subjects, keys);
}

/** Of the person whose fact it is alone: by their id, or where it tells none by everything else. */
export function subjectsOfTold(
  person: Person,
  creatorId: string | undefined,
  keys: Keys,
): bigint[] {
  const { userId, membershipId, email, username, usernameKey } = person;
  if (userId !== undefined) return marksOf(new Set([userIn(creatorId, userId)]), keys);
  const subjects = new Set<string>();
  if (membershipId !== undefined) subjects.add(membershipIn(creatorId, membershipId));
  if (email !== undefined) subjects.add(emailIn(creatorId, email));
  if (usernameKey !== undefined) subjects.add(wordOf(usernameKey));
  if (username !== undefined) subjects.add(usernameIn(keys, creatorId, username));
  return marksOf(subjects, keys);
}

/** The person of a fact, and every other name that the fact has for them. */
export function namesOf(
  person: Person,
  { creatorId, memberId }: Owner,
  keys: Keys,
): { readonly whose: bigint; readonly name: bigint }[] {
  const whose = keys.marks.ofSubject(userIn(creatorId, memberId));
  const { userId: _userId, ...called } = person;
  return subjectsOfTold(called, creatorId, keys).map((name) => ({ whose, name }));
}

function wordsOf(
  telling: Telling,
  person: Person,
  creatorId: string | undefined,
  keys: Keys,
): string[] {
  const claims = 'claims' in telling ? telling.claims : {};
  if (creatorId === undefined) {
    const told = [person.username, claims.affiliateUsername, claims.affiliateCode?.toLowerCase()];
    return told.flatMap((word) => (word === undefined ? [] : [bareWord(word)]));
  }
  const own = keys.ofPerson(creatorId, person);
  const named = keys.claims(creatorId, claims).map(([, key]) => key);
  return [...(own === undefined ? [] : [own]), ...named]
    .filter((key) => key.startsWith('u:'))
    .map(wordOf);
}

/**
 * Of what was not: every id, username and address in it, wherever it stands, in each community that it
 * names. Undefined: two readers could read it differently, and it has to be read.
 */
export function subjectsOfBody(body: Buffer, keys: Keys): bigint[] | undefined {
  const { json, problem } = readBody(body);
  if (json === undefined || problem !== undefined) return undefined;
  const found: { kind: 'user' | 'membership' | 'username' | 'email'; value: string }[] = [];
  const creators = new Set<string>();
  eachText(json, '', 0, (key, text) => {
    if (ID_OF.creator.test(text)) creators.add(text);
    else if (ID_OF.user.test(text)) found.push({ kind: 'user', value: text });
    else if (ID_OF.membership.test(text)) found.push({ kind: 'membership', value: text });
    else if (USERNAME_KEY.test(key)) found.push({ kind: 'username', value: text.toLowerCase() });
    else if (EMAIL_KEY.test(key)) found.push({ kind: 'email', value: text });
  });
  if (creators.size > MAX_CREATORS) return undefined;
  const communities = creators.size === 0 ? [undefined] : [...creators];
  const subjects = communities.flatMap((creatorId) =>
    found.map(({ kind, value }) => {
      if (kind === 'user') return userIn(creatorId, value);
      if (kind === 'membership') return membershipIn(creatorId, value);
      return kind === 'email' ? emailIn(creatorId, value) : usernameIn(keys, creatorId, value);
    }),
  );
  return marksOf(new Set(subjects), keys);
}

const ID_OF = {
  creator: /^biz_[A-Za-z0-9_]{1,64}$/,
  user: /^user_[A-Za-z0-9_]{1,64}$/,
  membership: /^mem_[A-Za-z0-9_]{1,64}$/,
};
const USERNAME_KEY = /^(username|affiliate_username|affiliate_code)$/;
const EMAIL_KEY = /email$/;
const LONGEST = 320;
const MAX_DEPTH = 40;

function eachText(
  value: unknown,
  key: string,
  depth: number,
  visit: (key: string, text: string) => void,
): void {
  if (typeof value === 'string') {
    const text = value.trim();
    if (text !== '' && text.length <= LONGEST) visit(key, text);
  } else if (Array.isArray(value)) {
    if (depth < MAX_DEPTH) for (const item of value) eachText(item, key, depth + 1, visit);
  } else if (typeof value === 'object' && value !== null && depth < MAX_DEPTH)
    for (const [name, item] of Object.entries(value)) eachText(item, name, depth + 1, visit);
}

const marksOf = (subjects: ReadonlySet<string>, keys: Keys): bigint[] =>
  [...subjects].map((subject) => keys.marks.ofSubject(subject));

/** Whoever is erased: by every name that a delivery may tell them by. */
export interface ErasedPerson {
  readonly creatorId: string;
  readonly memberId: string;
  readonly membershipIds: readonly string[];
  /** Keyed hashes, of every username that their facts carry. */
  readonly usernameKeys: readonly string[];
  /** As their profile had it. */
  readonly username?: string | undefined;
  /** As their profile had it, and as what is kept of them tells; lower case. */
  readonly emails: readonly string[];
}

/** Under which their deliveries lie, those that do not say whose community among them. */
export function subjectsOfPerson(person: ErasedPerson, keys: Keys): bigint[] {
  const { creatorId, memberId, membershipIds, username, emails } = person;
  const subjects = new Set<string>(person.usernameKeys.map(wordOf));
  for (const whose of [creatorId, undefined]) {
    subjects.add(userIn(whose, memberId));
    for (const membershipId of membershipIds) subjects.add(membershipIn(whose, membershipId));
    if (username !== undefined) subjects.add(usernameIn(keys, whose, username));
    for (const email of emails) subjects.add(emailIn(whose, email));
  }
  return [...subjects].map((subject) => keys.marks.ofSubject(subject));
}
