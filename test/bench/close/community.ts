/**
 * One community of many members, in one statement: all sign up in January 2025, three of five name
 * one of those before them, and pay in January, half of them again in February and in March. The
 * rows are what the deciders would have appended; a function of its size alone.
 */
import type pg from 'pg';

export const CREATOR = 'biz_of_the_close';
export const MONTHS = ['2025-01', '2025-02', '2025-03'] as const;

const START = `timestamptz '2025-01-02 00:00:00+00'`;
const seconds = (instant: string): string => `extract(epoch from ${instant})::bigint`;
const stamped = (instant: string): string =>
  `'day', to_char(${instant} at time zone 'UTC', 'YYYY-MM-DD'), 'timeZone', 'UTC'`;

/** How many events were written. */
export async function writeCommunity(client: pg.Client, members: number): Promise<number> {
  await client.query(`set work_mem = '256MB'`);
  await client.query(`
    create temporary table bench_members as
    select m, 'user_' || substr(md5('m' || m), 1, 13) as member, 'mem_' || substr(md5('s' || m), 1, 14) as membership,
      regexp_replace(upper(lpad(to_hex(m * 2654435761 % 4294967296), 8, '0')), '^(....)', '\\1-') as code,
      ${START} + (m::bigint * 25 * 86400 / ${members}) * interval '1 second' as joined,
      case when m > 0 and abs(hashint4(m)) % 5 < 3
        then 'user_' || substr(md5('m' || (abs(hashint4(m + 7))::bigint * abs(hashint4(m + 9)) >> 31) * m / 2147483648), 1, 13)
      end as referrer
    from generate_series(0, ${members} - 1) as g(m)`);
  await client.query(`
    create temporary table bench_payments as
    select b.*, n as nth, amount, 'pay_' || substr(md5('p' || m || ' ' || n), 1, 14) as payment,
      joined + n * interval '30 days' + interval '3 minutes' as paid,
      case when referrer is null then 0 else amount / 10 end as share,
      case when referrer is null then 0 else amount / 5 end as platform
    from bench_members b cross join generate_series(0, 2) as g(n)
    cross join lateral (select (array[900, 1900, 2900, 4900, 9900])[1 + m % 5]::bigint as amount) a
    where n = 0 or m % 2 = 0`);
  await client.query(INSERT);
  await client.query('drop table bench_members, bench_payments');
  await client.query('vacuum (analyze) events');
  const { rows } = await client.query<{ n: string }>('select count(*) as n from events');
  return Number(rows[0]?.n);
}

const MEMBER = `'member-${CREATOR}.' || member`;

const INSERT = `
  insert into events
  select row_number() over (order by at, n, stream), stream,
    row_number() over (partition by stream order by at, n) - 1,
    md5(stream || n || coalesce(data ->> 'payment', ''))::uuid, type, at,
    ${START} + row_number() over (order by at, n, stream) * interval '50 milliseconds',
    data, '{"actor":"bench"}'
  from (
    select ${START} as at, 0 as n, 'creator-${CREATOR}' as stream, 'CreatorRegistered' as type,
      jsonb_build_object('timeZone', 'UTC', 'graceHours', 72, 'currency', 'usd') as data
    union all
    select ${START}, 1, 'creator-${CREATOR}', 'FirstFactStored', '{}'
    union all
    select joined, 2, 'code-' || code, 'ReferralCodeReserved',
      jsonb_build_object('creator', '${CREATOR}', 'member', member)
    from bench_members
    union all
    select joined, 3, ${MEMBER}, 'ReferralCodeAssigned', jsonb_build_object('code', code)
    from bench_members
    union all
    select joined, 4, ${MEMBER}, 'MembershipActivated',
      jsonb_build_object('membership', membership, ${stamped('joined')}, 'joinedAt', ${seconds('joined')},
        'lines', jsonb_build_array(jsonb_build_array('signUp', referrer)))
    from bench_members
    union all
    select paid, 5, ${MEMBER}, 'PaymentReceived',
      jsonb_build_object('payment', payment, 'amountMinor', amount::text, 'currency', 'usd',
        'membership', membership, ${stamped('paid')},
        'billingReason', case when nth = 0 then 'subscription_create' else 'subscription_cycle' end,
        'lines', jsonb_build_array(jsonb_build_array('sale', (nth = 0)::integer, referrer, share::text,
            (amount - share - platform)::text, platform::text))
          || case when nth = 0 and referrer is not null
            then jsonb_build_array(jsonb_build_array('conversion', referrer)) else '[]' end)
    from bench_payments
  ) as told`;
