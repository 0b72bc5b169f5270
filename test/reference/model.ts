/**
 * The reference model: every figure of a ledger from the facts as told, by the rules of the product
 * page and nothing else. Plain arrays, searched from the start each time; slow and obvious on
 * purpose. It shares no code with the ledger and must never do so.
 *
 * Where the rules are silent, the choice is marked `Choice:`.
 * Not here yet, and where each would go: corrections (first line of `referrerOf`), vanity codes
 * (`memberByCode`), pins (`tierOf`).
 */
import { type Calendar, calendarOf } from './calendar.js';
import {
  asCode,
  asUsername,
  byTimeAndId,
  distinct,
  type Fact,
  isOfKnownPerson,
  mergedFacts,
  withPersons,
} from './facts.js';
import { currencyAt, ratesAt, tierOf, zoneAt } from './in-force.js';
import { rankingAt } from './ranking.js';
import { isReversal, mergedReversals, type Reversal, reversalsOf, takenIn } from './reversals.js';
import type {
  CodeOf,
  Figures,
  MemberRow,
  PaymentRow,
  RatesFrom,
  ReferralRow,
  Settings,
  Telling,
} from './shapes.js';
import { sumsOf } from './sums.js';

interface Member {
  readonly creatorId: string;
  readonly memberId: string;
  readonly code: string;
  readonly facts: readonly Fact[];
}

/**
 * Every figure that the tellings amount to. Ranks and tiers "as of now" are those at `now` (unix
 * seconds, by default after everything).
 */
export function figuresOf(
  tellings: readonly Telling[],
  settings: readonly Settings[],
  codeOf: CodeOf,
  now = Number.MAX_SAFE_INTEGER,
): Figures {
  const facts = withPersons(mergedFacts(tellings.filter((one) => !isReversal(one))));
  const reversals = mergedReversals(tellings);
  const paidIds = facts
    .filter((fact) => fact.kind === 'payment' && fact.succeeded && isOfKnownPerson(fact))
    .map((fact) => fact.id);
  const isParked = ({ paymentId }: Reversal) =>
    paymentId === undefined || !paidIds.includes(paymentId);
  const creators = distinct([
    ...settings.map((one) => one.creatorId),
    ...facts.flatMap((fact) => (fact.creatorId === undefined ? [] : [fact.creatorId])),
  ]);
  const each = creators.map((creatorId) => {
    const own = settings.find((one) => one.creatorId === creatorId) ?? { creatorId };
    const ofCreator = facts.filter((fact) => fact.creatorId === creatorId && isOfKnownPerson(fact));
    return creatorFigures(own, ofCreator, reversals, codeOf, now);
  });
  return {
    creators: each.flatMap((one) => one.creators),
    members: each.flatMap((one) => one.members),
    referrals: each.flatMap((one) => one.referrals),
    payments: each.flatMap((one) => one.payments),
    memberTotals: each.flatMap((one) => one.memberTotals),
    memberMonths: each.flatMap((one) => one.memberMonths),
    memberMonthEarnings: each.flatMap((one) => one.memberMonthEarnings),
    memberDayEarnings: each.flatMap((one) => one.memberDayEarnings),
    creatorMonths: each.flatMap((one) => one.creatorMonths),
    creatorMonthRevenue: each.flatMap((one) => one.creatorMonthRevenue),
    rankings: each.flatMap((one) => one.rankings),
    reversals: each.flatMap((one) => one.reversals),
    creatorMonthRefunds: each.flatMap((one) => one.creatorMonthRefunds),
    memberMonthReversed: each.flatMap((one) => one.memberMonthReversed),
    misfits: each.flatMap((one) => one.misfits),
    parked: [
      ...facts.filter((fact) => !isOfKnownPerson(fact)),
      ...reversals.filter((reversal) => isParked(reversal)),
    ].map(({ id, kind }) => ({ id, kind })),
  };
}

function creatorFigures(
  settings: Settings,
  facts: readonly Fact[],
  told: readonly Reversal[],
  codeOf: CodeOf,
  now: number,
): Omit<Figures, 'parked'> {
  const { creatorId } = settings;
  const calendar = calendarOf(settings.timeZone ?? 'UTC', settings.zones);
  const members: Member[] = distinct(facts.map((fact) => fact.userId ?? '')).map((memberId) => ({
    creatorId,
    memberId,
    code: codeOf(creatorId, memberId),
    facts: facts.filter((fact) => fact.userId === memberId),
  }));
  const payments: PaymentRow[] = [];
  const referrals: ReferralRow[] = [];
  for (const member of members) {
    const referrerId = referrerOf(member, members, settings);
    const paid = paymentsOf(member, referrerId, settings, calendar);
    payments.push(...paid);
    const first = paid[0];
    if (referrerId === null) continue;
    referrals.push({
      creatorId,
      memberId: member.memberId,
      referrerId,
      signedUpAt: signedUpAtOf(member),
      convertedAt: first?.paidAt ?? null,
      month: first?.month ?? null,
      paymentId: first?.paymentId ?? null,
    });
  }
  const { reversals, misfits } = takenBack(payments, facts, told, settings, calendar);
  const signUpMonths = members.flatMap((member) => {
    const at = signedUpAtOf(member);
    return at === null ? [] : [calendar.monthOf(at)];
  });
  const months = distinct([
    ...[...payments, ...reversals].map((one) => one.month),
    ...signUpMonths,
  ]);
  const endOf = (month: string) => (from: number) => calendar.monthOf(from) <= month;
  const rankings = [
    ...months.flatMap((month) => rankingAt(month, referrals, settings, endOf(month))),
    ...rankingAt('now', referrals, settings, (from) => from <= now),
  ];
  const memberRows = members.map((member): MemberRow => {
    const row = rankings.find((one) => one.asOf === 'now' && one.memberId === member.memberId);
    const referral = referrals.find((one) => one.memberId === member.memberId);
    const totalReferrals = row?.totalReferrals ?? 0;
    return {
      creatorId,
      memberId: member.memberId,
      referralCode: member.code,
      signedUpAt: signedUpAtOf(member),
      referrerId: referral?.referrerId ?? null,
      totalReferrals,
      tier: tierOf(totalReferrals, settings, (from) => from <= now),
    };
  });
  return {
    creators: [
      {
        creatorId,
        timeZone: zoneAt(now, settings, calendar),
        currency: currencyAt(now, settings),
      },
    ],
    members: memberRows,
    referrals,
    payments,
    rankings,
    reversals,
    misfits,
    ...sumsOf(payments, referrals, reversals, calendar),
  };
}

// ---- people ------------------------------------------------------------------------------------

/** Earliest of the times of the person's memberships and succeeded payments, zero amounts included. */
function signedUpAtOf(member: Member): number | null {
  const times = member.facts
    .filter((fact) => fact.kind === 'membership' || fact.succeeded)
    .flatMap((fact) => (fact.at === undefined ? [] : [fact.at]));
  return times.length === 0 ? null : Math.min(...times);
}

/** The referrer named by the earliest claim that resolves and counts; null: organic. */
function referrerOf(member: Member, members: readonly Member[], settings: Settings): string | null {
  const first = positivePayments(member, settings)[0];
  const claims = member.facts
    // Choice: a fact without a time can be put in no order, so it claims nothing.
    .filter((fact) => (fact.kind === 'membership' || fact.succeeded) && fact.at !== undefined)
    .filter((fact) => first === undefined || byTimeAndId(fact, first) <= 0)
    .sort(byTimeAndId);
  for (const claim of claims) {
    const referrer = resolved(claim, member, members);
    if (referrer !== undefined) return referrer.memberId;
  }
  return null;
}

/** The first of the fact's words that names another member of the same creator. */
function resolved(claim: Fact, member: Member, members: readonly Member[]): Member | undefined {
  const named = [
    ...claim.metadataCodes.map((code) => memberByCode(code, members)),
    ...claim.affiliateCodes.flatMap((word) => [
      memberByCode(asCode(word), members),
      memberByUsername(asUsername(word), members),
    ]),
    ...claim.affiliateUsernames.map((word) => memberByUsername(asUsername(word), members)),
  ];
  return named.find((one) => one !== undefined && one.memberId !== member.memberId);
}

function memberByCode(code: string, members: readonly Member[]): Member | undefined {
  return members.find((member) => asCode(member.code) === code);
}

/**
 * The first bearer, by (time, id) of the facts that carry the username.
 * Choice: among the members of the creator, since a bearer is a member and a member is of one
 * creator. Choice: a fact without a time (a payment that only ever failed) gives nobody a name.
 */
function memberByUsername(username: string, members: readonly Member[]): Member | undefined {
  const carrying = members
    .flatMap((member) => member.facts.map((fact) => ({ ...fact, member })))
    .filter((fact) => fact.usernames.includes(username) && fact.at !== undefined)
    .sort(byTimeAndId);
  return carrying[0]?.member;
}

// ---- payments ----------------------------------------------------------------------------------

/** Succeeded payments above zero by (paidAt, id): the first is initial, every other recurring. */
function positivePayments(member: Member, settings: Settings): Fact[] {
  return member.facts
    .filter((fact) => fact.kind === 'payment' && fact.succeeded)
    .filter((fact) => minorOf(fact, settings) > 0n)
    .sort(byTimeAndId);
}

function paymentsOf(
  member: Member,
  referrerId: string | null,
  settings: Settings,
  calendar: Calendar,
): PaymentRow[] {
  return positivePayments(member, settings).map((fact, index) => {
    const paidAt = fact.at ?? 0;
    const saleMinor = minorOf(fact, settings);
    return {
      creatorId: member.creatorId,
      paymentId: fact.id,
      memberId: member.memberId,
      referrerId,
      kind: index === 0 ? 'initial' : 'recurring',
      paidAt,
      month: calendar.monthOf(paidAt),
      day: calendar.dayOf(paidAt),
      currency: currencyOf(fact, settings),
      saleMinor,
      ...sharesOf(saleMinor, { referrerId, paidAt }, settings),
    };
  });
}

/** What refunds and disputes take of these payments, and which of them are in no currency of their sale. */
function takenBack(
  payments: readonly PaymentRow[],
  facts: readonly Fact[],
  told: readonly Reversal[],
  settings: Settings,
  calendar: Calendar,
): Pick<Figures, 'reversals' | 'misfits'> {
  const misfits = told.filter(({ paymentId, ...rest }) => {
    const fact = facts.find((one) => one.id === paymentId && one.succeeded);
    if (fact === undefined) return false;
    return takenIn(currencyOf(fact, settings), { paymentId, ...rest }, minorIn) === undefined;
  });
  const reversals = payments.flatMap((payment) => {
    const own = told.flatMap((one) => {
      const takenMinor = takenIn(payment.currency, one, minorIn);
      if (one.paymentId !== payment.paymentId || takenMinor === undefined) return [];
      return [{ ...one, takenMinor }];
    });
    const splitted = (saleMinor: bigint) => sharesOf(saleMinor, payment, settings);
    return reversalsOf(payment, own, splitted, calendar);
  });
  return { reversals, misfits: misfits.map(({ id, kind }) => ({ id, kind })) };
}

function sharesOf(
  saleMinor: bigint,
  { referrerId, paidAt }: Pick<PaymentRow, 'referrerId' | 'paidAt'>,
  settings: Settings,
) {
  return referrerId === null
    ? { memberMinor: 0n, creatorMinor: saleMinor, platformMinor: 0n }
    : split(saleMinor, ratesAt(paidAt, settings));
}

/** Largest remainder; equal remainders go to member, then creator, then platform. */
export function split(saleMinor: bigint, rates: Omit<RatesFrom, 'from'>) {
  const shares = [rates.memberBps, rates.creatorBps, rates.platformBps].map((bps, order) => {
    const exact = saleMinor * BigInt(bps);
    return { order, minor: exact / 10_000n, remainder: exact % 10_000n };
  });
  let left = saleMinor - shares.reduce((sum, share) => sum + share.minor, 0n);
  const largestFirst = [...shares].sort((a, b) =>
    a.remainder === b.remainder ? a.order - b.order : a.remainder > b.remainder ? -1 : 1,
  );
  for (const share of largestFirst) {
    if (left === 0n) break;
    share.minor += 1n;
    left -= 1n;
  }
  const [memberMinor = 0n, creatorMinor = 0n, platformMinor = 0n] = shares.map((one) => one.minor);
  return { memberMinor, creatorMinor, platformMinor };
}

const DECIMALS: Record<string, number> = {
  ...{ jpy: 0, krw: 0, vnd: 0, clp: 0 },
  ...{ usd: 2, eur: 2, gbp: 2, mxn: 2, whop_usd: 2 },
  ...{ kwd: 3, bhd: 3, jod: 3, omr: 3, tnd: 3 },
};

function currencyOf(fact: Fact, settings: Settings): string {
  return fact.currency ?? currencyAt(fact.at ?? 0, settings);
}

function minorOf(fact: Fact, settings: Settings): bigint {
  const currency = currencyOf(fact, settings);
  const minor = fact.amount === undefined ? undefined : minorIn(fact.amount, currency);
  if (minor === undefined) {
    throw new Error(`${fact.id}: ${fact.amount} ${currency} would be quarantined`);
  }
  return minor;
}

/** Undefined where the currency is unlisted or has fewer decimals. */
function minorIn(amount: string, currency: string): bigint | undefined {
  const decimals = DECIMALS[currency];
  const [whole = '', fraction = ''] = amount.split('.');
  if (decimals === undefined || fraction.length > decimals) return undefined;
  return BigInt(whole + fraction.padEnd(decimals, '0'));
}
