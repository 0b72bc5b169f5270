/** What holds of amounts: nothing negative that is gross (3), exact shares (4), earnings (5). */
import { type RawBuilder, sql } from 'kysely';
import {
  camel,
  checkOf,
  contradiction,
  contradictions,
  readModel,
  type Scope,
  type Stage,
  staged,
} from '../check.js';
import { differences } from '../compare.js';
import { linesStage, referrerDaysStage, referrerMonthsStage } from '../log-lines.js';

/**
 * Columns that count or are gross, by table. `reversed_minor` and `creator_minor` are not among
 * them: one reversal's share may be -1 unit, and a creator's share is net.
 */
const GROSS: Readonly<
  Record<string, { readonly key: readonly string[]; readonly columns: readonly string[] }>
> = {
  member_months: {
    key: ['creator_id', 'member_id', 'month', 'currency'],
    columns: ['referrals', 'reversed_referrals', 'earned_minor'],
  },
  member_days: { key: ['creator_id', 'member_id', 'day', 'currency'], columns: ['earned_minor'] },
  creator_months: { key: ['creator_id', 'month', 'currency'], columns: [] },
  creator_days: { key: ['creator_id', 'day', 'currency'], columns: [] },
  rankings: {
    key: ['creator_id', 'member_id'],
    columns: ['total_referrals', 'reversed_referrals'],
  },
  referrals: {
    key: ['creator_id', 'member_id', 'kind', 'referrer_id', 'at', 'day'],
    columns: ['count'],
  },
};
const GROSS_OF_CREATOR = [
  ...['sign_ups', 'referrals', 'reversed_referrals'],
  ...['initial_payments', 'initial_minor', 'recurring_payments', 'recurring_minor'],
  ...['organic_payments', 'organic_minor', 'referred_payments', 'referred_minor', 'refunds_minor'],
];

const named = (columns: readonly string[]): Record<string, string> =>
  Object.fromEntries(columns.map((column) => [camel(column), `t.${column}`]));

function negativesOf(scope: Scope, table: string) {
  const { key = [], columns: own = [] } = GROSS[table] ?? {};
  const columns = own.length === 0 ? GROSS_OF_CREATOR : own;
  const least = `least(${columns.map((column) => `t.${column}`).join(', ')}) < 0`;
  return contradiction({
    key: named(key),
    creator: 't.creator_id',
    expected: Object.fromEntries(
      columns.map((column) => [camel(column), `greatest(t.${column}, 0)`]),
    ),
    actual: named(columns),
    from: sql`from ${readModel(scope, table)} t where ${sql.raw(least)}`,
  });
}

const SHARES_DIFFER = `(member_minor + creator_minor + platform_minor <> sale_minor
  or (referrer_id = '' and (member_minor <> 0 or platform_minor <> 0)))`;
const LEAST = 'least(sale_minor, member_minor, creator_minor, platform_minor)';

const oddLines = (from: RawBuilder<unknown>): RawBuilder<unknown> => sql`
  select creator_id, payment_id, position, n, kind, referrer_id, count,
    sale_minor, member_minor, creator_minor, platform_minor
  from ${from} l
  where kind = 'reversal' or (kind = 'sale' and (count < 0 or ${sql.raw(LEAST)} < 0))
    or ${sql.raw(SHARES_DIFFER)}`;

/** The few lines that the checks of this file look at closely, found in one go. */
const oddLinesStage: Stage = {
  seconds: 1.2,
  table: 'flywheel_log_odd_lines',
  after: linesStage,
  rows: () => oddLines(staged(linesStage)),
};

/** Those of the read model: the same, if it has the same lines. */
const oddLinesReadStage: Stage = {
  table: 'flywheel_odd_lines',
  after: oddLinesStage,
  rows: (scope) => oddLines(readModel(scope, 'lines')),
  twin: { given: linesStage, as: () => sql`select * from ${staged(oddLinesStage)}` },
};

/** Of each payment, what is left of the sale and of each share after its reversals. */
const REMAINING = sql`
  select creator_id, payment_id, currency,
    sum(case kind when 'sale' then sale_minor else -sale_minor end) as sale,
    sum(case kind when 'sale' then member_minor else -member_minor end) as member,
    sum(case kind when 'sale' then creator_minor else -creator_minor end) as creator,
    sum(case kind when 'sale' then platform_minor else -platform_minor end) as platform
  from ${staged(linesStage)}
  where kind in ('sale', 'reversal')
    -- A payment with one plain line needs no sum: the other half of the check looks at it.
    and payment_id in (select payment_id from ${staged(oddLinesStage)}
      where kind = 'reversal' or (kind = 'sale' and count < 0))
  group by 1, 2, 3`;

export const noNegative = checkOf({
  name: 'no-negative',
  remedy: 'replay',
  why: 'No count, no gross figure and no remaining share of a payment is negative. Net earnings may be.',
  stages: [oddLinesStage],
  violations: (scope) =>
    contradictions(
      ...Object.keys(GROSS).map((table) => negativesOf(scope, table)),
      contradiction({
        key: { creatorId: 'p.creator_id', paymentId: 'p.payment_id', currency: 'p.currency' },
        creator: 'p.creator_id',
        expected: {
          saleMinor: 'greatest(p.sale, 0)',
          memberMinor: 'greatest(p.member, 0)',
          creatorMinor: 'greatest(p.creator, 0)',
          platformMinor: 'greatest(p.platform, 0)',
        },
        actual: {
          saleMinor: 'p.sale',
          memberMinor: 'p.member',
          creatorMinor: 'p.creator',
          platformMinor: 'p.platform',
        },
        from: sql`from (${REMAINING}) p where least(p.sale, p.member, p.creator, p.platform) < 0`,
      }),
      contradiction({
        key: {
          creatorId: 'l.creator_id',
          paymentId: 'l.payment_id',
          position: 'l.position',
          n: 'l.n',
        },
        creator: 'l.creator_id',
        expected: {
          saleMinor: 'greatest(l.sale_minor, 0)',
          memberMinor: 'greatest(l.member_minor, 0)',
          creatorMinor: 'greatest(l.creator_minor, 0)',
          platformMinor: 'greatest(l.platform_minor, 0)',
        },
        actual: {
          saleMinor: 'l.sale_minor',
          memberMinor: 'l.member_minor',
          creatorMinor: 'l.creator_minor',
          platformMinor: 'l.platform_minor',
        },
        from: sql`from ${staged(oddLinesStage)} l
          where l.kind = 'sale' and l.count > 0 and ${sql.raw(LEAST)} < 0`,
      }),
    ),
});

/** Of the log and of the read model: a line may have been changed in either. */
const sharesOf = (from: ReturnType<typeof staged>) =>
  contradiction({
    key: { creatorId: 'l.creator_id', paymentId: 'l.payment_id', position: 'l.position', n: 'l.n' },
    creator: 'l.creator_id',
    expected: {
      shares: `case when l.referrer_id = '' then '0 + ' || l.sale_minor || ' + 0'
        else l.sale_minor::text end`,
    },
    actual: { shares: `l.member_minor || ' + ' || l.creator_minor || ' + ' || l.platform_minor` },
    from: sql`from ${from} l where ${sql.raw(SHARES_DIFFER)}`,
  });

export const sharesSumToSale = checkOf({
  name: 'shares-sum-to-sale',
  remedy: 'replay',
  why: 'Member, creator and platform share sum to the sale exactly; of an organic one all is the creator’s.',
  stages: [oddLinesReadStage],
  violations: () =>
    contradictions(sharesOf(staged(oddLinesStage)), sharesOf(staged(oddLinesReadStage))),
});

const commissionStage: Stage = {
  table: 'flywheel_log_commission',
  after: referrerDaysStage,
  rows: () => sql`
    select creator_id, member_id, currency, sum(earned_minor - reversed_minor)::bigint as earnings_minor
    from ${staged(referrerDaysStage)} group by 1, 2, 3`,
};

export const earningsEqualCommission = checkOf({
  name: 'earnings-equal-commission',
  remedy: 'replay',
  why: 'Earnings = the commission lines in the log, for every member and currency, by months and by days, to the unit.',
  stages: [commissionStage],
  impliedBy: [referrerDaysStage, referrerMonthsStage],
  violations: (scope) =>
    contradictions(
      ...['member_months', 'member_days'].map((table) =>
        differences({
          key: ['creator_id', 'member_id', 'currency'],
          values: ['earnings_minor'],
          sums: true,
          expected: sql`select * from ${staged(commissionStage)}`,
          actual: sql`(
            select creator_id, member_id, currency,
              sum(earned_minor - reversed_minor)::bigint as earnings_minor
            from ${readModel(scope, table)} group by 1, 2, 3)`,
        }),
      ),
    ),
});
