/** Words of the pages about events: causes, figures, addresses, and what somebody may have meant. */
import type { AuditEvent, EventFilter, EventInFull } from '../../api/event-reads.js';
import { countText } from '../../ui/figures.js';
import { typeNamed } from './types.js';

/** Who or what made it, as short as a row of a list has room for. */
export function causeText({ kind, delivery, command, actor }: AuditEvent['cause']): string {
  if (kind === 'delivery' && delivery !== null) return `delivery ${countText(delivery)}`;
  if (kind === 'command') return `${command ?? 'a command'} by ${actor ?? 'nobody'}`;
  return 'of no known cause';
}

const FIGURES: Readonly<Record<string, string>> = {
  referrals: 'referrals',
  reversedReferrals: 'reversed referrals',
  earnings: 'earnings',
  signUps: 'sign-ups of referred members',
  revenue: 'revenue',
  refunds: 'refunds',
  referrer: 'referrer',
  tierPin: 'tier pin',
  referralCode: 'referral code',
  rates: 'rates',
  timeZone: 'time zone',
  tiers: 'tiers',
  graceHours: 'hours of grace',
  currency: 'currency',
  months: 'closed and sealed',
};
export const figureText = (field: string): string => FIGURES[field] ?? field;

type Change = EventInFull['changes'][number];

/** The figure of an explanation in which the change is counted; undefined: it is no sum. */
export function explainedBy({ entity, field }: Change): string | undefined {
  if (entity === 'member' && field === 'referrals') return 'monthlyReferrals';
  if (entity === 'member' && field === 'earnings') return 'monthlyEarningsMinor';
  const ofBoth = { reversedReferrals: 'reversedReferrals' };
  const ofCreator = {
    ...{ referrals: 'referrals', signUps: 'signUps' },
    ...{ revenue: 'revenueMinor', refunds: 'refundsMinor' },
  };
  const known: Readonly<Record<string, string>> =
    entity === 'creator' ? { ...ofBoth, ...ofCreator } : ofBoth;
  return known[field];
}

/** What is set, as people read it. */
export function valueText(value: unknown): string {
  if (value === null || value === undefined) return 'none';
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  return JSON.stringify(value);
}

/** `1.4 s`, `3 min`, `2 h`, `5 days`: how long after it happened it was stored. */
export function lateText(effectiveAt: string, recordedAt: string): string | undefined {
  const ms = Date.parse(recordedAt) - Date.parse(effectiveAt);
  if (!(ms >= 0)) return undefined;
  const tenths = Math.floor(ms / 100);
  if (ms < 60_000) return `${Math.floor(tenths / 10)}.${tenths % 10} s`;
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h`;
  return `${countText(Math.floor(minutes / 1440))} days`;
}

export const cliOf = (id: string): string => `npx flywheel events show ${id}`;

/** The same conditions for the command line; it has no end. */
export const exportCli = ({ creator, member, stream, type, from }: EventFilter): string =>
  [
    'npx flywheel events export',
    ...(stream === undefined && creator !== undefined ? ['--creator', creator] : []),
    ...(stream === undefined && member !== undefined ? ['--member', member] : []),
    ...(stream === undefined ? [] : ['--stream', stream]),
    ...(type === undefined ? [] : ['--type', type]),
    ...(from === undefined ? [] : ['--since', from]),
  ].join(' ');

/** Where somebody wants to go, who wrote it into a field. */
export type Wanted = {
  readonly kind: 'position' | 'event' | 'moment' | 'fact' | 'member' | 'stream' | 'type';
  readonly name: string;
};

const POSITION = /^#?\s*([\d\s\u202f,.]{1,24})$/;
const EVENT_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const MOMENT = /^\d{4}-\d{2}(-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?Z?)?)?$/;
const MEMBER = /^user_\w{1,75}$/;
const STREAM = /^(member|creator|months|snapshot|code|membership|ledger|replays?)-[!-~]{1,290}$/;
/** Payments, memberships, refunds and disputes, as Whop names them. */
const FACT = /^(pay|mem|rf|ref|dspt|disp)_\w{1,75}$/;

/**
 * `#6183`, the id of an event, a day, month or instant in UTC, the id of a payment or membership, a
 * member, a stream, a type; undefined: none of them.
 */
export function wantedOf(text: string): Wanted | undefined {
  const name = text.trim();
  if (EVENT_ID.test(name)) return { kind: 'event', name: name.toLowerCase() };
  if (MOMENT.test(name)) {
    const moment = name.replace(' ', 'T');
    return { kind: 'moment', name: /T[^Z]*$/.test(moment) ? `${moment}Z` : moment };
  }
  if (MEMBER.test(name)) return { kind: 'member', name };
  if (FACT.test(name)) return { kind: 'fact', name };
  if (STREAM.test(name)) return { kind: 'stream', name };
  const type = typeNamed(name);
  if (type !== undefined) return { kind: 'type', name: type };
  const digits = POSITION.exec(name)?.[1]?.replaceAll(/\D/g, '').replace(/^0+/, '') ?? '';
  return digits === '' || digits.length > 15 ? undefined : { kind: 'position', name: digits };
}
