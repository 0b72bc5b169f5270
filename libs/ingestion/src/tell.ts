/**
 * One delivery, decided: finds whose story it belongs to, tells the ledger, and says what became
 * of it. Synchronous: all it needs was loaded for the batch, and what it adds the next one sees.
 */
import type { Accepted, Decisions } from '#libs/application';
import {
  bearingOf,
  claimKeysOf,
  codeDecider,
  codeStream,
  creatorDecider,
  creatorStream,
  type Defaults,
  DomainError,
  drawCode,
  type Instant,
  type MemberCommand,
  type MemberEvent,
  type MemberState,
  memberDecider,
  memberStream,
  type Owner,
  ownerOf,
  settingsOf,
} from '#libs/ledger';
import { currencyKey, type Keys, membershipKey, paidKey, paymentKey, reversalKey } from './keys.js';
import type { Person, ReversalTelling, Telling } from './provider.js';
import type { Routing } from './routing.js';

export interface BatchContext {
  readonly decisions: Decisions;
  readonly routing: Routing;
  readonly keys: Keys;
  readonly defaults: Defaults;
  /** What was decided may have been cut off from what is written beside the log (repeated.ts). */
  readonly repeats: boolean;
}

export interface Profile {
  readonly creatorId: string;
  readonly memberId: string;
  readonly name?: string;
  readonly username?: string;
  readonly email?: string;
  readonly toldAt: Instant;
  readonly toldBy: string;
}

export type Told =
  | {
      readonly outcome: 'applied' | 'unchanged';
      readonly stream: string;
      readonly accepted: readonly Accepted[];
      readonly conflict: boolean;
      readonly profile?: Profile;
    }
  | {
      /** Quarantined: only what another delivery could yet cure says what it waits for. */
      readonly outcome: 'parked' | 'quarantined';
      readonly code: string;
      readonly detail: string;
      readonly waitsFor: readonly string[];
      /** What was recorded of it all the same. */
      readonly accepted?: readonly Accepted[];
    };

/** Keys whose routes a telling needs before its stream is known. */
export function routeKeysOf(telling: Telling): string[] {
  if (isReversal(telling)) {
    const { paymentId } = telling;
    return [factKeyOf(telling), ...(paymentId === undefined ? [] : [paymentKey(paymentId)])];
  }
  const { membershipId } = telling.person;
  const keys = membershipId === undefined ? [] : [membershipKey(membershipId)];
  keys.push(factKeyOf(telling));
  return keys;
}

export const isReversal = (telling: Telling): telling is ReversalTelling =>
  telling.kind === 'refund' || telling.kind === 'dispute';

function factKeyOf(telling: Telling): string {
  if (telling.kind === 'payment') return paymentKey(telling.paymentId);
  if (telling.kind === 'membership') return membershipKey(telling.membershipId);
  return reversalKey(telling.reversalId);
}

/** The stream a telling belongs to: that of its fact, else of the person it names, else of the membership's person. A refund or dispute belongs to whoever paid, whomever it names. */
export function streamOf(telling: Telling, routing: Routing): string | undefined {
  const { creatorId, userId, membershipId } = telling.person;
  const known = routing.streamOf(factKeyOf(telling));
  if (known !== undefined) return known;
  if (isReversal(telling)) {
    const { paymentId } = telling;
    return paymentId === undefined ? undefined : routing.streamOf(paymentKey(paymentId));
  }
  if (creatorId !== undefined && userId !== undefined) return memberStream(creatorId, userId);
  const ofMembership =
    membershipId === undefined ? undefined : routing.streamOf(membershipKey(membershipId));
  if (ofMembership !== undefined) return ofMembership;
  const whole = routing.completed(telling.person, routeKeysOf(telling));
  if (whole.creatorId === undefined || whole.userId === undefined) return undefined;
  return memberStream(whole.creatorId, whole.userId);
}

/** How often another code is drawn before giving up: 30^8 codes make one repetition rare. */
export const MAX_DRAWS = 4;

/** The code of one draw for a member. */
export function codeOf(stream: string, attempt: number): string {
  const { creatorId, memberId } = ownerOf(stream);
  return drawCode(creatorId, memberId, attempt);
}

/** Codes that a member without events may be given, in order. */
export const codesOf = (stream: string): string[] =>
  Array.from({ length: MAX_DRAWS }, (_, attempt) => codeOf(stream, attempt));

/** Tellings that are of a person: of refunds and disputes see tell-reversal.ts. */
type PersonTelling = Exclude<Telling, ReversalTelling>;

/** Throws DomainError when the ledger refuses the telling: it is quarantined with that code. */
export function tell(
  telling: PersonTelling,
  deliveryId: string,
  receivedAt: Instant,
  context: BatchContext,
): Told {
  const stream = streamOf(telling, context.routing);
  if (stream === undefined) {
    context.routing.keepHalf(telling.person, routeKeysOf(telling));
    return parked(telling);
  }
  const { decisions, routing, keys } = context;
  const owner = ownerOf(stream);
  const state = decisions.stateOf(memberDecider, stream);
  const command = commandOf(telling, receivedAt, stream, context);
  const events = memberDecider.decide(command, state);
  const metadata = { delivery: deliveryId };
  const conflict = isContradiction(events);
  if (events.length === 0) {
    const profile = context.repeats ? profileOf(telling, owner, receivedAt) : {};
    return { outcome: 'unchanged', stream, accepted: [], conflict, ...profile };
  }
  if (conflict) {
    return {
      outcome: 'applied',
      stream,
      accepted: decisions.accept(stream, events, metadata),
      conflict,
    };
  }
  // Keys that its facts carry are watched since they were first carried.
  const watched = new Set(claimKeysOf(state.facts));
  // Before anything is accepted: it may be refused.
  const code = state.code === undefined ? reserveCode(stream, receivedAt, context, metadata) : [];
  storeFirstFact(owner, receivedAt, context, metadata);
  const accepted = decisions.accept(stream, [...code, ...events], metadata);
  routing.addRoute(factKeyOf(telling), stream);
  if (telling.kind === 'payment') announce(telling.paymentId, events, routing);
  const { membershipId } = telling.person;
  if (membershipId !== undefined) routing.addRoute(membershipKey(membershipId), stream);
  for (const [, key] of keys.claims(owner.creatorId, telling.claims)) {
    if (!watched.has(key)) routing.watch(key, stream);
  }
  updateBearings(telling, stream, decisions.stateOf(memberDecider, stream), routing);
  return {
    outcome: 'applied',
    stream,
    accepted,
    conflict,
    ...profileOf(telling, owner, receivedAt),
  };
}

/** The creator's first fact of any kind is said; settings that were read for another must not have moved. */
export function storeFirstFact(
  { creatorId }: Owner,
  at: Instant,
  { decisions, defaults }: BatchContext,
  metadata: { delivery: string },
): void {
  const creator = creatorStream(creatorId);
  const first = creatorDecider.decide(
    { type: 'StoreFirstFact', at, defaults },
    decisions.stateOf(creatorDecider, creator),
  );
  if (first.length > 0) decisions.accept(creator, first, metadata);
  else decisions.check(creator);
}

/** Wakes the refunds and disputes that waited for the payment to succeed, or for its currency to be named. */
function announce(paymentId: string, events: readonly MemberEvent[], routing: Routing): void {
  for (const { type, data } of events) {
    if (type === 'PaymentReceived') routing.arrive(paidKey(paymentId));
    const names = type === 'PaymentDetailsLearned' && data.currency !== undefined;
    if (names) routing.arrive(currencyKey(paymentId));
  }
}

function parked(telling: PersonTelling): Told {
  const { creatorId, membershipId } = telling.person;
  return {
    outcome: 'parked',
    code: creatorId === undefined ? 'creator_unknown' : 'person_unknown',
    detail:
      membershipId === undefined
        ? 'names neither a user nor a membership'
        : `nobody is known for membership ${membershipId} yet`,
    waitsFor: routeKeysOf(telling),
  };
}

export const isContradiction = (events: readonly { type: string }[]): boolean =>
  events.some((event) => event.type === 'ConflictFound');

function commandOf(
  telling: PersonTelling,
  receivedAt: Instant,
  stream: string,
  context: BatchContext,
): MemberCommand {
  const { decisions, routing, keys, defaults } = context;
  const { creatorId } = ownerOf(stream);
  const settings = settingsOf(
    decisions.stateOf(creatorDecider, creatorStream(creatorId)),
    defaults,
  );
  const claims = keys.claims(creatorId, telling.claims);
  const { person } = telling;
  const shared = {
    receivedAt,
    settings,
    claims,
    resolving: claims.map(([, key]) => routing.resolve(key, creatorId)),
    ...personOf(person, stream),
    ...usernameIn(keys.ofPerson(creatorId, person)),
  };
  if (telling.kind === 'payment') {
    const { kind: _kind, person: _person, claims: _claims, ...fields } = telling;
    const membership =
      person.membershipId === undefined ? {} : { membershipId: person.membershipId };
    return { type: 'RecordPayment', ...fields, ...membership, ...shared };
  }
  const { kind: _kind, person: _person, claims: _claims, ...fields } = telling;
  return { type: 'RecordMembership', ...fields, ...shared };
}

const usernameIn = (username: string | undefined): { username?: string } =>
  username === undefined ? {} : { username };

/** The person told, what it leaves out taken from the stream: only what it says can contradict. */
export function personOf({ creatorId, userId }: Person, stream: string): { person?: string } {
  if (creatorId === undefined && userId === undefined) return {};
  const owner = ownerOf(stream);
  return { person: `${creatorId ?? owner.creatorId}.${userId ?? owner.memberId}` };
}

/** A new member's referral code: reserved in its own stream, so that it is never given to another. */
function reserveCode(
  stream: string,
  at: Instant,
  { decisions, routing, keys }: BatchContext,
  metadata: { delivery: string },
) {
  const { creatorId, memberId } = ownerOf(stream);
  for (let attempt = 0; attempt < MAX_DRAWS; attempt++) {
    const code = codeOf(stream, attempt);
    if (routing.streamOf(keys.code(code)) !== undefined) continue;
    // Only the next draw of one who collides within a batch is not loaded: that batch is halved.
    const { owner } = decisions.stateOf(codeDecider, codeStream(code));
    if (owner !== undefined && !isOf(owner, stream)) continue;
    const reserved = codeDecider.decide(
      { type: 'ReserveCode', at, creatorId, memberId },
      { owner },
    );
    decisions.accept(codeStream(code), reserved, metadata);
    routing.addRoute(keys.code(code), stream);
    return memberDecider.decide(
      { type: 'AssignReferralCode', at, code },
      decisions.stateOf(memberDecider, stream),
    );
  }
  throw new DomainError('codes_exhausted', `${MAX_DRAWS} drawn referral codes are all taken`);
}

const isOf = ({ creatorId, memberId }: Owner, stream: string): boolean =>
  memberStream(creatorId, memberId) === stream;

/** Since when the member bears the usernames of this fact: a fact's time may have changed with it. */
export function updateBearings(
  telling: PersonTelling,
  stream: string,
  { facts }: MemberState,
  routing: Routing,
): void {
  for (const username of factTold(telling, facts)?.usernames ?? []) {
    routing.bear(username, stream, bearingOf(facts, username));
  }
}

/** The payment or membership that is told, as far as it is known. */
export function factTold(telling: Telling, facts: MemberState['facts']) {
  if (telling.kind === 'payment') return facts.payments.get(telling.paymentId);
  if (telling.kind === 'membership') return facts.memberships.get(telling.membershipId);
  return undefined;
}

function profileOf(
  telling: PersonTelling,
  owner: Owner,
  receivedAt: Instant,
): { profile?: Profile } {
  const { name, username, email, userId, creatorId } = telling.person;
  if (userId === undefined) return {};
  // A telling that contradicts names somebody else.
  if (userId !== owner.memberId || (creatorId ?? owner.creatorId) !== owner.creatorId) return {};
  if (name === undefined && username === undefined && email === undefined) return {};
  const toldAt =
    telling.kind === 'payment'
      ? (telling.paidAt ?? telling.createdAt ?? receivedAt)
      : (telling.joinedAt ?? telling.createdAt ?? receivedAt);
  const toldBy = telling.kind === 'payment' ? telling.paymentId : telling.membershipId;
  return {
    profile: {
      creatorId: owner.creatorId,
      memberId: owner.memberId,
      toldAt,
      toldBy,
      ...(name === undefined ? {} : { name }),
      ...(username === undefined ? {} : { username }),
      ...(email === undefined ? {} : { email }),
    },
  };
}
