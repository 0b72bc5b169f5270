/**
 * The lines of the log, expanded by the database from what the events store. The compact encoding
 * (libs/ledger/src/stored-lines.ts) is read here a second time, in another language: this file must
 * never share code with the projections that it is to convict.
 */
import { type RawBuilder, sql } from 'kysely';
import { readModel, type Scope, type Stage, staged, streamsOf, type Twin } from './check.js';
import { addsUp, isUnique, type Summed } from './proofs.js';
import { SUM } from './sums.js';

/** Creator and member of `member-<creator>.<member>`: a creator's id holds no dot, a member's may. */
const ownerOf = (event: string): string => `
  substr(split_part(${event}.stream, '.', 1), 8) collate "C" as creator_id,
  substr(${event}.stream, strpos(${event}.stream, '.') + 1) collate "C" as member_id`;
export const OWNER = ownerOf('e');

/** Where an amount stands in a restated line, for a sale, and in a reversal's own line. */
function amount(restated: number, sale: string, reversal: number): string {
  return `case when not l.own then (l.line ->> ${restated})::bigint
    when l.kind = 'sale' then (${sale})::bigint
    when l.kind = 'reversal' then (l.line ->> ${reversal})::bigint else 0 end`;
}

/**
 * What a line says, from `l`: its event's columns, `line`, and what `READ` reads of both.
 * `own`: a line that a fact carries itself leaves out what its event says; a restated one is whole.
 * A restated line: kind, source, payment, first, at, day, referrer, currency, count and four amounts.
 * Own lines of payments and memberships: `sale, first, referrer, member, creator, platform`;
 * `conversion, referrer`; `signUp, referrer`. Of refunds and disputes, which are in the currency of
 * the sale: `reversal, first, referrer, currency, sale, member, creator, platform`;
 * `reversedConversion, referrer, currency`.
 */
const SAID = {
  kind: 'l.kind',
  source_id: `case when not l.own then l.line ->> 1 when l.type = 'PaymentReceived' then l.payment
    else coalesce(l.data ->> 'refund', l.data ->> 'dispute', l.data ->> 'membership') end`,
  payment_id: `case when not l.own then l.line ->> 2 when l.kind = 'signUp' then ''
    else l.payment end`,
  first: `case when not l.own then l.line ->> 3 when l.kind in ('sale', 'reversal') then l.line ->> 1
    when l.kind = 'signUp' then '0' else '1' end = '1'`,
  // Whole seconds: a float holds them, and is ten times faster than a numeric.
  at: `case when l.own then date_part('epoch', l.effective_at)::bigint
    else (l.line ->> 4)::bigint end`,
  day: `case when l.own then l.data ->> 'day' else l.line ->> 5 end`,
  referrer_id: `coalesce(case when not l.own then l.line ->> 6
    when l.kind in ('sale', 'reversal') then l.line ->> 2 else l.line ->> 1 end, '')`,
  currency: `coalesce(case when not l.own then l.line ->> 7 when l.kind = 'reversal' then l.line ->> 3
    when l.kind = 'reversedConversion' then l.line ->> 2
    when l.kind <> 'signUp' then l.data ->> 'currency' end, '')`,
  count: `case when l.own then 1 else (l.line ->> 8)::bigint end`,
  sale_minor: amount(9, `l.data ->> 'amountMinor'`, 4),
  member_minor: amount(10, 'l.line ->> 3', 5),
  creator_minor: amount(11, 'l.line ->> 4', 6),
  platform_minor: amount(12, 'l.line ->> 5', 7),
} as const;
type Said = Readonly<Record<keyof typeof SAID, string>>;

/** The same of a payment's own sale, as most lines are; where it is one, nothing else is asked. */
const PLAIN = `l.own and l.kind = 'sale' and l.type = 'PaymentReceived'`;
const PLAINLY_SAID: Said = {
  ...SAID,
  source_id: 'l.payment',
  payment_id: 'l.payment',
  first: `l.line ->> 1 = '1'`,
  at: `date_part('epoch', l.effective_at)::bigint`,
  day: `l.data ->> 'day'`,
  referrer_id: `coalesce(l.line ->> 2, '')`,
  currency: `coalesce(l.data ->> 'currency', '')`,
  count: '1',
  sale_minor: `(l.data ->> 'amountMinor')::bigint`,
  member_minor: '(l.line ->> 3)::bigint',
  creator_minor: '(l.line ->> 4)::bigint',
  platform_minor: '(l.line ->> 5)::bigint',
};
const TEXTS: readonly string[] = [
  'kind',
  'source_id',
  'payment_id',
  'day',
  'referrer_id',
  'currency',
];

const CARRIERS = sql`e.type in ('PaymentReceived', 'MembershipActivated', 'MembershipDeactivated',
  'RefundTold', 'DisputeTold', 'CommissionRestated')`;

/** Read once for all that is said; `offset 0` keeps the planner from repeating it in each column. */
const read = (lines: RawBuilder<unknown>): RawBuilder<unknown> => sql`
  select r.*, r.type <> 'CommissionRestated' as own, r.line ->> 0 as kind,
    r.data ->> 'payment' as payment
  from (${lines} offset 0) r offset 0`;

/**
 * The events' lines, one row each: `position, n, creator_id, member_id` and what a line says.
 * `where` narrows down the events, which are `e`.
 */
export const expanded = (where: RawBuilder<unknown>): RawBuilder<unknown> => sql`
  select l.position, l.n, ${sql.raw(ownerOf('l'))}, ${sql.raw(
    Object.entries(SAID)
      .map(([name, said]) => `(${said}) ${TEXTS.includes(name) ? 'collate "C" ' : ''}as ${name}`)
      .join(', '),
  )}
  from (${read(sql`
    select e.position, e.stream, e.type, e.effective_at, e.data,
      jsonb_array_elements(e.data -> 'lines') as line,
      generate_series(0, jsonb_array_length(e.data -> 'lines') - 1) as n
    from public.events e where ${CARRIERS} and ${where}`)}) l`;

const through = ({ position }: Pick<Scope, 'position'>): RawBuilder<unknown> =>
  sql`e.position <= ${sql.lit(String(position))}::bigint`;

/**
 * Each row of the read model says what the line says that stands in its place in the log, no place
 * is taken twice (by the index), and there are as many rows as places. So they are the same.
 */
const proofOfLines = (scope: Scope): RawBuilder<unknown> => sql`
  select ${isUnique(`${scope.schema}.lines`, ['position', 'n'])}
    and ${isUnique('public.events', ['position'])}
    and compared.wrong = 0 and compared.found = (
      select coalesce(sum(jsonb_array_length(e.data -> 'lines')), 0) from public.events e
      where ${CARRIERS} and ${through(scope)}) as holds
  from (
    select count(*) as found, count(*) filter (where (l.n >= 0
      and l.stream = 'member-' || l.a_creator_id || '.' || l.a_member_id
      and strpos(l.a_creator_id, '.') = 0 and l.a_month = left(l.a_day, 7)
      and case when ${sql.raw(`${PLAIN} then ${saysSo(PLAINLY_SAID)} else ${saysSo(SAID)}`)} end
    ) is not true) as wrong
    from (${read(sql`
      select e.stream, e.type, e.effective_at, e.data, e.data -> 'lines' -> a.n as line,
        a.n, a.creator_id as a_creator_id, a.member_id as a_member_id, a.month as a_month,
        ${sql.raw(
          Object.keys(SAID)
            .map((name) => `a.${name} as a_${name}`)
            .join(', '),
        )}
      from ${readModel(scope, 'lines')} a
      left join public.events e
        on e.position = a.position and ${CARRIERS} and ${through(scope)}`)}) l) compared`;

/** That a row of the read model, in the columns `a_`, says all of it. */
function saysSo(said: Said): string {
  const same = Object.entries(said).map(([name, expression]) => `(${expression}) = l.a_${name}`);
  return `(${same.join(' and ')})`;
}

const LINE = sql.raw(['position', 'n', 'creator_id', 'member_id', ...Object.keys(SAID)].join(', '));

/** Every line up to the position that the read models contain. */
export const linesStage: Stage = {
  table: 'flywheel_log_lines',
  rows: (scope) =>
    scope.creatorId === undefined
      ? expanded(through(scope))
      : linesOfCreator(scope.creatorId, scope),
  twin: {
    proof: proofOfLines,
    as: (scope) => sql`select ${LINE} from ${readModel(scope, 'lines')}`,
  },
};

/** Lines of one creator alone: of the streams whose names begin with theirs. */
export const linesOfCreator = (creatorId: string, scope: Scope) =>
  expanded(streamsOf({ ...scope, creatorId }, 'member', 'e'));

/** A read model of sums: proved by adding up what it should sum. */
const summed = (table: string, { key, sums, expected }: Omit<Summed, 'actual'>): Twin => ({
  proof: (scope) => addsUp({ key, sums, expected, actual: readModel(scope, table) }),
  as: (scope) =>
    sql`select ${sql.raw([...key, ...sums].join(', '))} from ${readModel(scope, table)}`,
});

const REFERRALS = sql`(
  select creator_id, member_id, kind, referrer_id, at, day, count
  from ${staged(linesStage)} where kind in ('signUp', 'conversion')) l`;

/** Who signed up and who converted, netted: a line that was taken back is gone. */
export const referralsStage: Stage = {
  seconds: 1.5,
  sums: true,
  table: 'flywheel_log_referrals',
  after: linesStage,
  rows: () => sql`
    select creator_id, member_id, kind, referrer_id, at, day, sum(count)::bigint as count
    from ${REFERRALS} group by 1, 2, 3, 4, 5, 6`,
  twin: summed('referrals', {
    key: ['creator_id', 'member_id', 'kind', 'referrer_id', 'at', 'day'],
    sums: ['count'],
    expected: sql`select * from ${REFERRALS}`,
  }),
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

/** A kind as a number: many filters compare it, and comparing texts would be most of the work. */
const KINDS = ['sale', 'signUp', 'conversion', 'reversal', 'reversedConversion'];
const is = (kind: string): string => `kind = ${KINDS.indexOf(kind)}`;

const total = (amount: string, condition: string): string =>
  `coalesce(${SUM}(${amount}) filter (where ${condition}), 0)::bigint`;

/** What a creator sold and won in a period, from lines with numbers for kinds and `referred`. */
export const CREATOR_SUMS = {
  sign_ups: total('count', `${is('signUp')} and referred`),
  referrals: total('count', is('conversion')),
  reversed_referrals: total('count', is('reversedConversion')),
  initial_payments: total('count', `${is('sale')} and first`),
  initial_minor: total('sale_minor', `${is('sale')} and first`),
  recurring_payments: total('count', `${is('sale')} and not first`),
  recurring_minor: total('sale_minor', `${is('sale')} and not first`),
  organic_payments: total('count', `${is('sale')} and not referred`),
  organic_minor: total('sale_minor', `${is('sale')} and not referred`),
  referred_payments: total('count', `${is('sale')} and referred`),
  referred_minor: total('sale_minor', `${is('sale')} and referred`),
  refunds_minor: total('sale_minor', is('reversal')),
  creator_minor: `coalesce(${SUM}(case when ${is('sale')} then creator_minor
    when ${is('reversal')} then -creator_minor end), 0)::bigint`,
};

const added = (columns: readonly string[]): string =>
  columns.map((name) => `coalesce(sum(${name}), 0)::bigint as ${name}`).join(', ');

const selected = (sums: Readonly<Record<string, string>>): string =>
  Object.entries(sums)
    .map(([name, expression]) => `${expression} as ${name}`)
    .join(', ');

/** What a referrer earned and gave back, by day and currency. */
const EARNED = sql`
  select creator_id, referrer_id as member_id, day, currency,
    case kind when 'sale' then member_minor end as earned_minor,
    case kind when 'reversal' then member_minor end as reversed_minor
  from ${staged(linesStage)} where referrer_id <> '' and kind in ('sale', 'reversal')`;
const EARNED_SUMS = ['earned_minor', 'reversed_minor'];

export const referrerDaysStage: Stage = {
  seconds: 2.2,
  sums: true,
  table: 'flywheel_log_referrer_days',
  after: linesStage,
  rows: () => sql`
    select creator_id, member_id, day, currency, ${sql.raw(added(EARNED_SUMS))}
    from (${EARNED}) l group by 1, 2, 3, 4`,
  twin: summed('member_days', {
    key: ['creator_id', 'member_id', 'day', 'currency'],
    sums: EARNED_SUMS,
    expected: EARNED,
  }),
};

/** By month and currency: the days, and whom the referrer won and lost. */
const EARNED_OR_REFERRED = sql`
  select creator_id, member_id, left(day, 7) as month, currency,
    null::bigint as referrals, null::bigint as reversed_referrals, earned_minor, reversed_minor
  from ${staged(referrerDaysStage)}
  union all
  select creator_id, referrer_id, left(day, 7), currency,
    case kind when 'conversion' then count end, case kind when 'reversedConversion' then count end,
    null, null
  from ${staged(linesStage)}
  where referrer_id <> '' and kind in ('conversion', 'reversedConversion')`;

export const referrerMonthsStage: Stage = {
  sums: true,
  table: 'flywheel_log_referrer_months',
  after: referrerDaysStage,
  rows: () => sql`
    select creator_id, member_id, month, currency, ${sql.raw(added(Object.keys(REFERRED_SUMS)))}
    from (${EARNED_OR_REFERRED}) l group by 1, 2, 3, 4`,
  twin: summed('member_months', {
    key: ['creator_id', 'member_id', 'month', 'currency'],
    sums: Object.keys(REFERRED_SUMS),
    expected: EARNED_OR_REFERRED,
  }),
};

/** By creator, day and currency. */
export const creatorDaysStage: Stage = {
  seconds: 1.4,
  sums: true,
  table: 'flywheel_log_creator_days',
  after: linesStage,
  rows: () => sql`
    select creator_id, day, currency, ${sql.raw(selected(CREATOR_SUMS))}
    from (
      select creator_id, day, currency, count, sale_minor, creator_minor, first,
        referrer_id <> '' as referred,
        case kind ${sql.raw(KINDS.map((kind, n) => `when '${kind}' then ${n}`).join(' '))} end as kind
      from ${staged(linesStage)} offset 0) as lines
    group by 1, 2, 3`,
};
