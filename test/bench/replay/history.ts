/**
 * A log of two years in one statement: a hundred communities, their members, what they pay month by
 * month, who referred whom, and now and then a claim that was resolved late and restated.
 *
 * The rows are what the deciders would have appended: contiguous positions and revisions, codes
 * reserved before they are assigned, lines that split each sale exactly, a conversion with each
 * first payment of a referred member. A function of its size alone, so that two runs agree.
 */
import type pg from 'pg';

export interface History {
  readonly events: number;
}

const CREATORS = 100;
const MONTHS = 24;
/** Registration and first fact of each creator; reservation, code and membership of each member. */
const EVENTS_OF_CREATOR = 2;
const EVENTS_OF_MEMBER = 3;
/** Events before it, in order of the select below, are in no member's stream; the others name a delivery each. */
const FIRST_OF_MEMBER = 3;

/** Three events in ten are a member's first three, one in a hundred is a restatement, the others are payments. */
export async function writeHistory(client: pg.Client, events: number): Promise<History> {
  const members = events / 10;
  const restated = events / 100;
  const payments = events - CREATORS * EVENTS_OF_CREATOR - members * EVENTS_OF_MEMBER - restated;
  const written = await write(client, { members, restated, payments }, false);
  if (written.events !== events)
    throw new Error(`the history has ${written.events} events, not ${events}`);
  return written;
}

/** The same, so many payments of it, of which about one in fifty is refunded in full. */
export function writePayments(client: pg.Client, payments: number): Promise<History> {
  const members = CREATORS * Math.round(payments / 7 / CREATORS);
  return write(client, { members, restated: members / 10, payments }, true);
}

interface Size {
  readonly members: number;
  readonly restated: number;
  readonly payments: number;
}

async function write(client: pg.Client, size: Size, refunded: boolean): Promise<History> {
  await client.query(`set work_mem = '256MB'`);
  await client.query(membersTable(size.members, size.restated));
  await client.query(paymentsTable(size.members, size.payments));
  await client.query(eventsInsert(refunded));
  await client.query('drop table bench_members, bench_payments');
  await client.query('vacuum (analyze) events');
  const { rows } = await client.query<{ n: string; last: string; payments: string }>(
    `select count(*) as n, max(position) as last,
      count(*) filter (where type = 'PaymentReceived') as payments from events`,
  );
  const [row] = rows;
  const events = Number(row?.n);
  if (Number(row?.last) !== events || Number(row?.payments) !== size.payments)
    throw new Error(`${row?.n} events up to ${row?.last}, with ${row?.payments} payments`);
  return { events };
}

/** The deliveries that the events of such a log name, applied and without their bodies. */
export async function writeDeliveries(client: pg.Client): Promise<void> {
  await client.query(`
    insert into deliveries (id, provider, delivery_id, body_sha256, generation, received_at, outcome,
      type, creator_id, position, decided_at)
    overriding system value
    select position, 'whop', 'msg_' || position, sha256(id::text::bytea), 'v1', recorded_at, 'applied',
      'payment.succeeded', split_part(substr(stream, 8), '.', 1), position, recorded_at
    from events where stream like 'member-%'`);
  await client.query('vacuum (analyze) deliveries');
}

const START = `timestamptz '2024-06-01 00:00:00+00'`;

/** Three of five members name one of their community who came before them, mostly one of a few; of others it is known late. */
const membersTable = (members: number, restated: number): string => `
  create temporary table bench_members as
  select *, case when referrer is null and m >= ${CREATORS} and
      count(*) filter (where referrer is null and m >= ${CREATORS}) over (order by m) <= ${restated}
    then 'user_' || substr(md5('m' || m % ${CREATORS}), 1, 13) end as late
  from (
  select m, m % ${CREATORS} as c,
    'biz_' || substr(md5('c' || m % ${CREATORS}), 1, 14) as creator,
    'user_' || substr(md5('m' || m), 1, 13) as member,
    'mem_' || substr(md5('s' || m), 1, 14) as membership,
    regexp_replace(upper(lpad(to_hex(m * 2654435761 % 4294967296), 8, '0')), '^(....)', '\\1-') as code,
    ${START} + (m::bigint * ${MONTHS} * 30 * 86400 / ${members} * 8 / 10) * interval '1 second' as joined,
    case when m >= ${CREATORS} and hashint4(m) % 5 in (0, 1, 2, -1)
      then 'user_' || substr(md5('m' ||
        ((abs(hashint4(m + 7))::bigint * abs(hashint4(m + 9)) >> 31) * (m / ${CREATORS}) >> 31) * ${CREATORS} + m % ${CREATORS}), 1, 13)
    end as referrer
  from generate_series(0, ${members} - 1) as g(m)) as joining`;

const paymentsTable = (members: number, payments: number): string => `
  create temporary table bench_payments as
  with drawn as (
    select p, p % ${members} as m, p / ${members} as nth,
      (array[900, 1900, 2999, 4900, 9900])[1 + p % ${members} % 5]::bigint as amount
    from generate_series(0, ${payments} - 1) as g(p)
  )
  select d.*, 'pay_' || substr(md5('p' || p), 1, 14) as payment, b.creator, b.member, b.membership,
    case when nth = 0 then b.referrer else coalesce(b.referrer, b.late) end as referrer,
    b.joined + nth * interval '17 days' + interval '3 minutes' as paid,
    -- Largest remainder of 10, 70 and 20 %: ties go to the member, then to the creator.
    case when b.referrer is null and (nth = 0 or b.late is null) then 0
      else amount / 10 + least(1, amount % 10 / 5) end as share
  from drawn d join bench_members b using (m)`;

const day = (instant: string): string => `to_char(${instant} at time zone 'UTC', 'YYYY-MM-DD')`;
const stamped = (instant: string): string => `'day', ${day(instant)}, 'timeZone', 'UTC'`;

/** Shares as text: the platform's fifth is cut, the creator has the rest. */
const PLATFORM = 'amount / 5';

const eventsInsert = (refunded: boolean): string => `
  insert into events
  select row_number() over (order by at, n, stream), stream,
    row_number() over (partition by stream order by at, n) - 1,
    md5(stream || n || coalesce(data ->> 'payment', ''))::uuid, type, at,
    ${START} + row_number() over (order by at, n, stream) * interval '50 milliseconds',
    data, case when n < ${FIRST_OF_MEMBER} then '{"actor":"bench"}'
      else jsonb_build_object('delivery', (row_number() over (order by at, n, stream))::text) end
  from (
    select ${START} as at, 0 as n, 'creator-' || creator as stream, 'CreatorRegistered' as type,
      jsonb_build_object('timeZone', 'UTC', 'graceHours', 72, 'currency', 'usd') as data
    from bench_members where m < ${CREATORS}
    union all
    select ${START}, 1, 'creator-' || creator, 'FirstFactStored', '{}'
    from bench_members where m < ${CREATORS}
    union all
    select joined, 2, 'code-' || code, 'ReferralCodeReserved',
      jsonb_build_object('creator', creator, 'member', member)
    from bench_members
    union all
    select joined, 3, 'member-' || creator || '.' || member, 'ReferralCodeAssigned',
      jsonb_build_object('code', code)
    from bench_members
    union all
    select joined, 4, 'member-' || creator || '.' || member, 'MembershipActivated',
      jsonb_build_object('membership', membership, ${stamped('joined')},
        'joinedAt', extract(epoch from joined)::bigint,
        'lines', jsonb_build_array(jsonb_build_array('signUp', referrer)))
    from bench_members
    union all
    select paid, 5, 'member-' || creator || '.' || member, 'PaymentReceived',
      jsonb_build_object('payment', payment, 'amountMinor', amount::text, 'currency', 'usd',
        'membership', membership, ${stamped('paid')},
        'billingReason', case when nth = 0 then 'subscription_create' else 'subscription_cycle' end,
        'lines', jsonb_build_array(jsonb_build_array('sale', (nth = 0)::integer, referrer,
            share::text, case when referrer is null then amount else amount - share - ${PLATFORM} end::text,
            case when referrer is null then 0 else ${PLATFORM} end::text))
          || case when nth = 0 and referrer is not null
            then jsonb_build_array(jsonb_build_array('conversion', referrer)) else '[]' end)
    from bench_payments
    union all
    ${restatements()}
    ${refunded ? refunds() : ''}
  ) as told`;

/** A claim that resolved after the first payment: sign-up, sale and conversion move to a referrer. */
const restatements = (): string => `
    select paid + interval '1 minute', 6, 'member-' || creator || '.' || member, 'CommissionRestated',
      jsonb_build_object('because', 'claim', 'lines', jsonb_build_array(
        jsonb_build_array('sale', payment, payment, 1, at, day, null, 'usd', -1,
          (-amount)::text, '0', (-amount)::text, '0'),
        jsonb_build_array('sale', payment, payment, 1, at, day, late, 'usd', 1,
          amount::text, share::text, (amount - share - ${PLATFORM})::text, (${PLATFORM})::text),
        jsonb_build_array('conversion', payment, payment, 1, at, day, late, 'usd', 1, '0', '0', '0', '0'),
        jsonb_build_array('signUp', membership, '', 0, joined_at, joined_day, null, null, -1, '0', '0', '0', '0'),
        jsonb_build_array('signUp', membership, '', 0, joined_at, joined_day, late, null, 1, '0', '0', '0', '0')))
    from (
      select p.creator, p.member, p.membership, p.payment, p.amount, p.paid,
        p.amount / 10 + least(1, p.amount % 10 / 5) as share,
        extract(epoch from p.paid)::bigint as at, ${day('p.paid')} as day,
        extract(epoch from b.joined)::bigint as joined_at, ${day('b.joined')} as joined_day,
        b.late
      from bench_payments p join bench_members b using (m)
      where p.nth = 0 and b.late is not null
    ) as late_claims`;

/** Paid back in full after three days; not the payments that a restatement has moved. */
const refunds = (): string => `
    union all
    select paid + interval '3 days', 7, 'member-' || creator || '.' || member, 'RefundTold',
      jsonb_build_object('refund', refund, 'payment', payment, 'state', 'succeeded',
        'amountMinor', amount::text, 'currency', 'usd', ${stamped(`(paid + interval '3 days')`)},
        'lines', jsonb_build_array(jsonb_build_array('reversal', (nth = 0)::integer, referrer, 'usd',
            amount::text, share::text,
            case when referrer is null then amount else amount - share - ${PLATFORM} end::text,
            case when referrer is null then 0 else ${PLATFORM} end::text))
          || case when nth = 0 and referrer is not null
            then jsonb_build_array(jsonb_build_array('reversedConversion', referrer, 'usd')) else '[]' end)
    from (
      select p.*, 'rf_' || substr(md5('r' || p.p), 1, 14) as refund
      from bench_payments p join bench_members b using (m)
      where abs(hashint4(p.p)) % 50 = 0 and (p.nth > 0 or b.late is null)
    ) as refunded`;
