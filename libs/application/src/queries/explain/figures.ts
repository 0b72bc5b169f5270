/**
 * Every figure that can be explained: which lines add to it and by how much, in what time and
 * currency, and the rule that says so (product.md). Names are those of the fields that show them.
 */
import type { Adds } from '#libs/checks';
import { DomainError, type LineKind } from '#libs/ledger';

export type FigureSubject = 'member' | 'creator';
export type FigureUnit = 'count' | 'money' | 'tier' | 'rank';

export interface FigureRule {
  readonly figure: string;
  readonly unit: FigureUnit;
  /** What it counts, as a sentence. */
  readonly says: string;
  /** Of product.md. */
  readonly section: string;
  readonly adds: readonly Adds[];
  /** Kinds of lines that are listed as not counted, beside those that add. */
  readonly besides: readonly LineKind[];
  readonly time: 'month' | 'through' | 'before' | 'line' | 'source';
  /** In one currency; the others count all of them together, unless one is named. */
  readonly inCurrency: boolean;
  /** Those whose claims named the member and count for nobody, or for another, are told. */
  readonly tellsClaims: boolean;
  /** Snapshots state it. */
  readonly stated: boolean;
  /** Single days of it can be asked for. */
  readonly byDay: boolean;
  /** The first days of a month of it can be asked for together. */
  readonly soFar: boolean;
}

type Declared = Pick<FigureRule, 'says' | 'section' | 'adds'> &
  Partial<Omit<FigureRule, 'figure' | 'says' | 'section' | 'adds'>>;

const rule = (figure: string, declared: Declared): FigureRule => ({
  figure,
  unit: 'money',
  besides: [],
  time: 'month',
  inCurrency: true,
  tellsClaims: false,
  stated: false,
  byDay: false,
  soFar: false,
  ...declared,
});

const COUNT = { unit: 'count', inCurrency: false } as const;
const CONVERSIONS: readonly Adds[] = [{ kind: 'conversion', amount: 'count' }];
const EARNINGS: readonly Adds[] = [
  { kind: 'sale', amount: 'member_minor', referred: true },
  { kind: 'reversal', amount: 'member_minor', minus: true, referred: true },
];
const [EARNED, REVERSED] = [
  [{ kind: 'sale', amount: 'member_minor', referred: true }],
  [{ kind: 'reversal', amount: 'member_minor', referred: true }],
] as const satisfies readonly (readonly Adds[])[];
const bothOf = (amount: Adds['amount']): readonly Adds[] => [
  { kind: 'sale', amount },
  { kind: 'reversal', amount },
];

const CONVERSION = 'What a payment means: Conversion';
const COMMISSION = 'What a payment means: Commission';
const REVERSALS = 'What a payment means: Reversals';
const REVENUE = 'What a payment means: Revenue';
const PEOPLE = 'People';
const FIGURES = 'Figures';

const referrals = {
  ...COUNT,
  adds: CONVERSIONS,
  says: 'A referral counts in the month of the referred member’s first payment above zero, once for ever.',
  section: CONVERSION,
} as const;
const total = {
  ...referrals,
  time: 'through',
  says: 'All referrals up to the end of the month; refunds do not lower it.',
} as const;
const reversed = {
  ...COUNT,
  adds: [{ kind: 'reversedConversion', amount: 'count' }],
  says: 'Conversions whose first payment was brought to zero, in the month of the reversal that did so.',
  section: REVERSALS,
  stated: true,
} as const;
const ofMember = { besides: ['sale', 'signUp'], tellsClaims: true } as const;
const earnings = {
  adds: EARNINGS,
  says: 'Member shares of the sales of those they referred, by the sale’s time, minus reversals by the reversal’s.',
  section: REVENUE,
} as const;
const account = { ...earnings, says: 'What the months before left, and what came and went since.' };

const MEMBER: readonly FigureRule[] = [
  rule('monthlyReferrals', { ...referrals, ...ofMember, stated: true }),
  rule('referrals', { ...referrals, ...ofMember, stated: true }),
  rule('totalReferrals', { ...total, ...ofMember, stated: true }),
  rule('reversedReferrals', reversed),
  rule('signUps', {
    ...COUNT,
    adds: [{ kind: 'signUp', amount: 'count' }],
    says: 'Members whom they referred, by the month of their sign-up.',
    section: PEOPLE,
    tellsClaims: true,
  }),
  rule('monthlyEarningsMinor', { ...earnings, stated: true }),
  rule('totalEarningsMinor', { ...earnings, time: 'through' }),
  rule('earningsMinor', { ...earnings, stated: true, byDay: true }),
  rule('earnedMinor', {
    adds: EARNED,
    says: 'Member shares of the sales of those they referred.',
    section: COMMISSION,
    stated: true,
    byDay: true,
  }),
  rule('reversedMinor', {
    adds: REVERSED,
    says: 'Member shares that refunds and lost disputes took back, in the month of the reversal.',
    section: REVERSALS,
    stated: true,
    byDay: true,
  }),
  rule('tier', {
    ...total,
    ...ofMember,
    unit: 'tier',
    says: 'The highest threshold that the total reaches at the end of the month, unless an admin pinned another.',
    section: `${FIGURES}: Tiers`,
    stated: true,
  }),
  rule('rank', {
    ...total,
    ...ofMember,
    unit: 'rank',
    says: 'By total referrals, then who reached that total first, then member id; without a referral there is none.',
    section: `${FIGURES}: Ranking`,
    stated: true,
  }),
  rule('openingMinor', { ...earnings, time: 'before', says: 'What all months before left.' }),
  rule('closingMinor', { ...account, time: 'through' }),
];

const MEMBER_OF_SOURCE: readonly FigureRule[] = [
  rule('saleMinor', {
    adds: bothOf('sale_minor'),
    says: 'The sale, or what of it was reversed.',
    section: REVENUE,
    time: 'source',
  }),
  rule('amountMinor', {
    ...earnings,
    says: 'What the account gained by this payment, or lost by this reversal.',
    time: 'source',
  }),
  rule('balanceMinor', { ...account, time: 'line' }),
];

const sales = (figure: string, says: string, only: Partial<Adds> = {}): FigureRule =>
  rule(`${figure}Minor`, {
    adds: [{ kind: 'sale', amount: 'sale_minor', ...only }],
    says,
    section: REVENUE,
    stated: true,
  });
const payments = (figure: string, says: string, only: Partial<Adds>): FigureRule =>
  rule(`${figure}Payments`, {
    unit: 'count',
    adds: [{ kind: 'sale', amount: 'count', ...only }],
    says,
    section: CONVERSION,
    stated: true,
  });
const signUps = {
  ...COUNT,
  adds: [{ kind: 'signUp', amount: 'count', referred: true }],
  says: 'Referred members, by the month of their sign-up.',
  section: PEOPLE,
  stated: true,
} as const;
const INITIAL = 'First payments of members above zero, organic or referred';
const RECURRING = 'Every other payment above zero';

const CREATOR: readonly FigureRule[] = [
  rule('members', {
    ...COUNT,
    adds: [{ kind: 'signUp', amount: 'count' }],
    says: 'Who signed up by the end of the month.',
    section: PEOPLE,
    time: 'through',
    stated: true,
  }),
  rule('totalReferrals', { ...total, stated: true }),
  rule('referrals', { ...referrals, besides: ['sale'], stated: true, soFar: true }),
  rule('monthlyReferrals', { ...referrals, besides: ['sale'], stated: true }),
  rule('signUps', { ...signUps, soFar: true }),
  rule('monthlySignUps', signUps),
  rule('reversedReferrals', reversed),
  sales('revenue', 'Gross sales, organic and referred.'),
  sales('organic', 'Gross sales to members whom nobody referred.', { referred: false }),
  sales('referred', 'Gross sales to referred members.', { referred: true }),
  sales('initial', `${INITIAL}: their sales.`, { first: true }),
  sales('recurring', `${RECURRING}: their sales.`, { first: false }),
  payments('initial', `${INITIAL}.`, { first: true }),
  payments('recurring', `${RECURRING}.`, { first: false }),
  payments('organic', 'Payments above zero of members whom nobody referred.', { referred: false }),
  payments('referred', 'Payments above zero of referred members.', { referred: true }),
  rule('refundsMinor', {
    adds: [{ kind: 'reversal', amount: 'sale_minor' }],
    says: 'Refunds and lost disputes, in their own month; not taken off the revenue.',
    section: REVERSALS,
    stated: true,
  }),
  rule('creatorMinor', {
    adds: [
      { kind: 'sale', amount: 'creator_minor' },
      { kind: 'reversal', amount: 'creator_minor', minus: true },
    ],
    says: 'The creator’s shares of sales, minus what reversals took back of them.',
    section: COMMISSION,
    stated: true,
  }),
  rule('earnedMinor', {
    adds: EARNED,
    says: 'Member shares of sales, of all members together.',
    section: COMMISSION,
    stated: true,
    byDay: true,
  }),
  rule('reversedMinor', {
    adds: REVERSED,
    says: 'Member shares that reversals took back, of all members together.',
    section: REVERSALS,
    stated: true,
    byDay: true,
  }),
  rule('earningsMinor', {
    ...earnings,
    says: 'Member shares of sales minus reversals, of all members together.',
    stated: true,
    byDay: true,
  }),
];

const share = (name: 'member' | 'creator' | 'platform'): FigureRule =>
  rule(`${name}Minor`, {
    adds: bothOf(`${name}_minor`),
    says: `The ${name} share of the sale, or of what was reversed of it.`,
    section: COMMISSION,
    time: 'source',
  });
const CREATOR_OF_SOURCE: readonly FigureRule[] = [
  ...MEMBER_OF_SOURCE.filter(({ figure }) => figure === 'saleMinor'),
  share('member'),
  share('creator'),
  share('platform'),
];

/** What can be explained of a subject; `ofSource`: of one payment, refund or dispute. */
export const explainable = (subject: FigureSubject, ofSource: boolean): readonly FigureRule[] => {
  if (subject === 'member') return ofSource ? MEMBER_OF_SOURCE : MEMBER;
  return ofSource ? CREATOR_OF_SOURCE : CREATOR;
};

/** Throws `figure_unknown`, which lists the figures, and `source_required`. */
export function figureRule(
  subject: FigureSubject,
  figure: string,
  sourceId: string | undefined,
): FigureRule {
  const ofSource = sourceId !== undefined;
  const found = explainable(subject, ofSource).find((one) => one.figure === figure);
  if (found !== undefined) return found;
  if (!ofSource && explainable(subject, true).some((one) => one.figure === figure))
    throw new DomainError(
      'source_required',
      `${figure} is one of a payment, refund or dispute: say of which by source`,
    );
  const names = (of: boolean): string =>
    explainable(subject, of)
      .map((one) => one.figure)
      .join(', ');
  throw new DomainError(
    'figure_unknown',
    ofSource
      ? `of one payment, refund or dispute of a ${subject} these can be explained: ${names(true)}`
      : `of a ${subject} these can be explained: ${names(false)}; with source: ${names(true)}`,
  );
}
