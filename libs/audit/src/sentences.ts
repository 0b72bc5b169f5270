/** What an event says, in one sentence of plain words. Pure; people are ids, as in the log. */
import {
  formatMinor,
  type Instant,
  type LedgerEvent,
  type Line,
  linesOf,
  ownerOf,
} from '#libs/ledger';
import { aboutOf } from './about.js';

type Sentences = {
  readonly [T in LedgerEvent['type']]: (event: Extract<LedgerEvent, { type: T }>) => string;
};

/** Ends with a full stop. */
export function sentenceOf(event: LedgerEvent): string {
  const say = SENTENCES[event.type] as (event: LedgerEvent) => string;
  return say(event);
}

const SENTENCES: Sentences = {
  PaymentReceived: (event) => {
    const { payment, amountMinor, currency, day, timeZone, currencyAssumed } = event.data;
    const assumed = currencyAssumed === true ? ', in the currency that its creator has set' : '';
    const paid = `${who(event)} paid ${amount(amountMinor, currency)} (${payment}) on ${day} in ${timeZone}${assumed}`;
    return `${paid}${saleClause(linesOf(event), currency)}.`;
  },
  PaymentFailed: (event) =>
    `A payment of ${who(event)} failed (${event.data.payment}); it moves no figure.`,
  PaymentDetailsLearned: (event) =>
    `More was told of the payment ${event.data.payment} of ${who(event)}: ${learned(event.data)}.`,
  MembershipActivated: (event) =>
    `The membership ${event.data.membership} of ${who(event)} became valid${signUpClause(event)}.`,
  MembershipDeactivated: (event) =>
    `The membership ${event.data.membership} of ${who(event)} stopped being valid${signUpClause(event)}.`,
  MembershipDetailsLearned: (event) =>
    `More was told of the membership ${event.data.membership} of ${who(event)}: ${learned(event.data)}.`,
  RefundTold: (event) => `The refund ${event.data.refund} ${reversal(event)}.`,
  DisputeTold: (event) => `The dispute ${event.data.dispute} ${reversal(event)}.`,
  ClaimResolved: (event) => {
    const { member, notBefore } = event.data;
    const since =
      notBefore === undefined ? '' : `, where it is claimed after ${instant(notBefore)}`;
    return member === null
      ? `A code or name that ${who(event)} came by names nobody (any more).`
      : `A code or name that ${who(event)} came by names ${member}${since}.`;
  },
  CommissionRestated: (event) => {
    const lines = linesOf(event);
    const back = lines.filter(({ count }) => count < 0n).length;
    const added = lines.length - back;
    return (
      `What was known of ${who(event)} changed because of ${because(event.data.because)}: ` +
      `${lineCount(back)} taken back, ${lineCount(added)} added.`
    );
  },
  ConflictFound: (event) => {
    const { fact, field, first, told } = event.data;
    return `${fact} of ${who(event)} was told again with ${field} ${told} instead of ${first}; the first telling stands.`;
  },
  ReferralCodeAssigned: (event) => `${who(event)} has the referral code ${event.data.code}.`,
  TierPinned: (event) => {
    const { tier, reason } = event.data;
    return tier === null
      ? `The tier of ${who(event)} is left to the thresholds again: ${reason}${stop(reason)}`
      : `The tier of ${who(event)} is pinned to ${tier}: ${reason}${stop(reason)}`;
  },
  ReferrerCorrected: (event) => {
    const { referrer, reason } = event.data;
    const whom = referrer === null ? 'nobody' : referrer;
    return `An admin says that ${whom} referred ${who(event)}: ${reason}${stop(reason)}`;
  },
  PersonalDataErased: (event) =>
    `The personal data of ${who(event)} were erased; no figure changed.`,
  MembershipAssigned: (event) => {
    const { member, creator, reason } = event.data;
    const membership = event.stream.slice('membership-'.length);
    return `The membership ${membership} belongs to ${member} of ${creator}: ${reason}${stop(reason)}`;
  },
  ReferralCodeReserved: (event) => {
    const { creator, member, vanity } = event.data;
    const kind = vanity === true ? 'chosen' : 'drawn';
    return `The referral code ${event.stream.slice('code-'.length)} belongs to ${member} of ${creator} for ever; it was ${kind}.`;
  },
  CreatorRegistered: (event) => {
    const { timeZone, graceHours, currency } = event.data;
    return `${creator(event)} is known: time zone ${timeZone}, ${graceHours} hours of grace, currency ${currency} from the beginning.`;
  },
  FirstFactStored: (event) => `The first fact of ${creator(event)} was stored.`,
  RatesSet: (event) => {
    const { memberBps, creatorBps, platformBps } = event.data;
    const parts = [memberBps, creatorBps, platformBps].map(percent).join(' / ');
    return `Rates of ${creator(event)}: ${parts} to member, creator and platform, ${since(event)}.`;
  },
  TimeZoneSet: (event) => {
    const { timeZone, fromMonth } = event.data;
    return `The time zone of ${creator(event)} is ${timeZone}, from ${fromMonth ?? 'the beginning'} on.`;
  },
  TiersSet: (event) => {
    const tiers = event.data.tiers.map(([name, from]) => `${name} from ${from}`).join(', ');
    return `Tiers of ${creator(event)}: ${tiers}, ${since(event)}.`;
  },
  GraceSet: (event) =>
    `Months of ${creator(event)} have ${event.data.graceHours} hours of grace, ${since(event)}.`,
  CurrencySet: (event) =>
    `The currency of ${creator(event)} is ${event.data.currency}, ${since(event)}.`,
  SnapshotPage: (event) =>
    `Page ${event.data.page} of a snapshot of ${creator(event)}; it means nothing until a seal names its stream.`,
  MonthClosed: (event) => {
    const { month, position, forced, reason } = event.data;
    const early = forced === true ? ', by force' : '';
    const why = reason === undefined ? '.' : `: ${reason}${stop(reason)}`;
    return `${month} of ${creator(event)} was closed as of position ${position}${early}${why}`;
  },
  MonthRestated: (event) => {
    const { month, version, position, reason } = event.data;
    return `${month} of ${creator(event)} was stated anew as version ${version}, as of position ${position}: ${reason}${stop(reason)}`;
  },
  ReplayPromoted: (event) => {
    const { projections, tables, reason } = event.data;
    const what = projections === undefined ? 'All read models' : projections.join(', ');
    const rows = tables.reduce(
      (sum, [, missing, extra, changed]) => sum + BigInt(missing) + BigInt(extra) + BigInt(changed),
      0n,
    );
    const differed = rows === 1n ? '1 row differed' : `${rows} rows differed`;
    return `${what} made from the log took the place of those that served; ${differed}: ${reason}${stop(reason)}`;
  },
};

const who = (event: LedgerEvent): string => ownerOf(event.stream).memberId;
const creator = (event: LedgerEvent): string => aboutOf(event).creatorId ?? event.stream;
const amount = (minor: string | bigint, currency: string): string =>
  formatMinor(BigInt(minor), currency);
const percent = (bps: number): string => `${bps / 100} %`;
const instant = (at: Instant): string => new Date(at * 1000).toISOString().replace('.000Z', 'Z');
const since = ({ effectiveAt }: LedgerEvent): string =>
  effectiveAt === 0 ? 'from the beginning' : `from ${instant(effectiveAt)} on`;
const stop = (text: string): string => (/[.!?]$/.test(text) ? '' : '.');
const lineCount = (n: number): string => (n === 1 ? '1 line' : `${n} lines`);

function saleClause(lines: readonly Line[], currency: string): string {
  const sale = lines.find(({ kind }) => kind === 'sale');
  if (sale === undefined) return lines.length === 0 ? '' : '; a sign of life';
  if (sale.referrerId === null) return '; nobody referred them';
  const earned = `earns ${amount(sale.memberMinor, sale.currency ?? currency)}`;
  const isReferral = lines.some(({ kind }) => kind === 'conversion');
  return isReferral
    ? `; it is a referral of ${sale.referrerId}, who ${earned}`
    : `; ${sale.referrerId} ${earned}`;
}

function signUpClause(event: LedgerEvent): string {
  const signUp = linesOf(event)[0];
  if (signUp === undefined) return '';
  const by =
    signUp.referrerId === null ? 'nobody referred them' : `${signUp.referrerId} referred them`;
  return `; they signed up on ${signUp.day}, ${by}`;
}

function reversal(event: Extract<LedgerEvent, { type: 'RefundTold' | 'DisputeTold' }>): string {
  const { payment, state, amountMinor, currency, day } = event.data;
  const told = `of ${amount(amountMinor, currency)} against ${payment} of ${who(event)} is ${state}, dated ${day}`;
  const taken = linesOf(event).find(({ kind }) => kind === 'reversal');
  if (taken === undefined) return `${told}; by itself it takes nothing back`;
  const from =
    taken.referrerId === null
      ? ''
      : `, ${amount(taken.memberMinor, taken.currency ?? currency)} of it from ${taken.referrerId}`;
  return `${told}; it takes back ${amount(taken.saleMinor, taken.currency ?? currency)}${from}`;
}

/** What `CommissionRestated.because` names: a word, a fact, or keys of claims. */
function because(text: string): string {
  if (text === 'referrer') return 'a corrected referrer';
  if (text === 'settings') return 'changed settings';
  return /^[cu]:/.test(text) ? 'a code or name that they came by' : text;
}

const WORDS: Readonly<Record<string, string>> = {
  membership: 'its membership',
  billingReason: 'why it was billed',
  currency: 'its currency',
  claims: 'a code or name that they came by',
  username: 'who bears a name',
  joinedAt: 'when they joined',
  createdAt: 'when it was created',
};

function learned(data: object): string {
  const words = Object.keys(data).flatMap((key) => {
    const isSubject = (key === 'membership' && !('payment' in data)) || key === 'payment';
    return isSubject || WORDS[key] === undefined ? [] : [WORDS[key]];
  });
  return words.length === 0 ? 'nothing new' : words.join(', ');
}
