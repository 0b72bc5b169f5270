/**
 * The member decider: one stream holds one person's facts in one creator's community and every
 * restatement of them. A command is one telling of a fact; what it adds becomes an event, and the
 * difference between the books afterwards and the lines recorded so far becomes lines: the fact's
 * own on its event, the rest in CommissionRestated. So late, early or repeated cannot matter.
 */
import { type AssignReferralCode, assignCode } from './assigned-code.js';
import { booksOf, type Facts } from './books.js';
import type { Decider } from './decider.js';
import type {
  CommissionRestated,
  DisputeTold,
  MemberEvent,
  MembershipActivated,
  MembershipDeactivated,
  PaymentReceived,
  RefundTold,
} from './events.js';
import { expandLines, ownReversalLine, restated } from './line-codec.js';
import { type Line, NetLines } from './lines.js';
import { evolveFacts, type MemberFacts, noFacts } from './member-facts.js';
import {
  type MembershipTold,
  type PaymentTold,
  tellMembership,
  tellPayment,
} from './member-tellings.js';
import { type CorrectReferrer, correctReferrer } from './referrer-correction.js';
import { type ReversalTold, tellReversal } from './reversal-tellings.js';
import { type Settings, withDated } from './settings.js';
import type { PaymentOwnLine, ReversalOwnLine, SignUpOwnLine } from './stored-lines.js';
import { type PinTier, type PinTimeline, pinTier } from './tier-pin.js';
import type { Instant } from './values/clock.js';
import { DomainError } from './values/domain-error.js';

/** Whom a claim key names now, as far as the routes know. */
export interface Resolving {
  readonly key: string;
  /** A member of the same creator; null: nobody. */
  readonly memberId: string | null;
  readonly notBefore?: Instant;
}

/** One telling of a fact, or of whom a claim names. */
type TellingCommand =
  | (PaymentTold & {
      readonly type: 'RecordPayment';
      readonly settings: Settings;
      readonly resolving: readonly Resolving[];
    })
  | (MembershipTold & {
      readonly type: 'RecordMembership';
      readonly settings: Settings;
      readonly resolving: readonly Resolving[];
    })
  | (ReversalTold & {
      readonly type: 'RecordReversal';
      readonly settings: Settings;
      readonly resolving: readonly Resolving[];
    })
  | {
      readonly type: 'ResolveClaims';
      readonly at: Instant;
      readonly settings: Settings;
      readonly resolving: readonly Resolving[];
    };

/** What moves lines without a fact being told: an admin's word, or settings that changed meanwhile. */
type ReassessCommand =
  | (CorrectReferrer & { readonly settings: Settings })
  | { readonly type: 'ApplySettings'; readonly at: Instant; readonly settings: Settings };

export type MemberCommand =
  | TellingCommand
  | ReassessCommand
  | AssignReferralCode
  | { readonly type: 'ErasePersonalData'; readonly at: Instant }
  | PinTier;

export interface MemberState {
  /** Something is in the stream: the member has come into being. */
  isKnown: boolean;
  readonly facts: MemberFacts;
  /** Net of all lines in the stream. */
  readonly recorded: NetLines;
  /** Contradictions already recorded: `fact|field|told`. */
  readonly conflicts: Set<string>;
  code: string | undefined;
  /** Those that were ever the member's, the drawn one included. */
  readonly codes: Set<string>;
  pins: PinTimeline;
  /** Their words were erased; for ever. */
  isErased: boolean;
}

export const memberDecider: Decider<MemberState, MemberCommand, MemberEvent> = {
  initial: (stream) => ({
    isKnown: false,
    facts: noFacts(stream),
    recorded: new NetLines(),
    conflicts: new Set(),
    code: undefined,
    codes: new Set(),
    pins: [],
    isErased: false,
  }),
  decide,
  evolve,
};

/** CommissionRestated carries at most this many lines (docs/architecture.md, section 2). */
const MAX_RESTATED_LINES = 200;

function decide(command: MemberCommand, state: MemberState): readonly MemberEvent[] {
  if (command.type === 'AssignReferralCode') return assignCode(command, state);
  if (command.type === 'ErasePersonalData') {
    requireKnown(state);
    if (state.isErased) return [];
    return [{ type: 'PersonalDataErased', effectiveAt: command.at, data: {} }];
  }
  if (command.type === 'PinTier') {
    requireKnown(state);
    return pinTier(command, state.pins);
  }
  if (command.type === 'CorrectReferrer') {
    requireKnown(state);
    const corrected = correctReferrer(command, state.facts);
    return corrected.length === 0 ? [] : withMissingLines(corrected, command, state);
  }
  if (command.type === 'ApplySettings') return withMissingLines([], command, state);
  const told = factEvents(command, state);
  if (told.some((event) => event.type === 'ConflictFound')) {
    return told.filter((event) => event.type === 'ConflictFound' && !isKnownConflict(event, state));
  }
  const events = [...resolutionEvents(command, state.facts), ...told];
  if (events.length === 0 && command.type !== 'ResolveClaims') return [];
  return withMissingLines(events, command, state);
}

/** Throws `member_not_found`: nothing was told of that person yet. */
export function requireKnown({ isKnown, facts }: MemberState): void {
  if (isKnown) return;
  throw new DomainError('member_not_found', `no member ${facts.memberId} is known`);
}

/** The events, and the lines that the books then lack. */
function withMissingLines(
  events: readonly MemberEvent[],
  command: TellingCommand | ReassessCommand,
  state: MemberState,
): MemberEvent[] {
  const after = events.reduce(evolveFacts, copyOf(state.facts));
  const missing = state.recorded.differenceTo(booksOf(after, command.settings));
  return withLines(events, missing, command);
}

/** The events of the telling itself, without lines. */
function factEvents(command: TellingCommand, state: MemberState): MemberEvent[] {
  switch (command.type) {
    case 'RecordPayment':
      return tellPayment(command, state.facts, command.settings);
    case 'RecordMembership':
      return tellMembership(command, state.facts, command.settings);
    case 'RecordReversal':
      return tellReversal(command, state.facts, command.settings);
    case 'ResolveClaims':
      return [];
  }
}

/** Keys that now name somebody else than the member's stream knows. A claim of oneself names nobody. */
function resolutionEvents(command: TellingCommand, facts: Facts): MemberEvent[] {
  const at = timeOf(command);
  const events: MemberEvent[] = [];
  for (const { key, memberId, notBefore } of command.resolving) {
    const named = memberId === facts.memberId ? null : memberId;
    const known = facts.resolutions.get(key);
    if ((known?.memberId ?? null) === named && known?.notBefore === notBefore) continue;
    if (known === undefined && named === null) continue;
    events.push({
      type: 'ClaimResolved',
      effectiveAt: at,
      data: { key, member: named, ...(notBefore === undefined ? {} : { notBefore }) },
    });
  }
  return events;
}

/** Puts the missing lines where they belong: on the fact's own event what it adds itself, the rest in restatements. */
function withLines(
  events: readonly MemberEvent[],
  missing: Line[],
  command: TellingCommand | ReassessCommand,
): MemberEvent[] {
  let rest = missing;
  const carrying = events.map((event) => {
    if (!isCarrier(event)) return event;
    const own = rest.filter((line) => isOwn(line, event));
    rest = rest.filter((line) => !own.includes(line));
    return own.length === 0
      ? event
      : ({ ...event, data: { ...event.data, lines: own.map(ownLine) } } as MemberEvent);
  });
  const because = becauseOf(command);
  const effectiveAt = events.at(-1)?.effectiveAt ?? timeOf(command);
  for (let n = 0; n < rest.length; n += MAX_RESTATED_LINES) {
    const lines = rest.slice(n, n + MAX_RESTATED_LINES).map(restated);
    const event: CommissionRestated = {
      type: 'CommissionRestated',
      effectiveAt,
      data: { because, lines },
    };
    carrying.push(event);
  }
  return carrying;
}

type FactCarrier =
  | PaymentReceived
  | MembershipActivated
  | MembershipDeactivated
  | RefundTold
  | DisputeTold;
const isCarrier = (event: MemberEvent): event is FactCarrier =>
  event.type === 'PaymentReceived' ||
  event.type === 'MembershipActivated' ||
  event.type === 'MembershipDeactivated' ||
  event.type === 'RefundTold' ||
  event.type === 'DisputeTold';

/** A line that can ride on the event because the event says everything that the short form leaves out. */
function isOwn(line: Line, event: FactCarrier): boolean {
  if (line.count !== 1n || line.at !== event.effectiveAt || line.day !== event.data.day)
    return false;
  switch (event.type) {
    case 'PaymentReceived':
      return line.sourceId === event.data.payment;
    case 'RefundTold':
      return line.sourceId === event.data.refund;
    case 'DisputeTold':
      return line.sourceId === event.data.dispute;
    default:
      return line.kind === 'signUp' && line.sourceId === event.data.membership;
  }
}

function ownLine(line: Line): PaymentOwnLine | ReversalOwnLine | SignUpOwnLine {
  if (line.kind === 'reversal' || line.kind === 'reversedConversion') return ownReversalLine(line);
  if (line.kind === 'signUp') return ['signUp', line.referrerId];
  if (line.kind === 'conversion' && line.referrerId !== null)
    return ['conversion', line.referrerId];
  return [
    'sale',
    line.first ? 1 : 0,
    line.referrerId,
    String(line.memberMinor),
    String(line.creatorMinor),
    String(line.platformMinor),
  ];
}

const timeOf = (command: TellingCommand | ReassessCommand): Instant =>
  'receivedAt' in command ? command.receivedAt : command.at;

function becauseOf(command: TellingCommand | ReassessCommand): string {
  switch (command.type) {
    case 'CorrectReferrer':
      return 'referrer';
    case 'ApplySettings':
      return 'settings';
    case 'RecordPayment':
      return command.paymentId;
    case 'RecordMembership':
      return command.membershipId;
    case 'RecordReversal':
      return command.reversalId;
    case 'ResolveClaims':
      return command.resolving.map((resolving) => resolving.key).join(' ');
  }
}

function evolve(state: MemberState, event: MemberEvent): MemberState {
  state.isKnown = true;
  switch (event.type) {
    case 'ReferralCodeAssigned':
      state.code = event.data.code;
      state.codes.add(event.data.code);
      return state;
    case 'TierPinned':
      state.pins = withDated(state.pins, event.effectiveAt, event.data);
      return state;
    case 'PersonalDataErased':
      state.isErased = true;
      return state;
    case 'ConflictFound':
      state.conflicts.add(conflictKey(event));
      return state;
    case 'CommissionRestated':
      for (const line of expandLines(event, state.facts)) state.recorded.add(line);
      return state;
    case 'PaymentReceived':
    case 'MembershipActivated':
    case 'MembershipDeactivated':
    case 'RefundTold':
    case 'DisputeTold':
      for (const line of expandLines(event, state.facts)) state.recorded.add(line);
      evolveFacts(state.facts, event);
      return state;
    default:
      evolveFacts(state.facts, event);
      return state;
  }
}

const copyOf = (facts: MemberFacts): MemberFacts => ({
  creatorId: facts.creatorId,
  memberId: facts.memberId,
  payments: new Map(facts.payments),
  memberships: new Map(facts.memberships),
  reversals: new Map(facts.reversals),
  resolutions: new Map(facts.resolutions),
  ...(facts.correction === undefined ? {} : { correction: facts.correction }),
});

type Conflict = Extract<MemberEvent, { type: 'ConflictFound' }>;
const conflictKey = ({ data }: Conflict): string => `${data.fact}|${data.field}|${data.told}`;
const isKnownConflict = (event: Conflict, state: MemberState): boolean =>
  state.conflicts.has(conflictKey(event));
