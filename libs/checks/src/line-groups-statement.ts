/** The statement of `line-groups.ts`: lines marked, folded by fact, counted or put aside with a code. */
import { type RawBuilder, sql } from 'kysely';
import type { LineKind } from '#libs/ledger';
import type {
  Adds,
  AsideCode,
  GroupedRow,
  GroupPlace,
  GroupsAsked,
  Period,
} from './line-groups.js';

/** Begins with a comment, so that it is planned each time: communities differ a thousandfold. */
export const groupsStatement = (
  asked: GroupsAsked,
): RawBuilder<GroupedRow> => sql<GroupedRow>`/* explain */
  with told as materialized (
    select l.*, ${inPeriod(asked.period)} as in_period, ${inCurrency(asked)} as in_currency,
      ${inSpans(asked)} as in_spans, (${addedValue(asked.adds)})::bigint as value
    from (${asked.lines}) l
    where l.kind = any(${kindsOf(asked)}::text[])
      ${asked.sourceId === undefined ? sql`` : sql`and l.source_id = ${asked.sourceId}::text`}),
  folded as materialized (
    select t.kind, t.source_id, t.payment_id, t.member_id, sum(t.count) as net,
      coalesce(sum(t.value) filter (where ${IN_FIGURE}), 0)::bigint as adds,
      bool_or(${IN_FIGURE} and t.value <> 0) as touched,
      bool_or(t.in_period and t.in_currency and t.value is not null) as in_scope,
      ${sql.join(STANDING.map((name) => sql`${standing(name)} as ${sql.ref(name)}`))},
      array_agg(t.position) as positions,
      array_agg(case when ${IN_FIGURE} then t.value else 0 end) as values
    from told t group by t.kind, t.source_id, t.payment_id, t.member_id),
  converted as materialized (
    select f.member_id from folded f where f.kind = 'conversion' and f.net > 0),
  unpaid as materialized (
    select f.member_id, f.positions[1] as position from folded f
    where f.kind = 'signUp' and f.net > 0
      and f.member_id not in (select member_id from converted)),
  zeros as materialized (
    select u.member_id from unpaid u
    join public.events m on m.position = u.position join public.events z on z.stream = m.stream
    where z.type = 'PaymentReceived' and z.data ->> 'amountMinor' = '0'),
  claimants as materialized (${claimantsOf(asked)}),
  apart as materialized (
    select f.*, ${codeOf(asked)} as code from folded f where f.adds = 0)
  select (select coalesce(sum(f.adds), 0)::text from folded f) as total,
    (select count(*) from folded f where f.adds <> 0) as counted,
    ${listed(
      asked,
      sql`select * from folded f where f.adds <> 0 ${afterPlace(asked.after)}
        order by f.at, f.source_id, f.kind, f.member_id limit ${asked.limit + 1}`,
      sql`d.at, d.source_id, d.kind, d.member_id`,
    )} as page,
    (select coalesce(json_agg(c order by c.priority), '[]') from (
      select a.code, ${priority(sql`a.code`)} as priority, count(*)::integer as groups
      from apart a where a.code is not null group by a.code) c) as aside_by,
    ${listed(
      asked,
      sql`select *, ${priority(sql`a.code`)} as priority from apart a where a.code is not null
        order by priority, a.at desc, a.source_id limit ${asked.limit}`,
      sql`d.priority, d.at desc, d.source_id`,
      true,
    )} as aside,
    (select json_build_object('count', count(*), 'streams', (select array_agg(n.stream)
      from (select * from claimants order by stream limit ${asked.limit}) n)) from claimants) as claimants`;

/** Streams that name somebody, without those in which a line of theirs stands. */
const claimantsOf = ({ claiming, creatorId }: GroupsAsked): RawBuilder<unknown> =>
  claiming === undefined
    ? sql`select null::text as stream where false`
    : sql`
      select distinct s.stream from (${claiming}) s
      where s.stream not in (
        select ${`member-${creatorId}.`}::text || f.member_id from folded f where f.net > 0)`;

/** Of the line that stands, else of the one that was said last. */
const STANDING = [
  ...['at', 'day', 'first', 'referrer_id', 'currency'],
  ...['in_period', 'in_currency', 'in_spans', 'value'],
] as const;
const standing = (name: string): RawBuilder<unknown> =>
  sql`(array_agg(t.${sql.ref(name)} order by (t.count > 0) desc, t.position desc, t.n desc))[1]`;

const IN_FIGURE = sql`t.in_period and t.in_currency and t.in_spans and t.value is not null`;

const kindsOf = ({ adds, besides }: GroupsAsked): LineKind[] => [
  ...new Set([...adds.map(({ kind }) => kind), ...besides]),
];

/** Null for a line that the figure does not count. */
function addedValue(adds: readonly Adds[]): RawBuilder<unknown> {
  const cases = adds.map(({ kind, amount, minus, first, referred }) => {
    const conditions = [
      sql`l.kind = ${sql.lit(kind)}`,
      ...(first === undefined ? [] : [first ? sql`l.first` : sql`not l.first`]),
      ...(referred === undefined
        ? []
        : [referred ? sql`l.referrer_id <> ''` : sql`l.referrer_id = ''`]),
    ];
    const value = sql`${minus ? sql`-` : sql``}l.${sql.ref(amount)}`;
    return sql`when ${sql.join(conditions, sql` and `)} then ${value}`;
  });
  return sql`case ${sql.join(cases, sql` `)} end`;
}

function inPeriod(period: Period): RawBuilder<unknown> {
  const month = sql`left(l.day, 7)`;
  switch (period.kind) {
    case 'always':
      return sql`true`;
    case 'day':
      return sql`(l.day = ${period.day}::text)`;
    case 'days':
      return sql`(${month} = ${period.month}::text and l.day <= ${period.throughDay}::text)`;
    case 'month':
      return sql`(${month} = ${period.month}::text)`;
    case 'through':
      return sql`(${month} <= ${period.month}::text)`;
    case 'before':
      return sql`(${month} < ${period.month}::text)`;
    case 'line':
      return sql`(${month} < ${period.month}::text or (${month} = ${period.month}::text
        and (l.at, l.source_id, l.payment_id)
          <= (${period.at}::bigint, ${period.sourceId}::text, ${period.paymentId}::text)))`;
  }
}

const inCurrency = ({ currency }: GroupsAsked): RawBuilder<unknown> =>
  currency === undefined ? sql`true` : sql`(l.currency = ${currency}::text)`;

function inSpans({ spans }: GroupsAsked): RawBuilder<unknown> {
  if (spans === undefined) return sql`true`;
  const ends = (end: 'after' | 'through') => spans.map((span) => String(span[end]));
  return sql`exists (select from unnest(${ends('after')}::bigint[], ${ends('through')}::bigint[])
    as s(after, through) where l.position > s.after and l.position <= s.through)`;
}

/** Codes in the order in which they are looked at and listed. */
const CODES: readonly AsideCode[] = [
  ...(['not_paid', 'zero_amount', 'after_the_close', 'stated_elsewhere'] as const),
  ...(['reversal_cancelled', 'taken_back', 'organic', 'referred', 'first_payment'] as const),
  ...(['recurring', 'nothing_to_count', 'another_currency', 'another_time'] as const),
];
const priority = (code: RawBuilder<unknown>): RawBuilder<unknown> =>
  sql`array_position(${[...CODES]}::text[], ${code})`;

/** Null: it has nothing to do with the figure. */
function codeOf(asked: GroupsAsked): RawBuilder<unknown> {
  const last = asked.spans?.at(-1)?.through ?? 0n;
  const counts = (kind: LineKind): boolean => asked.adds.some((one) => one.kind === kind);
  return sql`case
    when f.kind = 'signUp' and not ${counts('signUp')}::boolean then case
      when f.member_id in (select member_id from zeros) then 'zero_amount'
      when f.member_id in (select member_id from unpaid) then 'not_paid' end
    when f.net = 0 and not f.touched then null
    when f.net = 0 and f.kind in ('reversal', 'reversedConversion') and exists (
        select from public.events v where v.position = (select max(p) from unnest(f.positions) p)
          and (v.type in ('RefundTold', 'DisputeTold') or v.data ->> 'because' = f.source_id))
      then 'reversal_cancelled'
    when f.net = 0 then 'taken_back'
    when f.in_period and f.in_currency and f.value is not null and not f.in_spans then
      case when (select max(p) from unnest(f.positions) p) > ${String(last)}::bigint
        then 'after_the_close' else 'stated_elsewhere' end
    when f.value is not null and not f.in_period then 'another_time'
    when f.value is not null and not f.in_currency then 'another_currency'
    when f.value is not null then 'nothing_to_count'
    when not f.in_period or not f.in_currency then null
    ${notOfTheKind(asked)}
  end`;
}

/** A sale that lies in the figure's time and is not of its kind. */
function notOfTheKind({ adds }: GroupsAsked): RawBuilder<unknown> {
  const sale = adds.find(({ kind }) => kind === 'sale');
  const referred = sale === undefined || sale.referred === true;
  return sql`
    when f.kind = 'sale' and ${referred}::boolean and f.referrer_id = '' then 'organic'
    when f.kind = 'sale' and ${sale?.referred === false}::boolean then 'referred'
    when f.kind = 'sale' and not f.first then 'recurring'
    when f.kind = 'sale' and ${sale?.first === false}::boolean then 'first_payment'
    when f.kind = 'signUp' and f.referrer_id = '' then 'organic'`;
}

const afterPlace = (after: GroupPlace | undefined): RawBuilder<unknown> =>
  after === undefined
    ? sql``
    : sql`and (f.at, f.source_id, f.kind, f.member_id)
        > (${after.at}::bigint, ${after.sourceId}::text, ${after.kind}::text, ${after.memberId}::text)`;

const SHOWN = [
  ...['kind', 'source_id', 'payment_id', 'member_id', 'at', 'day', 'first', 'referrer_id'],
  'currency',
];
/** Groups with the names of their members and the headers of their events. */
const listed = (
  { creatorId }: GroupsAsked,
  groups: RawBuilder<unknown>,
  order: RawBuilder<unknown>,
  withCode = false,
): RawBuilder<unknown> => sql`
  (select coalesce(json_agg(to_json(d) order by ${order}), '[]') from (
    select ${sql.join(SHOWN.map((name) => sql`g.${sql.ref(name)}`))}, g.adds::text as adds,
      p.shown as name, e.events ${withCode ? sql`, g.code, g.priority` : sql``}
    from (${groups}) g
    left join public.profiles p on p.creator_id = ${creatorId}::text and p.member_id = g.member_id
    cross join lateral (
      select json_agg(json_build_object('position', v.position::text, 'id', v.id, 'type', v.type,
        'stream', v.stream, 'recorded_at', (date_part('epoch', v.recorded_at) * 1000)::bigint::text,
        'because', v.data ->> 'because', 'adds', s.adds::text) order by v.position) as events
      from (select u.position, sum(u.value) as adds from unnest(g.positions, g.values) as u(position, value)
        group by u.position) s
      join public.events v on v.position = s.position) e) d)`;
