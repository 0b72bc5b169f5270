/**
 * The limit: every table made by one `create table as` straight from the events, by whoever writes
 * the SQL by hand for this one purpose. Then keys, indexes and statistics, as the replay makes them.
 */
import type pg from 'pg';
import { columnNames, createIndexes, type Shape, tableName } from '#libs/projector';
import { SNAPSHOT_QUERIES } from './limit-snapshots.js';

/** Member and creator of a stream named `member-<creator>.<member>`. */
const OWNER = `
  substr(split_part(e.stream, '.', 1), 8) collate "C" as creator_id,
  split_part(e.stream, '.', 2) collate "C" as member_id`;

/** Every line as the catalogue's codec expands it. `l` is the line's array, `n` its number. */
const LINES = `
  select e.position, (l.n - 1)::integer as n, ${OWNER},
    (l.line ->> 0) collate "C" as kind,
    (case when r then l.line ->> 1
      else coalesce(e.data ->> 'payment', e.data ->> 'membership') end) collate "C" as source_id,
    (case when r then l.line ->> 2 when l.line ->> 0 = 'signUp' then ''
      else e.data ->> 'payment' end) collate "C" as payment_id,
    case when r then l.line ->> 3 = '1' else case l.line ->> 0
      when 'sale' then l.line ->> 1 = '1' when 'conversion' then true else false end end as first,
    case when r then (l.line ->> 4)::bigint else extract(epoch from e.effective_at)::bigint end as at,
    (case when r then l.line ->> 5 else e.data ->> 'day' end) collate "C" as day,
    substr(case when r then l.line ->> 5 else e.data ->> 'day' end, 1, 7) collate "C" as month,
    coalesce(case when r then l.line ->> 6 when l.line ->> 0 = 'sale' then l.line ->> 2
      else l.line ->> 1 end, '') collate "C" as referrer_id,
    coalesce(case when r then l.line ->> 7 when l.line ->> 0 = 'signUp' then null
      else e.data ->> 'currency' end, '') collate "C" as currency,
    case when r then (l.line ->> 8)::bigint else 1 end as count,
    case when r then (l.line ->> 9)::bigint when l.line ->> 0 = 'sale'
      then (e.data ->> 'amountMinor')::bigint else 0 end as sale_minor,
    case when r then (l.line ->> 10)::bigint when l.line ->> 0 = 'sale'
      then (l.line ->> 3)::bigint else 0 end as member_minor,
    case when r then (l.line ->> 11)::bigint when l.line ->> 0 = 'sale'
      then (l.line ->> 4)::bigint else 0 end as creator_minor,
    case when r then (l.line ->> 12)::bigint when l.line ->> 0 = 'sale'
      then (l.line ->> 5)::bigint else 0 end as platform_minor
  from events e
  cross join lateral (select e.type = 'CommissionRestated' as r) as k
  cross join lateral jsonb_array_elements(e.data -> 'lines') with ordinality as l(line, n)
  where e.type in
    ('PaymentReceived', 'MembershipActivated', 'MembershipDeactivated', 'CommissionRestated')`;

const when = (condition: string, sum: string): string =>
  `coalesce(sum(${sum}) filter (where ${condition}), 0)::bigint`;

const creatorSums = `
  ${when(`kind = 'signUp' and referrer_id <> ''`, 'count')} as sign_ups,
  ${when(`kind = 'conversion'`, 'count')} as referrals,
  ${when(`kind = 'reversedConversion'`, 'count')} as reversed_referrals,
  ${when(`kind = 'sale' and first`, 'count')} as initial_payments,
  ${when(`kind = 'sale' and first`, 'sale_minor')} as initial_minor,
  ${when(`kind = 'sale' and not first`, 'count')} as recurring_payments,
  ${when(`kind = 'sale' and not first`, 'sale_minor')} as recurring_minor,
  ${when(`kind = 'sale' and referrer_id = ''`, 'count')} as organic_payments,
  ${when(`kind = 'sale' and referrer_id = ''`, 'sale_minor')} as organic_minor,
  ${when(`kind = 'sale' and referrer_id <> ''`, 'count')} as referred_payments,
  ${when(`kind = 'sale' and referrer_id <> ''`, 'sale_minor')} as referred_minor,
  ${when(`kind = 'reversal'`, 'sale_minor')} as refunds_minor,
  (${when(`kind = 'sale'`, 'creator_minor')} - ${when(`kind = 'reversal'`, 'creator_minor')})
    as creator_minor`;

const earned = `${when(`kind = 'sale'`, 'member_minor')} as earned_minor,
  ${when(`kind = 'reversal'`, 'member_minor')} as reversed_minor`;

const SETTING_TYPES = `('RatesSet', 'TiersSet', 'GraceSet', 'CurrencySet', 'TimeZoneSet')`;

/** What makes each table; `from` is where its lines come from. */
const QUERIES: Readonly<Record<string, (from: string) => string>> = {
  creators: () => `
    select substr(stream, 9) collate "C" as creator_id,
      extract(epoch from effective_at)::bigint as registered_at, ${canonical('data')} as defaults
    from events where type = 'CreatorRegistered'`,
  creator_settings: () => `
    select substr(stream, 9) collate "C" as creator_id, type as setting,
      extract(epoch from effective_at)::bigint as effective_at,
      coalesce(data ->> 'fromMonth', '') collate "C" as from_month, ${canonical('data')} as value
    from events where type in ${SETTING_TYPES}`,
  members: () => `
    select ${OWNER}, (e.data ->> 'code') collate "C" as referral_code
    from events e where type = 'ReferralCodeAssigned'`,
  tier_pins: () => `
    select ${OWNER}, extract(epoch from e.effective_at)::bigint as effective_at,
      coalesce(e.data ->> 'tier', '') collate "C" as tier,
      (e.data ->> 'reason') collate "C" as reason
    from events e where type = 'TierPinned'`,
  lines: () => LINES,
  referrals: (from) => `
    select creator_id, member_id, kind, referrer_id, at, day, sum(count)::bigint as count
    from ${from} where kind in ('signUp', 'conversion') group by 1, 2, 3, 4, 5, 6`,
  rankings: (from) => `
    select creator_id, referrer_id as member_id, sum(total)::bigint as total_referrals,
      sum(reversed)::bigint as reversed_referrals, max(at) filter (where total <> 0) as reached_at
    from (
      select creator_id, referrer_id, at, day, member_id,
        ${when(`kind = 'conversion'`, 'count')} as total,
        ${when(`kind = 'reversedConversion'`, 'count')} as reversed
      from ${from} where kind in ('conversion', 'reversedConversion') and referrer_id <> ''
      group by 1, 2, 3, 4, 5
    ) as netted group by 1, 2`,
  member_months: (from) => `
    select creator_id, referrer_id as member_id, month, currency,
      ${when(`kind = 'conversion'`, 'count')} as referrals,
      ${when(`kind = 'reversedConversion'`, 'count')} as reversed_referrals, ${earned}
    from ${from} where referrer_id <> '' and kind <> 'signUp' group by 1, 2, 3, 4`,
  member_days: (from) => `
    select creator_id, referrer_id as member_id, day, currency, ${earned}
    from ${from} where referrer_id <> '' and kind in ('sale', 'reversal') group by 1, 2, 3, 4`,
  creator_months: (from) => `
    select creator_id, month, currency, ${creatorSums} from ${from} group by 1, 2, 3`,
  creator_days: (from) => `
    select creator_id, day, currency, ${creatorSums} from ${from} group by 1, 2, 3`,
  ...SNAPSHOT_QUERIES,
};

/** As `JSON.stringify` writes what was read: jsonb's order, without spaces (no value holds one). */
const compact = (json: string): string => `replace(${json}::text, ' ', '')`;
const canonical = (json: string): string => `(
  select '{' || string_agg(to_json(m.key)::text || ':' || ${compact('m.value')}, ','
    order by m.key collate "C") || '}' from jsonb_each(${json}) m) collate "C"`;

export interface LimitOptions {
  /** Derives the others from the finished `lines`, as a second, cleverer hand would. */
  readonly sharedLines: boolean;
}

/** Makes all tables in a schema of that name, with keys, indexes and statistics. */
export async function writeLimit(
  client: pg.Client,
  schema: string,
  shapes: readonly Shape[],
  { sharedLines }: LimitOptions,
): Promise<void> {
  await client.query(`create schema ${schema}`);
  const linesFirst = [...shapes].sort(
    (a, b) => Number(b.kind === 'lines') - Number(a.kind === 'lines'),
  );
  for (const shape of linesFirst) {
    const query = QUERIES[shape.name];
    if (query === undefined) throw new Error(`the limit does not know the table ${shape.name}`);
    const from = sharedLines ? `${schema}.lines` : `(${LINES}) as lines`;
    const table = tableName(schema, shape.name);
    await client.query(`create table ${table} as ${query(from)}`);
    if (sharedLines && shape.kind === 'lines') await client.query(`analyze ${table}`);
  }
  for (const shape of shapes) {
    const table = tableName(schema, shape.name);
    if (shape.kind !== 'lines')
      await client.query(
        `alter table ${table} add primary key (${shape.key.map((c) => c.name).join(', ')})`,
      );
    for (const index of createIndexes(schema, shape)) await client.query(index);
    await client.query(`analyze ${table}`);
  }
}

/** Number and hash of the rows of each table; sums that are all zero mean the same as no row. */
export async function digestsOf(
  client: pg.Client,
  schema: string,
  shapes: readonly Shape[],
): Promise<Record<string, string>> {
  const digests: Record<string, string> = {};
  for (const shape of shapes) {
    const columns = columnNames(shape).join(', ');
    const sums = shape.values.map(({ name }) => name).join(', ');
    const where = shape.kind === 'sums' ? `where 0 <> any(array[${sums}])` : '';
    const { rows } = await client.query<{ digest: string }>(`
      select count(*) || ' ' || coalesce(sum(hashtextextended(r::text, 0)::numeric), 0) as digest
      from (select ${columns} from ${tableName(schema, shape.name)} ${where}) as r`);
    digests[shape.name] = rows[0]?.digest ?? '';
  }
  return digests;
}
