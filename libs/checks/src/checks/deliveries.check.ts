/** What holds of deliveries: each is accounted for, and so is each event that one caused. */
import { sql } from 'kysely';
import { NUMBERS_IN_RANGE } from '#libs/event-store';
import { checkOf, contradiction, contradictions, type Stage, staged } from '../check.js';
import { rareStage } from '../rare-events.js';

/**
 * Deliveries of refunds and disputes whose money was in another currency than the sale when they
 * were told: what they tell is kept, and they are quarantined. `certain` is not known of an amount
 * without a currency of its own: whether it fits the sale's depends on its decimals.
 */
const otherCurrencyStage: Stage = {
  table: 'flywheel_other_currency',
  after: rareStage,
  rows: () => sql`
  select e.metadata ->> 'delivery' as delivery,
    bool_and(not e.data ? 'currencyAssumed') as certain
  from ${staged(rareStage)} e
  cross join lateral (
    select p.data ->> 'currency' as currency from public.events p
    where p.stream = e.stream and p.revision < e.revision
      and p.type in ('PaymentReceived', 'PaymentDetailsLearned')
      and p.data ->> 'payment' = e.data ->> 'payment' and p.data ? 'currency'
    order by p.revision desc limit 1) as sale
  where e.type in ('RefundTold', 'DisputeTold') and e.data ->> 'currency' <> sale.currency
    -- It says itself that it takes back a sale in its own currency (kind, first, referrer, currency).
    and not exists (select from jsonb_array_elements(e.data -> 'lines') line
      where line ->> 0 = 'reversal' and line ->> 3 = e.data ->> 'currency')
    and e.data ->> 'originalCurrency' is distinct from sale.currency
    and e.metadata ? 'delivery'
  group by 1`,
};

const RANGE = sql.raw(String(NUMBERS_IN_RANGE));

const PARKED_FOR = `('creator_unknown', 'person_unknown', 'payment_unknown')`;

/** What the outcome of a delivery promises of its other columns. */
const PROMISES: Readonly<Record<string, string>> = {
  pending: 'true',
  applied: `d.position is not null and d.creator_id is not null and coalesce(d.code, 'conflict') = 'conflict'`,
  unchanged: 'd.code is null',
  ignored: 'd.position is null and d.code is not null',
  parked: `d.position is null and d.code in ${PARKED_FOR}`,
  quarantined: `d.code is not null and d.code not in ${PARKED_FOR}`,
  excluded: `exists (select from public.delivery_orders o
    where o.delivery = d.id and o.ordered = 'exclude')`,
};
const KEPT = sql.raw(
  Object.entries(PROMISES)
    .map(([outcome, promise]) => `when '${outcome}' then ${promise}`)
    .join(' '),
);

/** What an order leaves for the intake leads to the order's last event, which names no delivery. */
const isOrder = sql.raw(`(d.provider = 'internal' and d.generation = 'order')`);

const creatorOf = (stream: string): string => `split_part(substr(${stream}, 8), '.', 1)`;

/**
 * Deliveries beside the events that they caused in their member's stream (those of codes and creators
 * go with them). A delivery's position is that of the last of its events. Nearly all are plainly
 * applied, and all is said of them by one look at both; what is left is looked at closely.
 */
const besideEventsStage: Stage = {
  table: 'flywheel_beside_events',
  after: otherCurrencyStage,
  inOrder: true,
  rows: () => sql`
    select d.id, d.provider, d.generation, d.outcome, d.position, d.creator_id, d.code, d.decided_at,
      c.position as caused, c.stream, c.delivery
    from (
      -- The fence: who caused it is read once, not for each condition below.
      select position, stream, metadata ->> 'delivery' as delivery
      from public.events
      where stream >= 'member-' and stream < 'member.' and metadata ? 'delivery' offset 0) c
    full join public.deliveries d on d.position = c.position
    where (d.outcome = 'applied' and c.delivery = d.id::text and d.decided_at is not null
      and coalesce(d.code, 'conflict') = 'conflict' and not ${isOrder}
      -- Begins with it, bytewise: \`starts_with\` counts characters.
      and c.stream > 'member-' || d.creator_id || '.' and c.stream < 'member-' || d.creator_id || '/'
      and c.delivery not in (select delivery from ${staged(otherCurrencyStage)})) is not true`,
};

const settledAsTheLogSays = contradiction({
  key: { delivery: 'd.id' },
  creator: 'd.creator_id',
  expected: {
    outcome: `case when d.caused is null then 'as its columns say'
      when g.certain then 'quarantined' else 'applied' end`,
    position: 'case when d.delivery = d.id::text then d.caused end',
    creatorId: `case when d.delivery = d.id::text then ${creatorOf('d.stream')} end`,
  },
  actual: {
    outcome: 'd.outcome',
    position: 'd.position',
    creatorId: 'd.creator_id',
    code: 'd.code',
    decidedAt: 'd.decided_at',
  },
  from: sql`
    from ${staged(besideEventsStage)} d
    left join ${staged(otherCurrencyStage)} g on g.delivery = d.id::text
    where d.id is not null and not ${isOrder} and (
      d.delivery is distinct from (case when d.position is not null then d.id::text end)
      or (d.caused is not null and case
        when g.certain then d.outcome not in ('quarantined', 'pending', 'unchanged', 'excluded')
        when g.delivery is null then d.outcome <> 'applied' end)
      or not starts_with(d.stream, 'member-' || d.creator_id || '.')
      or (d.outcome <> 'pending' and d.decided_at is null)
      or (case d.outcome ${KEPT} end) is not true)`,
});

/** Where a cluster keeps the log: what another database was told, before this one was restored or beside it (numbers-apart.ts). */
const toldElsewhere = (delivery: string) => sql`
  (exists (select from public.log_home) and case when ${sql.raw(delivery)} ~ '^[0-9]{1,18}$' then
    ${sql.raw(delivery)}::bigint > coalesce((select n.id from public.deliveries n
      where n.id >= ${sql.raw(delivery)}::bigint / ${RANGE} * ${RANGE}
        and n.id < (${sql.raw(delivery)}::bigint / ${RANGE} + 1) * ${RANGE}
      order by n.id desc limit 1), 0) else false end)`;

const lastOfItsDelivery = contradiction({
  key: { delivery: 'c.delivery' },
  creator: creatorOf('c.stream'),
  expected: { position: 'c.caused', outcome: `'applied'` },
  actual: { position: 'd.position', outcome: 'd.outcome' },
  // An event that is not the last of its delivery: a later one is.
  from: sql`
    from ${staged(besideEventsStage)} c
    left join public.deliveries d on d.id::text = c.delivery
    where c.caused is not null and c.delivery is distinct from c.id::text
      and (d.position is null or d.position < c.caused)
      and not (d.id is null and ${toldElsewhere('c.delivery')})`,
});

/**
 * Who is parked waits for something. Who was woken by one key may still be noted under another, if
 * that leads somewhere by now, was only about the currency, or is of what was only contradicted.
 */
const waiting = contradiction({
  key: { delivery: 'd.id' },
  creator: 'd.creator_id',
  expected: { waits: `(d.outcome = 'parked')` },
  actual: { waits: '(w.delivery is not null)' },
  from: sql`
    from (select id from public.deliveries where outcome = 'parked'
      union select delivery from public.waiting) x
    join public.deliveries d on d.id = x.id
    left join (
      select n.delivery,
        bool_or(r.key is null and n.key not like 'currency:%' and not exists (
          select from ${staged(rareStage)} e
          where e.type = 'ConflictFound' and 'reversal:' || (e.data ->> 'fact') = n.key)
        ) as for_something
      from public.waiting n left join public.routes r on r.key = n.key group by 1
    ) w on w.delivery = d.id
    where (d.outcome = 'parked' and w.delivery is null)
      or (w.for_something and d.outcome not in ('parked', 'quarantined', 'pending'))`,
});

/** Memberships assigned and codes chosen by people, and the delivery that opens the way to them. */
const ORDERED = sql`
  select 'membership ' || substr(m.stream, 12) as id, m.position, m.data ->> 'creator' as creator_id
  from ${staged(rareStage)} m where m.type = 'MembershipAssigned'
  union all
  select 'code ' || substr(r.stream, 6), coalesce(a.position, r.position), r.data ->> 'creator'
  from ${staged(rareStage)} r
  -- A code is reserved and assigned at once.
  left join public.events a on a.position = r.position + 1 and a.type = 'ReferralCodeAssigned'
    and a.data ->> 'code' = substr(r.stream, 6)
  where r.type = 'ReferralCodeReserved' and r.data ->> 'vanity' = 'true'`;

/** It follows a cluster's log, and nobody has ever told it anything. */
const READS_ONLY = sql`
  (exists (select from public.log_home) and not exists (select from public.deliveries))`;

const orders = contradiction({
  key: { delivery: `coalesce(d.id::text, 'of ' || o.id)` },
  creator: 'coalesce(o.creator_id, d.creator_id)',
  expected: {
    order: 'o.id',
    position: 'o.position',
    creatorId: 'o.creator_id',
    outcome: `'applied'`,
  },
  actual: {
    order: 'd.delivery_id',
    position: 'd.position',
    creatorId: 'd.creator_id',
    outcome: 'd.outcome',
    code: 'd.code',
  },
  from: sql`
    from (${ORDERED}) o
    full join (select * from public.deliveries d where ${isOrder}) d on d.delivery_id = o.id
    where (d.id is null and not ${READS_ONLY}) or d.position is distinct from o.position
      or d.outcome not in ('applied', 'pending')
      or (d.outcome = 'applied' and (d.creator_id is distinct from o.creator_id
        or d.decided_at is null or d.code is not null))`,
});

export const deliveriesAccountedFor = checkOf({
  name: 'deliveries-accounted-for',
  whole: true,
  why: 'Every delivery has become events, or is known to change nothing, ignored, parked, quarantined or excluded; and every event that names a delivery has it.',
  stages: [besideEventsStage],
  violations: () => contradictions(settledAsTheLogSays, lastOfItsDelivery, waiting, orders),
});

export const unresolvedDeliveries = checkOf({
  name: 'unresolved-deliveries',
  remedy: 'deliveries',
  why: 'Deliveries that are parked or quarantined: no figure contains them until they are resolved.',
  severity: 'warning',
  violations: () =>
    contradiction({
      key: { delivery: 'd.id' },
      creator: 'd.creator_id',
      expected: null,
      actual: { outcome: 'd.outcome', type: 'd.type', code: 'd.code' },
      from: sql`from public.deliveries d where d.outcome in ('parked', 'quarantined')`,
    }),
});
