/**
 * How lines ride on events. A fact's own lines leave out all that the event already says;
 * restated lines are whole. `linesOf` expands both.
 */
import type {
  CommissionRestated,
  DisputeTold,
  LedgerEvent,
  MembershipActivated,
  MembershipDeactivated,
  PaymentReceived,
  RefundTold,
} from './events.js';
import type { Line } from './lines.js';
import type { RestatedLine, ReversalOwnLine } from './stored-lines.js';
import type { Instant } from './values/clock.js';
import { partsOfMemberStream } from './values/ids.js';

/** Whose member stream it is, as its name says. */
export interface Owner {
  readonly creatorId: string;
  readonly memberId: string;
}

const NONE: readonly Line[] = [];
const expanded = new WeakMap<object, readonly Line[]>();

/** Every line that an event carries, expanded; the same array each time for the same event. */
export function linesOf(event: LedgerEvent): readonly Line[] {
  switch (event.type) {
    case 'PaymentReceived':
    case 'MembershipActivated':
    case 'MembershipDeactivated':
    case 'RefundTold':
    case 'DisputeTold':
    case 'CommissionRestated': {
      if (event.data.lines.length === 0) return NONE;
      const known = expanded.get(event);
      if (known !== undefined) return known;
      const lines = expandLines(event, ownerOf(event.stream));
      expanded.set(event, lines);
      return lines;
    }
    default:
      return NONE;
  }
}

/** What is read of an event to expand its lines; it need not be recorded yet. */
export type LineCarrier =
  | PaymentReceived
  | MembershipActivated
  | MembershipDeactivated
  | RefundTold
  | DisputeTold
  | CommissionRestated;

/** The lines of an event that need not be recorded yet. */
export function expandLines(event: LineCarrier, owner: Owner): Line[] {
  if (event.type === 'CommissionRestated') {
    return event.data.lines.map((line) => expandRestated(line, owner));
  }
  if (event.type === 'RefundTold' || event.type === 'DisputeTold') {
    return reversalLines(event, owner);
  }
  const at = event.effectiveAt;
  const { day } = event.data;
  const month = day.slice(0, 7);
  if (event.type === 'PaymentReceived') {
    const { payment, currency, amountMinor } = event.data;
    return event.data.lines.map((line) => {
      if (line[0] === 'signUp') return signUp(payment, at, day, month, owner, line[1]);
      const sale = line[0] === 'sale';
      return {
        kind: line[0],
        sourceId: payment,
        paymentId: payment,
        first: sale ? line[1] === 1 : true,
        at,
        day,
        month,
        creatorId: owner.creatorId,
        memberId: owner.memberId,
        referrerId: sale ? line[2] : line[1],
        currency,
        count: 1n,
        saleMinor: sale ? BigInt(amountMinor) : 0n,
        memberMinor: sale ? BigInt(line[3]) : 0n,
        creatorMinor: sale ? BigInt(line[4]) : 0n,
        platformMinor: sale ? BigInt(line[5]) : 0n,
      };
    });
  }
  const { membership } = event.data;
  return event.data.lines.map((line) => signUp(membership, at, day, month, owner, line[1]));
}

function reversalLines(event: RefundTold | DisputeTold, owner: Owner): Line[] {
  const { data, effectiveAt } = event;
  const base = {
    sourceId: event.type === 'RefundTold' ? event.data.refund : event.data.dispute,
    paymentId: data.payment,
    at: effectiveAt,
    day: data.day,
    month: data.day.slice(0, 7),
    creatorId: owner.creatorId,
    memberId: owner.memberId,
    count: 1n,
  };
  return data.lines.map((line) => {
    const money = line[0] === 'reversal';
    return {
      ...base,
      kind: line[0],
      first: money ? line[1] === 1 : true,
      referrerId: money ? line[2] : line[1],
      currency: money ? line[3] : line[2],
      saleMinor: money ? BigInt(line[4]) : 0n,
      memberMinor: money ? BigInt(line[5]) : 0n,
      creatorMinor: money ? BigInt(line[6]) : 0n,
      platformMinor: money ? BigInt(line[7]) : 0n,
    };
  });
}

function signUp(
  sourceId: string,
  at: Instant,
  day: string,
  month: string,
  owner: Owner,
  referrerId: string | null,
): Line {
  return {
    kind: 'signUp',
    sourceId,
    paymentId: '',
    first: false,
    at,
    day,
    month,
    creatorId: owner.creatorId,
    memberId: owner.memberId,
    referrerId,
    currency: null,
    count: 1n,
    saleMinor: 0n,
    memberMinor: 0n,
    creatorMinor: 0n,
    platformMinor: 0n,
  };
}

function expandRestated(line: RestatedLine, owner: Owner): Line {
  return {
    kind: line[0],
    sourceId: line[1],
    paymentId: line[2],
    first: line[3] === 1,
    at: line[4],
    day: line[5],
    month: line[5].slice(0, 7),
    creatorId: owner.creatorId,
    memberId: owner.memberId,
    referrerId: line[6],
    currency: line[7],
    count: line[8] === 1 ? 1n : -1n,
    saleMinor: BigInt(line[9]),
    memberMinor: BigInt(line[10]),
    creatorMinor: BigInt(line[11]),
    platformMinor: BigInt(line[12]),
  };
}

/** A line as CommissionRestated stores it. */
export function restated(line: Line): RestatedLine {
  return [
    line.kind,
    line.sourceId,
    line.paymentId,
    line.first ? 1 : 0,
    line.at,
    line.day,
    line.referrerId,
    line.currency,
    Number(line.count),
    String(line.saleMinor),
    String(line.memberMinor),
    String(line.creatorMinor),
    String(line.platformMinor),
  ];
}

/** A line that a refund or dispute adds itself, as its event stores it. */
export function ownReversalLine(line: Line): ReversalOwnLine {
  const currency = line.currency ?? '';
  if (line.kind === 'reversedConversion') return [line.kind, line.referrerId ?? '', currency];
  const shares = [line.memberMinor, line.creatorMinor, line.platformMinor].map(String);
  const [member = '', creator = '', platform = ''] = shares;
  const first = line.first ? 1 : 0;
  const sale = String(line.saleMinor);
  return ['reversal', first, line.referrerId, currency, sale, member, creator, platform];
}

const owners = new Map<string, Owner>();
const MAX_OWNERS = 200_000;

/** `member-<creator>.<member>` taken apart; cached, for a replay asks it of every event. */
export function ownerOf(stream: string): Owner {
  const known = owners.get(stream);
  if (known !== undefined) return known;
  const parts = partsOfMemberStream(stream);
  if (parts === null) throw new RangeError(`${stream} is not a member's stream`);
  const owner = { creatorId: parts.creatorId, memberId: parts.userId };
  if (owners.size >= MAX_OWNERS) owners.clear();
  owners.set(stream, owner);
  return owner;
}
