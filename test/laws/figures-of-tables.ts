/** The figures of the reference model's shape, read from the read models' tables. */
import { sql } from 'kysely';
import type { Database } from '#libs/database';
import { type Defaults, Settings, tierOf, timelineOf, withSetting } from '#libs/ledger';
import type { Figures, ReversalFigures } from '../reference/shapes.js';

type Row = Record<string, string | number | boolean | null>;

export async function figuresOfTables(
  db: Database,
  schema: string,
  now: number,
): Promise<Omit<Figures, 'parked' | keyof ReversalFigures>> {
  const read = async (text: string): Promise<Row[]> => {
    const { rows } = await sql<Row>`${sql.raw(text.replaceAll('{s}', schema))}`.execute(db);
    return rows;
  };
  const settings = new Map<string, Settings>();
  const raw = await read(
    `select c.creator_id, c.defaults, (select json_agg(json_build_array(s.setting, s.effective_at, s.value)
       order by s.effective_at, s.from_month)::text from {s}.creator_settings s where s.creator_id = c.creator_id) as made
     from {s}.creators c`,
  );
  for (const { creator_id, defaults, made } of raw) {
    const rows = JSON.parse(String(made ?? '[]')) as [string, number, string][];
    const timeline = rows.reduce(
      (sofar, [type, effectiveAt, value]) =>
        withSetting(sofar, { type, effectiveAt, data: JSON.parse(value) } as never),
      timelineOf(JSON.parse(String(defaults)) as Defaults),
    );
    settings.set(String(creator_id), new Settings(timeline));
  }
  const of = (creatorId: unknown): Settings => {
    const found = settings.get(String(creatorId));
    if (found === undefined) throw new Error(`creator ${String(creatorId)} is unknown`);
    return found;
  };
  const n = (value: unknown): number | null => (value === null ? null : Number(value));
  const int = (value: unknown): number => Number(value);
  const big = (value: unknown): bigint => BigInt(String(value));
  const text = (value: unknown): string => String(value);
  const or = (value: unknown): string | null =>
    value === null || value === '' ? null : String(value);

  const members = await read(
    `select m.*, s.at, s.referrer_id, coalesce(k.total_referrals, 0) as total from {s}.members m
     left join {s}.referrals s on s.creator_id = m.creator_id and s.member_id = m.member_id and s.kind = 'signUp' and s.count <> 0
     left join {s}.rankings k on k.creator_id = m.creator_id and k.member_id = m.member_id`,
  );
  const referrals = await read(
    `select s.*, c.at as converted_at, c.day as converted_day,
       (select l.source_id from {s}.lines l where l.creator_id = s.creator_id and l.member_id = s.member_id and l.kind = 'conversion'
        group by l.source_id, l.referrer_id having sum(l.count) > 0) as payment_id
     from {s}.referrals s
     left join {s}.referrals c on c.creator_id = s.creator_id and c.member_id = s.member_id and c.kind = 'conversion' and c.count <> 0
     where s.kind = 'signUp' and s.count <> 0 and s.referrer_id <> ''`,
  );
  const payments = await read(
    `select creator_id, source_id, member_id, referrer_id, first, at, month, day, currency, sum(sale_minor) as sale,
       sum(member_minor) as member, sum(creator_minor) as creator, sum(platform_minor) as platform
     from {s}.lines where kind = 'sale'
     group by creator_id, source_id, member_id, referrer_id, first, at, month, day, currency having sum(count) <> 0`,
  );
  const memberMonths = await read(
    `select creator_id, member_id, month, sum(referrals) as referrals, sum(ups) as sign_ups from (
       select creator_id, member_id, month, referrals, 0 as ups from {s}.member_months
       union all select creator_id, referrer_id, substr(day, 1, 7), 0, count from {s}.referrals where kind = 'signUp' and referrer_id <> '') x
     group by 1, 2, 3`,
  );
  const ranks = await read(
    `select creator_id, 'now' as as_of, member_id, total_referrals as total, reached_at,
       row_number() over (partition by creator_id order by total_referrals desc, reached_at, member_id) as rank
     from {s}.rankings where total_referrals > 0
     union all
     select m.creator_id, m.month, r.member_id, r.total, r.reached_at,
       row_number() over (partition by m.creator_id, m.month order by r.total desc, r.reached_at, r.member_id)
     from (select distinct creator_id, month from {s}.lines group by creator_id, month, kind, source_id having sum(count) <> 0) m
     cross join lateral (
       select referrer_id as member_id, sum(count) as total, max(at) as reached_at from {s}.referrals
       where creator_id = m.creator_id and kind = 'conversion' and count <> 0 and substr(day, 1, 7) <= m.month
       group by referrer_id) r`,
  );
  const revenue = await read(`select * from {s}.creator_months where currency <> ''`);
  return {
    creators: [...settings].map(([creatorId, s]) => ({
      creatorId,
      timeZone: s.calendar.zoneAt(now),
      currency: s.currencyAt(now),
    })),
    members: members.map((m) => ({
      creatorId: text(m.creator_id),
      memberId: text(m.member_id),
      referralCode: text(m.referral_code),
      signedUpAt: n(m.at ?? null),
      referrerId: or(m.referrer_id ?? null),
      totalReferrals: int(m.total),
      tier: tierOf(of(m.creator_id).tiersAt(now), big(m.total)),
    })),
    referrals: referrals.map((r) => ({
      creatorId: text(r.creator_id),
      memberId: text(r.member_id),
      referrerId: text(r.referrer_id),
      signedUpAt: n(r.at ?? null),
      convertedAt: n(r.converted_at ?? null),
      month: or(String(r.converted_day ?? '').slice(0, 7)),
      paymentId: or(r.payment_id ?? null),
    })),
    payments: payments.map((p) => ({
      creatorId: text(p.creator_id),
      paymentId: text(p.source_id),
      memberId: text(p.member_id),
      referrerId: or(p.referrer_id ?? null),
      kind: p.first === true ? ('initial' as const) : ('recurring' as const),
      paidAt: int(p.at),
      month: text(p.month),
      day: text(p.day),
      currency: text(p.currency),
      saleMinor: big(p.sale),
      memberMinor: big(p.member),
      creatorMinor: big(p.creator),
      platformMinor: big(p.platform),
    })),
    memberTotals: (
      await read(
        `select creator_id, member_id, currency, sum(earned_minor - reversed_minor) as minor from {s}.member_months group by 1, 2, 3`,
      )
    ).map((r) => ({
      creatorId: text(r.creator_id),
      memberId: text(r.member_id),
      currency: text(r.currency),
      earningsMinor: big(r.minor),
    })),
    memberMonths: memberMonths.map((r) => ({
      creatorId: text(r.creator_id),
      memberId: text(r.member_id),
      month: text(r.month),
      referrals: int(r.referrals),
      signUps: int(r.sign_ups),
    })),
    memberMonthEarnings: (
      await read(`select *, earned_minor - reversed_minor as minor from {s}.member_months`)
    ).map((r) => ({
      creatorId: text(r.creator_id),
      memberId: text(r.member_id),
      month: text(r.month),
      currency: text(r.currency),
      earningsMinor: big(r.minor),
    })),
    memberDayEarnings: (
      await read(`select *, earned_minor - reversed_minor as minor from {s}.member_days`)
    ).map((r) => ({
      creatorId: text(r.creator_id),
      memberId: text(r.member_id),
      day: text(r.day),
      currency: text(r.currency),
      earningsMinor: big(r.minor),
    })),
    creatorMonths: (
      await read(
        `select creator_id, month, sum(referrals) as referrals, sum(sign_ups) as sign_ups from {s}.creator_months group by 1, 2`,
      )
    ).map((r) => ({
      creatorId: text(r.creator_id),
      month: text(r.month),
      referrals: int(r.referrals),
      signUps: int(r.sign_ups),
    })),
    creatorMonthRevenue: revenue.map((r) => ({
      creatorId: text(r.creator_id),
      month: text(r.month),
      currency: text(r.currency),
      revenueMinor: big(r.organic_minor) + big(r.referred_minor),
      initialPayments: int(r.initial_payments),
      initialMinor: big(r.initial_minor),
      recurringPayments: int(r.recurring_payments),
      recurringMinor: big(r.recurring_minor),
      organicPayments: int(r.organic_payments),
      organicMinor: big(r.organic_minor),
      referredPayments: int(r.referred_payments),
      referredMinor: big(r.referred_minor),
    })),
    rankings: ranks.map((r) => ({
      creatorId: text(r.creator_id),
      asOf: text(r.as_of),
      memberId: text(r.member_id),
      rank: int(r.rank),
      totalReferrals: int(r.total),
      reachedAt: int(r.reached_at),
      tier: tierOf(
        of(r.creator_id).tiersAt(
          r.as_of === 'now' ? now : of(r.creator_id).calendar.endOfMonth(text(r.as_of)) - 1,
        ),
        big(r.total),
      ),
    })),
  };
}
