/**
 * The lines of the log, expanded by the database from what the events store. The compact encoding
 * (libs/ledger/src/stored-lines.ts) is read here a second time, in another language: this file must
 * never share code with the projections that it is to convict.
 */
import { sql } from 'kysely';
import { type Scope, type Stage, staged } from './check.js';

/** Creator and member of `member-<creator>.<member>`: a creator's id holds no dot, a member's may. */
export const OWNER = `
  substr(split_part(e.stream, '.', 1), 8) collate "C" as creator_id,
  substr(e.stream, strpos(e.stream, '.') + 1) collate "C" as member_id`;

/** Where an amount stands in a restated line, for a sale, and in a reversal's own line. */
function amount(restated: number, sale: string, reversal: number): string {
  return `case when not k.own then (l.line ->> ${restated})::bigint
    when k.kind = 'sale' then (${sale})::bigint
    when k.kind = 'reversal' then (l.line ->> ${reversal})::bigint else 0 end`;
}

/**
 * `own`: a line that a fact carries itself leaves out what its event says; a restated one is whole.
 * A restated line: kind, source, payment, first, at, day, referrer, currency, count and four amounts.
 * Own lines of payments and memberships: `sale, first, referrer, member, creator, platform`;
 * `conversion, referrer`; `signUp, referrer`. Of refunds and disputes, which are in the currency of
 * the sale: `reversal, first, referrer, currency, sale, member, creator, platform`;
 * `reversedConversion, referrer, currency`.
 */
const EXPANDED = `
  select e.position, (l.n - 1)::integer as n, ${OWNER},
    k.kind collate "C" as kind,
    (case when not k.own then l.line ->> 1
      else coalesce(e.data ->> 'refund', e.data ->> 'dispute', e.data ->> 'payment',
        e.data ->> 'membership') end) collate "C" as source_id,
    (case when not k.own then l.line ->> 2 when k.kind = 'signUp' then ''
      else e.data ->> 'payment' end) collate "C" as payment_id,
    case when not k.own then l.line ->> 3 when k.kind in ('sale', 'reversal') then l.line ->> 1
      when k.kind = 'signUp' then '0' else '1' end = '1' as first,
    case when k.own then extract(epoch from e.effective_at)::bigint
      else (l.line ->> 4)::bigint end as at,
    (case when k.own then e.data ->> 'day' else l.line ->> 5 end) collate "C" as day,
    coalesce(case when not k.own then l.line ->> 6 when k.kind in ('sale', 'reversal')
      then l.line ->> 2 else l.line ->> 1 end, '') collate "C" as referrer_id,
    coalesce(case when not k.own then l.line ->> 7 when k.kind = 'reversal' then l.line ->> 3
      when k.kind = 'reversedConversion' then l.line ->> 2
      when k.kind <> 'signUp' then e.data ->> 'currency' end, '') collate "C" as currency,
    case when k.own then 1 else (l.line ->> 8)::bigint end as count,
    ${amount(9, `e.data ->> 'amountMinor'`, 4)} as sale_minor,
    ${amount(10, 'l.line ->> 3', 5)} as member_minor,
    ${amount(11, 'l.line ->> 4', 6)} as creator_minor,
    ${amount(12, 'l.line ->> 5', 7)} as platform_minor
  from public.events e
  cross join lateral jsonb_array_elements(e.data -> 'lines') with ordinality as l(line, n)
  cross join lateral (select e.type <> 'CommissionRestated' as own, l.line ->> 0 as kind) as k
  where e.type in ('PaymentReceived', 'MembershipActivated', 'MembershipDeactivated',
    'RefundTold', 'DisputeTold', 'CommissionRestated')`;

/** Every line up to the position that the read models contain. */
export const linesStage: Stage = {
  table: 'flywheel_log_lines',
  rows: (scope: Scope) =>
    scope.creatorId === undefined
      ? sql`${sql.raw(EXPANDED)} and e.position <= ${sql.lit(String(scope.position))}::bigint`
      : linesOfCreator(scope.creatorId, scope),
};

/** Lines of one creator alone: of the streams whose names begin with theirs. */
export const linesOfCreator = (creatorId: string, { position }: Pick<Scope, 'position'>) => {
  const from = `member-${creatorId}.`;
  // The character after the dot: all streams of the creator lie between in bytewise order.
  const to = `member-${creatorId}/`;
  // Literals: `create table as` takes no parameters.
  return sql`${sql.raw(EXPANDED)} and e.stream >= ${sql.lit(from)} and e.stream < ${sql.lit(to)}
    and e.position <= ${sql.lit(String(position))}::bigint`;
};

/** Who signed up and who converted, netted: a line that was taken back is gone. */
export const referralsStage: Stage = {
  table: 'flywheel_log_referrals',
  after: linesStage,
  rows: () => sql`
    select creator_id, member_id, kind, referrer_id, at, day, sum(count)::bigint as count
    from ${staged(linesStage)} where kind in ('signUp', 'conversion')
    group by 1, 2, 3, 4, 5, 6`,
};

const sum = (amount: string, condition: string): string =>
  `coalesce(sum(${amount}) filter (where ${condition}), 0)::bigint`;

/** What a referrer won and lost in a period. */
export const REFERRED_SUMS = {
  referrals: sum('count', `kind = 'conversion'`),
  reversed_referrals: sum('count', `kind = 'reversedConversion'`),
  earned_minor: sum('member_minor', `kind = 'sale'`),
  reversed_minor: sum('member_minor', `kind = 'reversal'`),
};

/** What a creator sold and won in a period, from lines added up by kind, `first` and `referred`. */
export const CREATOR_SUMS = {
  sign_ups: sum('count', `kind = 'signUp' and referred`),
  referrals: sum('count', `kind = 'conversion'`),
  reversed_referrals: sum('count', `kind = 'reversedConversion'`),
  initial_payments: sum('count', `kind = 'sale' and first`),
  initial_minor: sum('sale_minor', `kind = 'sale' and first`),
  recurring_payments: sum('count', `kind = 'sale' and not first`),
  recurring_minor: sum('sale_minor', `kind = 'sale' and not first`),
  organic_payments: sum('count', `kind = 'sale' and not referred`),
  organic_minor: sum('sale_minor', `kind = 'sale' and not referred`),
  referred_payments: sum('count', `kind = 'sale' and referred`),
  referred_minor: sum('sale_minor', `kind = 'sale' and referred`),
  refunds_minor: sum('sale_minor', `kind = 'reversal'`),
  creator_minor: `coalesce(sum(case kind when 'sale' then creator_minor
    when 'reversal' then -creator_minor end), 0)::bigint`,
};

const selected = (sums: Readonly<Record<string, string>>): string =>
  Object.entries(sums)
    .map(([name, expression]) => `${expression} as ${name}`)
    .join(', ');

/** By referrer, day and currency. */
export const referrerDaysStage: Stage = {
  table: 'flywheel_log_referrer_days',
  after: linesStage,
  rows: () => sql`
    select creator_id, referrer_id as member_id, day, currency,
      ${sql.raw(selected(REFERRED_SUMS))}
    from ${staged(linesStage)} where referrer_id <> '' and kind <> 'signUp' group by 1, 2, 3, 4`,
};

/** By creator, day and currency. */
export const creatorDaysStage: Stage = {
  table: 'flywheel_log_creator_days',
  after: linesStage,
  rows: () => sql`
    select creator_id, day, currency, ${sql.raw(selected(CREATOR_SUMS))}
    from (
      -- A few plain sums of many lines first, then many sums of few.
      select creator_id, day, currency, kind, first, referrer_id <> '' as referred,
        sum(count) as count, sum(sale_minor) as sale_minor, sum(creator_minor) as creator_minor
      from ${staged(linesStage)} group by 1, 2, 3, 4, 5, 6) as added
    group by 1, 2, 3`,
};
