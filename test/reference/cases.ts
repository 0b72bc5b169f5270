/**
 * Which of the interesting cases a history contains: looked up in its tellings and in the figures
 * they amount to, not in what the generator meant to do.
 */
import { calendarOf } from './calendar.js';
import { noteOrders, noteReversals, REVERSAL_CASES } from './cases-reversals.js';
import { asCode, asUsername, type Fact, mergedFacts, withPersons } from './facts.js';
import { type History, type HistoryDelivery, settingsOf } from './histories.js';
import { figuresOf } from './model.js';
import { isReversal } from './reversals.js';
import type { CodeOf, Figures, PaymentRow } from './shapes.js';

const NAMES = [
  'payment within seconds of a month end of the creator',
  'payment in another month than in UTC',
  'two payments of a member at the same second',
  'first payments of a member at the same second',
  'tie in the ranking by total',
  'tie in the ranking by total and time',
  'zero amount',
  'zero amount before the first payment',
  'failed, then succeeded',
  'failed only',
  'member known by failed payments only',
  'currency without decimals',
  'currency with three decimals',
  'amount whose shares do not divide',
  'rates that change',
  'currency told by no telling',
  'currency told by some tellings only',
  'payment names only a membership and finds its person',
  'parked for ever',
  'delivery without a creator',
  'claim told by a membership only',
  'claim delivered after the payment it concerns',
  'code of a member who appears later',
  'code that nobody has',
  'code of another creator',
  'claim of oneself',
  'username with two bearers',
  'referrer found by an affiliate code that is a username',
  'referrer found by a legacy username',
  'referrer of a second word or claim',
  'claim later than the first payment',
  'organic payer',
  'referred, not converted',
  'mutual referral',
  'person in two communities',
  'delivery repeated',
  'several generations tell one fact',
  'earnings in two currencies',
  ...REVERSAL_CASES,
] as const;

export type Case = (typeof NAMES)[number];

export const CASES: readonly Case[] = NAMES;

export function casesOf(history: History, codeOf: CodeOf): ReadonlySet<Case> {
  const tellings = history.deliveries.map((delivery) => delivery.telling);
  const facts = withPersons(mergedFacts(tellings.filter((one) => !isReversal(one))));
  const figures = figuresOf(tellings, settingsOf(history), codeOf);
  const found = new Set<Case>();
  const note = (name: Case, occurs: boolean) => {
    if (occurs) found.add(name);
  };
  noteTimes(history, figures, note);
  noteMoney(history, facts, figures, note);
  notePeople(history, facts, figures, note);
  noteClaims(history, facts, figures, note);
  noteReversals(history, figures, note);
  noteOrders(history, figures, note);
  return found;
}

export type Note = (name: Case, occurs: boolean) => void;

function noteTimes(history: History, { payments, rankings }: Figures, note: Note): void {
  const calendars = settingsOf(history).map((one) => ({
    creatorId: one.creatorId,
    calendar: calendarOf(one.timeZone ?? 'UTC', one.zones),
  }));
  const utc = calendarOf('UTC');
  for (const payment of payments) {
    const own = calendars.find((one) => one.creatorId === payment.creatorId)?.calendar ?? utc;
    const near = [-3, 3].some((by) => own.monthOf(payment.paidAt + by) !== payment.month);
    note('payment within seconds of a month end of the creator', near);
    note('payment in another month than in UTC', utc.monthOf(payment.paidAt) !== payment.month);
  }
  pairs(payments, (a, b) => {
    const same = isSameMember(a, b) && a.paidAt === b.paidAt;
    note('two payments of a member at the same second', same);
    const first = same && (a.kind === 'initial' || b.kind === 'initial');
    note('first payments of a member at the same second', first);
  });
  pairs(rankings, (a, b) => {
    const same = a.creatorId === b.creatorId && a.asOf === b.asOf;
    const tie = same && a.totalReferrals === b.totalReferrals;
    note('tie in the ranking by total', tie);
    note('tie in the ranking by total and time', tie && a.reachedAt === b.reachedAt);
  });
}

function noteMoney(history: History, facts: readonly Fact[], figures: Figures, note: Note): void {
  const { payments, memberTotals } = figures;
  for (const payment of payments) {
    note('currency without decimals', ['jpy', 'clp'].includes(payment.currency));
    note('currency with three decimals', ['kwd', 'tnd'].includes(payment.currency));
    const { saleMinor, memberMinor, referrerId } = payment;
    const divides = (saleMinor * 10n) % 100n === 0n || memberMinor * 100n === saleMinor * 10n;
    note('amount whose shares do not divide', referrerId !== null && !divides);
  }
  for (const fact of facts.filter((one) => one.kind === 'payment')) {
    const told = ofFact(history, fact);
    const statuses = told.map((one) => one.telling.status);
    const zero = fact.succeeded && /^0*$/.test(fact.amount?.replace('.', '') ?? '');
    note('zero amount', zero);
    const first = payments.find((one) => one.kind === 'initial' && one.memberId === fact.userId);
    note('zero amount before the first payment', zero && (fact.at ?? 0) < (first?.paidAt ?? 0));
    note('failed, then succeeded', fact.succeeded && statuses.includes('failed'));
    note('failed only', !fact.succeeded);
    note('currency told by no telling', fact.currency === undefined);
    const partly = told.some((one) => one.telling.currency === undefined);
    note('currency told by some tellings only', fact.currency !== undefined && partly);
  }
  note(
    'rates that change',
    history.settings.some((one) => (one.rates?.length ?? 0) > 1),
  );
  pairs(memberTotals, (a, b) => {
    note('earnings in two currencies', isSameMember(a, b) && a.currency !== b.currency);
  });
}

function notePeople(
  history: History,
  facts: readonly Fact[],
  { parked, members, payments, referrals }: Figures,
  note: Note,
): void {
  note('parked for ever', parked.length > 0);
  note(
    'delivery without a creator',
    history.deliveries.some((one) => one.telling.creatorId === undefined),
  );
  for (const fact of facts) {
    const told = ofFact(history, fact);
    const anonymous = told.every((one) => one.telling.userId === undefined);
    const isPayment = fact.kind === 'payment';
    const isFound = isPayment && anonymous && fact.userId !== undefined;
    note('payment names only a membership and finds its person', isFound);
    const ids = new Set(told.map((one) => one.deliveryId));
    note('delivery repeated', ids.size < told.length);
    const generations = new Set(told.map((one) => one.generation));
    note('several generations tell one fact', generations.size > 1);
  }
  for (const member of members) {
    const own = facts.filter((fact) => fact.userId === member.memberId);
    const onlyFailed = own.every((fact) => fact.kind === 'payment' && !fact.succeeded);
    note('member known by failed payments only', onlyFailed);
  }
  pairs(members, (a, b) => {
    note('person in two communities', a.memberId === b.memberId && a.creatorId !== b.creatorId);
  });
  note(
    'organic payer',
    payments.some((one) => one.referrerId === null),
  );
  note(
    'referred, not converted',
    referrals.some((one) => one.month === null),
  );
  pairs(referrals, (a, b) => {
    const crossed = a.memberId === b.referrerId && b.memberId === a.referrerId;
    note('mutual referral', a.creatorId === b.creatorId && crossed);
  });
}

function noteClaims(history: History, facts: readonly Fact[], figures: Figures, note: Note): void {
  const { members, payments, referrals } = figures;
  const known = facts.filter((fact) => fact.userId !== undefined);
  for (const fact of known) {
    const codes = [...fact.metadataCodes, ...fact.affiliateCodes.map(asCode)];
    for (const code of codes) {
      const bearers = members.filter((one) => one.referralCode === code);
      const here = bearers.find((one) => one.creatorId === fact.creatorId);
      note('claim of oneself', here?.memberId === fact.userId);
      note('code of another creator', here === undefined && bearers.length > 0);
      note('code that nobody has', code.startsWith('NOPE'));
      const firstClaim = firstDelivery(history, (one) => one.telling.id === fact.id);
      const firstSeen = firstDelivery(
        history,
        (one) => one.telling.creatorId === here?.creatorId && one.telling.userId === here?.memberId,
      );
      note('code of a member who appears later', here !== undefined && firstSeen > firstClaim);
    }
    const first = payments.find((one) => one.kind === 'initial' && isOf(fact, one));
    const says = codes.length + fact.affiliateUsernames.length > 0;
    const late = first !== undefined && (fact.at ?? 0) > first.paidAt;
    note('claim later than the first payment', says && late);
  }
  const names = known.flatMap((fact) =>
    fact.usernames.map((name) => ({ name, creatorId: fact.creatorId, userId: fact.userId })),
  );
  pairs(names, (a, b) => {
    const two = a.name === b.name && a.creatorId === b.creatorId && a.userId !== b.userId;
    note('username with two bearers', two);
  });
  for (const referral of referrals) {
    const referrer = members.find(
      (one) => one.memberId === referral.referrerId && one.creatorId === referral.creatorId,
    );
    const code = referrer?.referralCode ?? '';
    const own = known.filter((fact) => isOf(fact, referral) && fact.at !== undefined);
    const spoken = own.filter((fact) => wordsIn(fact).length > 0);
    const byCode = spoken.filter((fact) => wordsIn(fact).map(asCode).includes(code));
    const isNamed = (names: (fact: Fact) => readonly string[]) =>
      byCode.length === 0 &&
      own.some((fact) =>
        names(fact).some((word) =>
          known.some(
            (other) =>
              other.userId === referral.referrerId &&
              other.creatorId === referral.creatorId &&
              other.usernames.includes(asUsername(word)),
          ),
        ),
      );
    note(
      'referrer found by an affiliate code that is a username',
      isNamed((fact) => fact.affiliateCodes),
    );
    note(
      'referrer found by a legacy username',
      isNamed((fact) => fact.affiliateUsernames),
    );
    const one = spoken[0];
    const second = spoken.length > 1 || (one !== undefined && wordsIn(one).length > 1);
    note('referrer of a second word or claim', second && firstWord(spoken) !== code);
    const byMembership = spoken.every((fact) => fact.kind === 'membership');
    note('claim told by a membership only', byMembership && referral.month !== null);
    const paid = firstDelivery(history, (it) => it.telling.id === referral.paymentId);
    const claimed = Math.min(
      ...spoken.map((fact) =>
        firstDelivery(history, (it) => it.telling.id === fact.id && saysWord(it)),
      ),
    );
    note('claim delivered after the payment it concerns', paid < claimed);
  }
}

function firstWord(spoken: readonly Fact[]): string {
  const earliest = [...spoken].sort((a, b) => (a.at ?? 0) - (b.at ?? 0))[0];
  return earliest === undefined ? '' : asCode(wordsIn(earliest)[0] ?? '');
}

function wordsIn(fact: Fact): string[] {
  return [...fact.metadataCodes, ...fact.affiliateCodes, ...fact.affiliateUsernames];
}

function saysWord({ telling }: HistoryDelivery): boolean {
  const { metadataCode, membershipMetadataCode, affiliateCode, affiliateUsername } = telling;
  return (
    (metadataCode ?? membershipMetadataCode ?? affiliateCode ?? affiliateUsername) !== undefined
  );
}

function ofFact(history: History, fact: Fact): HistoryDelivery[] {
  return history.deliveries.filter((delivery) => delivery.telling.id === fact.id);
}

/** Its place in the order of arrival; after the last when there is none. */
function firstDelivery(history: History, is: (delivery: HistoryDelivery) => boolean): number {
  const at = history.deliveries.findIndex(is);
  return at === -1 ? Number.MAX_SAFE_INTEGER : at;
}

function isOf(fact: Fact, member: Pick<PaymentRow, 'creatorId' | 'memberId'>): boolean {
  return fact.creatorId === member.creatorId && fact.userId === member.memberId;
}

function isSameMember(
  a: Pick<PaymentRow, 'creatorId' | 'memberId'>,
  b: Pick<PaymentRow, 'creatorId' | 'memberId'>,
): boolean {
  return a.creatorId === b.creatorId && a.memberId === b.memberId;
}

function pairs<T>(list: readonly T[], visit: (a: T, b: T) => void): void {
  list.forEach((a, at) => {
    for (const b of list.slice(at + 1)) visit(a, b);
  });
}
