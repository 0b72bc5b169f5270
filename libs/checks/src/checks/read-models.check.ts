/**
 * Every read model beside an independent recomputation: each row of each table is what the events
 * add up to, written in SQL by somebody who has not looked at the fold. One check a table.
 */
import { sql } from 'kysely';
import { type Check, checkOf, readModel, type Stage, staged, streamsOf } from '../check.js';
import { differences, type Recomputation } from '../compare.js';
import {
  CREATOR_SUMS,
  creatorDaysStage,
  linesStage,
  OWNER,
  REFERRED_SUMS,
  referralsStage,
  referrerDaysStage,
  referrerMonthsStage,
} from '../log-lines.js';
import { rareEvents, rareStage } from '../rare-events.js';
import { canonicalObject, snapshotRecomputations } from './snapshots.check.js';

const INSTANT = 'extract(epoch from e.effective_at)::bigint';
const CREATOR = 'substr(e.stream, 9) collate "C" as creator_id';

/** Sums of a staged table of days, by columns of its. */
function periods(
  table: string,
  what: string,
  stage: Stage,
  by: Readonly<Record<string, string>>,
  sums: readonly string[],
): Recomputation {
  const columns = Object.entries(by).map(([name, expression]) => `${expression} as ${name}`);
  // The staged table has one row a day: only longer periods need to be added up.
  const isDay = 'day' in by;
  const added = sums.map((name) => (isDay ? name : `sum(${name})::bigint as ${name}`));
  return {
    table,
    what,
    key: Object.keys(by),
    values: sums,
    sums: true,
    stages: [stage],
    expected: () => sql`select ${sql.raw([...columns, ...added].join(', '))}
      from ${staged(stage)} ${sql.raw(isDay ? '' : `group by ${Object.values(by).join(', ')}`)}`,
  };
}

const MONTH = { month: 'left(day, 7)', currency: 'currency' };
const DAY = { day: 'day', currency: 'currency' };
const LINE = [
  ...['creator_id', 'member_id', 'kind', 'source_id', 'payment_id', 'first', 'at', 'day', 'month'],
  ...['referrer_id', 'currency', 'count'],
  ...['sale_minor', 'member_minor', 'creator_minor', 'platform_minor'],
];

/** Every table of the register: the specs compare the two lists, column by column. */
export const recomputations: readonly Recomputation[] = [
  {
    table: 'lines',
    what: 'every line that an event carries, and no other',
    key: ['position', 'n'],
    values: LINE,
    stages: [linesStage],
    inOrder: true,
    impliedBy: [linesStage],
    expected: () => sql`select *, left(day, 7) as month from ${staged(linesStage)}`,
  },
  {
    table: 'member_months',
    what: 'the referrals and earnings of each referrer, month and currency',
    key: ['creator_id', 'member_id', 'month', 'currency'],
    values: Object.keys(REFERRED_SUMS),
    sums: true,
    stages: [referrerMonthsStage],
    impliedBy: [referrerMonthsStage],
    expected: () => sql`select * from ${staged(referrerMonthsStage)}`,
  },
  {
    table: 'member_days',
    what: 'the earnings of each referrer, day and currency',
    key: ['creator_id', 'member_id', 'day', 'currency'],
    values: ['earned_minor', 'reversed_minor'],
    sums: true,
    stages: [referrerDaysStage],
    impliedBy: [referrerDaysStage],
    expected: () => sql`select * from ${staged(referrerDaysStage)}`,
  },
  periods(
    'creator_months',
    'what each creator sold and won, by month and currency',
    creatorDaysStage,
    { creator_id: 'creator_id', ...MONTH },
    Object.keys(CREATOR_SUMS),
  ),
  periods(
    'creator_days',
    'what each creator sold and won, by day and currency',
    creatorDaysStage,
    { creator_id: 'creator_id', ...DAY },
    Object.keys(CREATOR_SUMS),
  ),
  {
    table: 'referrals',
    what: 'who signed up and who converted, when and by whom',
    key: ['creator_id', 'member_id', 'kind', 'referrer_id', 'at', 'day'],
    values: ['count'],
    sums: true,
    stages: [referralsStage],
    impliedBy: [referralsStage],
    expected: () => sql`select * from ${staged(referralsStage)}`,
  },
  {
    table: 'rankings',
    what: 'total referrals of each referrer, and when the total was reached',
    key: ['creator_id', 'member_id'],
    values: ['total_referrals', 'reversed_referrals', 'reached_at'],
    sums: true,
    optional: ['reached_at'],
    stages: [linesStage, referralsStage],
    expected: () => sql`
      select creator_id, member_id, coalesce(total_referrals, 0) as total_referrals,
        coalesce(reversed_referrals, 0) as reversed_referrals, reached_at
      from (
        select creator_id, referrer_id as member_id, sum(count)::bigint as total_referrals,
          max(at) filter (where count <> 0) as reached_at
        from ${staged(referralsStage)} where kind = 'conversion' and referrer_id <> ''
        group by 1, 2) won
      full join (
        select creator_id, referrer_id as member_id, sum(count)::bigint as reversed_referrals
        from ${staged(linesStage)} where kind = 'reversedConversion' and referrer_id <> ''
        group by 1, 2) lost using (creator_id, member_id)`,
  },
  {
    table: 'members',
    what: 'every member with the referral code assigned last',
    key: ['creator_id', 'member_id'],
    values: ['referral_code'],
    stages: [rareStage],
    expected: (scope) => sql`
      select distinct on (e.stream) ${sql.raw(OWNER)},
        (e.data ->> 'code') collate "C" as referral_code
      from ${rareEvents(scope)} e where e.type = 'ReferralCodeAssigned' and ${streamsOf(scope, 'member', 'e')}
      order by e.stream, e.revision desc`,
  },
  {
    table: 'creators',
    what: 'every creator with the defaults of the day on which it became known',
    key: ['creator_id'],
    values: ['registered_at', 'defaults'],
    stages: [rareStage],
    expected: (scope) => sql`
      select distinct on (e.stream) ${sql.raw(CREATOR)}, ${sql.raw(INSTANT)} as registered_at,
        ${sql.raw(canonicalObject('e.data'))} as defaults
      from ${rareEvents(scope)} e where e.type = 'CreatorRegistered' and ${streamsOf(scope, 'creator', 'e')}
      order by e.stream, e.revision desc`,
  },
  {
    table: 'creator_settings',
    what: 'every setting; of one instant the last, and a zone by the month that it begins with',
    key: ['creator_id', 'setting', 'effective_at', 'from_month'],
    values: ['value'],
    stages: [rareStage],
    expected: (scope) => sql`
      select distinct on (1, 2, 3, 4) ${sql.raw(CREATOR)}, e.type as setting,
        case e.type when 'TimeZoneSet' then 0 else ${sql.raw(INSTANT)} end as effective_at,
        (case e.type when 'TimeZoneSet' then coalesce(e.data ->> 'fromMonth', '') else '' end)
          collate "C" as from_month, ${sql.raw(canonicalObject('e.data'))} as value
      from ${rareEvents(scope)} e
      where e.type in ('RatesSet', 'TiersSet', 'GraceSet', 'CurrencySet', 'TimeZoneSet')
        and ${streamsOf(scope, 'creator', 'e')}
      order by 1, 2, 3, 4, e.revision desc`,
  },
  {
    table: 'tier_pins',
    what: 'every pinned tier; of one instant the last',
    key: ['creator_id', 'member_id', 'effective_at'],
    values: ['tier', 'reason'],
    stages: [rareStage],
    expected: (scope) => sql`
      select distinct on (1, 2, 3) ${sql.raw(OWNER)}, ${sql.raw(INSTANT)} as effective_at,
        coalesce(e.data ->> 'tier', '') collate "C" as tier,
        (e.data ->> 'reason') collate "C" as reason
      from ${rareEvents(scope)} e where e.type = 'TierPinned' and ${streamsOf(scope, 'member', 'e')}
      order by 1, 2, 3, e.revision desc`,
  },
  ...snapshotRecomputations,
];

/** `table-member-months` and so on. */
export const readModelChecks: readonly Check[] = recomputations.map((recomputation) => {
  const { table, what, stages, inOrder, impliedBy, expected, actual, ...compared } = recomputation;
  return checkOf({
    name: `table-${table.replaceAll('_', '-')}`,
    remedy: 'replay',
    table,
    why: `${table} = a recomputation from the log: ${what}.`,
    stages,
    ...(inOrder && { inOrder }),
    ...(impliedBy && { impliedBy }),
    violations: (scope) =>
      differences({
        ...compared,
        expected: expected(scope),
        actual: actual?.(scope) ?? readModel(scope, table),
      }),
  });
});
