/**
 * A creator's month, looked at closely: its payments by kind and its top ten, each figure of the
 * read models beside a recount from the log, with the logical checks of this creator (product.md,
 * "What it does": diagnose).
 */
import { sql } from 'kysely';
import type { Database, Transaction } from '#libs/database';
import { DomainError } from '#libs/ledger';
import { readModel, type Scope } from './check.js';
import { linesOfCreator } from './log-lines.js';
import { logicalChecks } from './register.js';
import { type CheckResult, checkIn, scopeOf } from './run-checks.js';
import { inSnapshot } from './sessions.js';

/** A figure as the read models have it, and as the log says. */
export interface Recounted {
  readonly field: bigint;
  readonly recount: bigint;
}

export interface PaymentsOfKind {
  /** `initial` and `recurring` include organic ones. */
  readonly kind: 'initial' | 'recurring' | 'organic' | 'referred';
  readonly currency: string;
  readonly payments: Recounted;
  readonly saleMinor: Recounted;
}

export interface DiagnosedReferrer {
  readonly memberId: string;
  readonly totalReferrals: Recounted;
  readonly monthlyReferrals: Recounted;
  readonly monthlyEarnings: readonly ({ readonly currency: string } & Recounted)[];
}

export interface Diagnosis {
  readonly creatorId: string;
  readonly month: string;
  readonly position: bigint;
  readonly recordedAt: number;
  readonly payments: readonly PaymentsOfKind[];
  readonly top: readonly DiagnosedReferrer[];
  /** The eight, of this creator and of the log. */
  readonly checks: readonly CheckResult[];
  /** Figures that differ from their recount, and checks that fail. */
  readonly findings: number;
}

const TOP = 10;
const EXAMPLES = 5;

/** Throws `creator_not_found`, `read_models_missing`. */
export function diagnose(
  db: Database,
  { creatorId, month }: { readonly creatorId: string; readonly month: string },
): Promise<Diagnosis> {
  return inSnapshot(db, async (tx) => {
    const { recordedAt, head: _, ...scope } = await scopeOf(tx);
    const { rows } = await sql`
      select from ${readModel(scope, 'creators')} where creator_id = ${creatorId}`.execute(tx);
    if (rows.length === 0)
      throw new DomainError('creator_not_found', `no creator ${creatorId} is known`);
    await sql`create temporary table flywheel_diagnosed on commit drop as
      select *, left(day, 7) as month from (${linesOfCreator(creatorId, scope)}) l`.execute(tx);
    const payments = await paymentsOf(tx, scope, creatorId, month);
    const top = await topOf(tx, scope, creatorId, month);
    const { results } = await checkIn(tx, { checks: logicalChecks, creatorId, examples: EXAMPLES });
    const figures = [
      ...payments.flatMap((row) => [row.payments, row.saleMinor]),
      ...top.flatMap((row) => [row.totalReferrals, row.monthlyReferrals, ...row.monthlyEarnings]),
    ];
    const findings =
      figures.filter(({ field, recount }) => field !== recount).length +
      results.filter(({ holds }) => !holds).length;
    return {
      ...{ creatorId, month, position: scope.position, recordedAt, payments, top, findings },
      checks: results,
    };
  });
}

async function paymentsOf(
  tx: Transaction,
  scope: Scope,
  creatorId: string,
  month: string,
): Promise<PaymentsOfKind[]> {
  const { rows } = await sql<{
    kind: PaymentsOfKind['kind'];
    currency: string;
    field: string;
    recount: string;
    field_minor: string;
    recount_minor: string;
  }>`
    with counted as (
      select k.kind, l.currency, sum(l.count) as recount, sum(l.sale_minor) as recount_minor
      from flywheel_diagnosed l
      cross join lateral (values (case when l.first then 'initial' else 'recurring' end),
        (case when l.referrer_id = '' then 'organic' else 'referred' end)) as k (kind)
      where l.kind = 'sale' and l.month = ${month} group by 1, 2
    ), kept as (
      select k.kind, m.currency, k.field, k.field_minor
      from ${readModel(scope, 'creator_months')} m
      cross join lateral (values ('initial', m.initial_payments, m.initial_minor),
        ('recurring', m.recurring_payments, m.recurring_minor),
        ('organic', m.organic_payments, m.organic_minor),
        ('referred', m.referred_payments, m.referred_minor)) as k (kind, field, field_minor)
      where m.creator_id = ${creatorId} and m.month = ${month} and m.currency <> ''
    )
    select kind, currency, coalesce(field, 0)::text as field, coalesce(recount, 0)::text as recount,
      coalesce(field_minor, 0)::text as field_minor, coalesce(recount_minor, 0)::text as recount_minor
    from kept full join counted using (kind, currency)
    order by currency, array_position(array['initial', 'recurring', 'organic', 'referred'], kind)`.execute(
    tx,
  );
  return rows.map((row) => ({
    kind: row.kind,
    currency: row.currency,
    payments: { field: BigInt(row.field), recount: BigInt(row.recount) },
    saleMinor: { field: BigInt(row.field_minor), recount: BigInt(row.recount_minor) },
  }));
}

/** Both the ten of the ranking and the ten of the recount: who fell out of one is in the other. */
async function topOf(
  tx: Transaction,
  scope: Scope,
  creatorId: string,
  month: string,
): Promise<DiagnosedReferrer[]> {
  const { rows } = await sql<{
    member_id: string;
    total: string;
    total_recount: string;
    monthly: string;
    monthly_recount: string;
    earned: readonly { currency: string; field: string; recount: string }[] | null;
  }>`
    with won as (
      select referrer_id as member_id, sum(count) as total,
        coalesce(sum(count) filter (where month = ${month}), 0) as monthly, max(at) as reached_at
      from flywheel_diagnosed where kind = 'conversion' group by 1
    ), earned as (
      select referrer_id as member_id, currency,
        sum(case kind when 'sale' then member_minor else -member_minor end) as minor
      from flywheel_diagnosed
      where kind in ('sale', 'reversal') and referrer_id <> '' and month = ${month} group by 1, 2
    ), months as (
      select member_id, currency, sum(referrals) as monthly, sum(earned_minor - reversed_minor) as minor
      from ${readModel(scope, 'member_months')}
      where creator_id = ${creatorId} and month = ${month} group by 1, 2
    ), ranked as (
      select member_id, total_referrals as total, reached_at from ${readModel(scope, 'rankings')}
      where creator_id = ${creatorId} and total_referrals > 0
    ), chosen as (
      (select member_id from ranked order by total desc, reached_at, member_id limit ${sql.lit(TOP)})
      union (select member_id from won order by total desc, reached_at, member_id limit ${sql.lit(TOP)})
    )
    select c.member_id, coalesce(r.total, 0)::text as total, coalesce(w.total, 0)::text as total_recount,
      coalesce((select sum(monthly) from months m where m.member_id = c.member_id), 0)::text as monthly,
      coalesce(w.monthly, 0)::text as monthly_recount,
      (select json_agg(json_build_object('currency', currency, 'field', coalesce(f.minor, 0)::text,
          'recount', coalesce(e.minor, 0)::text) order by currency)
        from (select currency, minor from months where member_id = c.member_id) f
        full join (select currency, minor from earned where member_id = c.member_id) e using (currency)
      ) as earned
    from chosen c left join ranked r using (member_id) left join won w using (member_id)
    order by coalesce(r.total, 0) desc, r.reached_at, c.member_id`.execute(tx);
  return rows.map((row) => ({
    memberId: row.member_id,
    totalReferrals: { field: BigInt(row.total), recount: BigInt(row.total_recount) },
    monthlyReferrals: { field: BigInt(row.monthly), recount: BigInt(row.monthly_recount) },
    monthlyEarnings: (row.earned ?? []).map(({ currency, field, recount }) => ({
      currency,
      field: BigInt(field),
      recount: BigInt(recount),
    })),
  }));
}
