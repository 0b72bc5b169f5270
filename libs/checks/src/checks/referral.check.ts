/** What holds of referrals: counts (1, 2), codes (6), and who has a referrer (7, 8). */
import { sql } from 'kysely';
import {
  checkOf,
  contradiction,
  contradictions,
  readModel,
  type Scope,
  type Stage,
  staged,
  streamsOf,
} from '../check.js';
import { differences } from '../compare.js';
import { linesStage, OWNER, referralsStage } from '../log-lines.js';
import { rareStage } from '../rare-events.js';

export const monthlyReferrals = checkOf({
  name: 'monthly-referrals',
  remedy: 'replay',
  why: 'The sum of monthly referrals = the referred conversions in the log, for every referrer and every creator.',
  stages: [referralsStage],
  violations: (scope) =>
    contradictions(
      differences({
        key: ['creator_id', 'member_id'],
        values: ['referrals'],
        sums: true,
        expected: sql`
          select creator_id, referrer_id as member_id, sum(count)::bigint as referrals
          from ${staged(referralsStage)} where kind = 'conversion' group by 1, 2`,
        actual: sql`(
          select creator_id, member_id, sum(referrals)::bigint as referrals
          from ${readModel(scope, 'member_months')} group by 1, 2)`,
      }),
      differences({
        key: ['creator_id', 'month'],
        values: ['referrals'],
        sums: true,
        expected: sql`
          select creator_id, left(day, 7) as month, sum(count)::bigint as referrals
          from ${staged(referralsStage)} where kind = 'conversion' group by 1, 2`,
        actual: sql`(
          select creator_id, month, sum(referrals)::bigint as referrals
          from ${readModel(scope, 'creator_months')} group by 1, 2)`,
      }),
    ),
});

export const monthWithinTotal = checkOf({
  name: 'month-within-total',
  remedy: 'replay',
  why: 'No month of a referrer has more referrals than their total.',
  violations: (scope) =>
    contradiction({
      key: { creatorId: 'm.creator_id', memberId: 'm.member_id', month: 'm.month' },
      creator: 'm.creator_id',
      expected: { monthlyReferrals: `'at most ' || coalesce(k.total_referrals, 0)` },
      actual: { monthlyReferrals: 'm.referrals' },
      from: sql`
        from (select creator_id, member_id, month, sum(referrals) as referrals
          from ${readModel(scope, 'member_months')} group by 1, 2, 3) m
        left join ${readModel(scope, 'rankings')} k using (creator_id, member_id)
        where m.referrals > coalesce(k.total_referrals, 0)`,
    }),
});

export const codesUnique = checkOf({
  name: 'referral-codes-unique',
  remedy: 'replay',
  whole: true,
  why: 'A referral code belongs to one member, for ever: the one for whom the log reserved it.',
  stages: [rareStage],
  violations: (scope) =>
    contradictions(
      contradiction({
        key: { referralCode: 'code' },
        creator: 'null',
        expected: { members: '1' },
        actual: { members: 'holders' },
        from: sql`
          from (select upper(btrim(referral_code)) as code, count(*) as holders
            from ${readModel(scope, 'members')} group by 1 having count(*) > 1) as shared`,
      }),
      contradiction({
        key: {
          creatorId: 'm.creator_id',
          memberId: 'm.member_id',
          referralCode: 'm.referral_code',
        },
        creator: 'm.creator_id',
        expected: { reservedFor: `m.creator_id || '.' || m.member_id` },
        actual: { reservedFor: `(r.data ->> 'creator') || '.' || (r.data ->> 'member')` },
        from: sql`
          from ${readModel(scope, 'members')} m
          left join ${staged(rareStage)} r on r.type = 'ReferralCodeReserved' and r.revision = 0
            and r.stream = ('code-' || m.referral_code) collate "C"
          where (r.data ->> 'creator') is distinct from m.creator_id
            or (r.data ->> 'member') is distinct from m.member_id`,
      }),
      contradiction({
        key: { stream: 'e.stream', position: 'e.position' },
        creator: 'null',
        expected: { reservations: '1' },
        actual: { reservations: 'e.revision + 1' },
        from: sql`from ${staged(rareStage)} e where e.type = 'ReferralCodeReserved' and e.revision > 0`,
      }),
    ),
});

/** Of each member, by whom the sign-up says they were referred; '' for organic ones. */
const SIGNED_UP = (scope: Scope) => sql`
  select creator_id, member_id, referrer_id
  from ${readModel(scope, 'referrals')} where kind = 'signUp' and count <> 0`;

/** Whom an admin named last as the referrer of a member; '' for nobody. */
const CORRECTED = (scope: Scope) => sql`
  select distinct on (e.stream) ${sql.raw(OWNER)},
    coalesce(e.data ->> 'referrer', '') collate "C" as referrer_id
  from public.events e
  where e.type = 'ReferrerCorrected' and ${streamsOf(scope, 'member', 'e')}
  order by e.stream, e.revision desc`;

/**
 * Of each member, whom conversion and payments name other than the sign-up does; lines that were
 * taken back are gone. The lines that agree, which are nearly all, need not be added up.
 */
const namedOtherwise: Stage = {
  seconds: 1.9,
  table: 'flywheel_named_otherwise',
  after: linesStage,
  rows: (scope) => sql`
    select l.creator_id, l.member_id, l.kind, s.referrer_id as expected, l.referrer_id as actual
    from ${staged(linesStage)} l left join (${SIGNED_UP(scope)}) s using (creator_id, member_id)
    where l.kind <> 'signUp' and l.referrer_id is distinct from s.referrer_id
    group by 1, 2, 3, 4, 5 having sum(l.count) <> 0`,
};

export const organicWithoutReferrer = checkOf({
  name: 'organic-without-referrer',
  remedy: 'replay',
  why: 'A member whose sign-up is organic has no payment or conversion that names a referrer.',
  stages: [linesStage, namedOtherwise],
  violations: (scope) =>
    contradictions(
      contradiction({
        key: { creatorId: 'n.creator_id', memberId: 'n.member_id', line: 'n.kind' },
        creator: 'n.creator_id',
        expected: { referrerId: `''` },
        actual: { referrerId: 'n.actual' },
        from: sql`from ${staged(namedOtherwise)} n where n.expected = ''`,
      }),
      contradiction({
        key: { creatorId: 's.creator_id', memberId: 's.member_id', line: 'c.kind' },
        creator: 's.creator_id',
        expected: { referrerId: `''` },
        actual: { referrerId: 'c.referrer_id' },
        from: sql`from (${SIGNED_UP(scope)}) s
          join ${readModel(scope, 'referrals')} c using (creator_id, member_id)
          where s.referrer_id = '' and c.kind = 'conversion' and c.count <> 0 and c.referrer_id <> ''`,
      }),
    ),
});

export const referredWithReferrer = checkOf({
  name: 'referred-with-referrer',
  remedy: 'replay',
  why: 'A referred member has one referrer, a member of the same creator and not themselves, whom sign-up, conversion and every payment name; whoever was corrected has the one whom the correction names.',
  stages: [linesStage, namedOtherwise],
  violations: (scope) =>
    contradictions(
      contradiction({
        key: { creatorId: 'n.creator_id', memberId: 'n.member_id', line: 'n.kind' },
        creator: 'n.creator_id',
        expected: { referrerId: 'n.expected' },
        actual: { referrerId: 'n.actual' },
        from: sql`from ${staged(namedOtherwise)} n where n.expected is distinct from ''`,
      }),
      contradiction({
        key: { creatorId: 'r.creator_id', memberId: 'r.member_id', line: 'r.kind' },
        creator: 'r.creator_id',
        expected: { referrerId: `'a member other than ' || r.member_id` },
        actual: { referrerId: 'r.referrer_id' },
        from: sql`from ${readModel(scope, 'referrals')} r
          left join ${readModel(scope, 'members')} m
            on m.creator_id = r.creator_id and m.member_id = r.referrer_id
          where r.count <> 0
            and (r.referrer_id <> '' or r.kind = 'conversion')
            and (m.member_id is null or r.referrer_id = r.member_id)`,
      }),
      contradiction({
        key: { creatorId: 'n.creator_id', memberId: 'n.member_id' },
        creator: 'n.creator_id',
        expected: { signUps: '1', conversions: 'n.initial' },
        actual: { signUps: 'n.sign_ups', conversions: 'n.conversions' },
        from: sql`from (
          select creator_id, member_id,
            coalesce(sum(count) filter (where kind = 'signUp'), 0) as sign_ups,
            coalesce(sum(count) filter (where kind = 'conversion'), 0) as conversions,
            coalesce(sum(count) filter (where kind = 'sale' and referrer_id <> ''), 0) as initial
          from ${staged(linesStage)}
          where kind in ('signUp', 'conversion') or (kind = 'sale' and first) group by 1, 2) n
          where n.sign_ups <> 1 or n.conversions <> n.initial`,
      }),
      contradiction({
        key: { creatorId: 's.creator_id', memberId: 's.member_id', line: `'correction'` },
        creator: 's.creator_id',
        expected: { referrerId: 'c.referrer_id' },
        actual: { referrerId: 's.referrer_id' },
        from: sql`from (${SIGNED_UP(scope)}) s
          join (${CORRECTED(scope)}) c using (creator_id, member_id)
          where s.referrer_id is distinct from c.referrer_id`,
      }),
    ),
});

/** Whoever is reached from themselves by going from referrer to referrer. */
export const referrerLoops = checkOf({
  name: 'referrer-loops',
  why: 'Members who refer each other in a circle: legal, nobody is paid twice, and worth a look.',
  severity: 'warning',
  violations: (scope) =>
    contradiction({
      key: { creatorId: 'l.creator_id', memberId: 'l.member_id' },
      creator: 'l.creator_id',
      expected: null,
      actual: { loop: `array_to_string(l.members || l.member_id, ' ← ')` },
      from: sql`
        from (
          with recursive referred as (
            select creator_id, member_id, referrer_id, at
            from ${readModel(scope, 'referrals')}
            where kind = 'signUp' and count <> 0 and referrer_id <> ''
          ), climb as (
            select creator_id, member_id, referrer_id, array[member_id] as members from referred
            -- In a circle somebody was there no later than whom they were referred by.
            where exists (select from referred above
              where above.creator_id = referred.creator_id
                and above.member_id = referred.referrer_id and above.at >= referred.at)
            union all
            select c.creator_id, c.member_id, r.referrer_id, c.members || r.member_id
            from climb c join referred r on r.creator_id = c.creator_id and r.member_id = c.referrer_id
            where c.referrer_id <> all (c.members)
          )
          -- Told once: several of a circle may have begun to climb.
          select distinct on (creator_id, turned[1]) creator_id, turned[1] as member_id, turned as members
          from climb cross join lateral (
            select array_agg(m order by n < array_position(members, least), n) as turned
            from unnest(members) with ordinality as u(m, n)
            cross join (select min(m collate "C") as least from unnest(members) as x(m)) as y
          ) as z
          where referrer_id = member_id
          order by creator_id, turned[1]
        ) l`,
    }),
});
