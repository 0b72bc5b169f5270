/** What was taken back, in the reference model's shape, read from the read models' tables. */
import { sql } from 'kysely';
import type { Database } from '#libs/database';
import type { ReversalFigures } from '../reference/shapes.js';

export async function reversalsOfTables(
  db: Database,
  schema: string,
): Promise<Omit<ReversalFigures, 'misfits'>> {
  const read = async <T>(text: string): Promise<T[]> => {
    const { rows } = await sql<T>`${sql.raw(text.replaceAll('{s}', schema))}`.execute(db);
    return rows;
  };
  const reversals = await read<Record<string, string>>(
    `select r.*, exists (select from {s}.lines c where c.creator_id = r.creator_id
         and c.kind = 'reversedConversion' and c.source_id = r.source_id
         and c.referrer_id = r.referrer_id and c.at = r.at
         group by c.source_id having sum(c.count) > 0) as reverses
     from (select creator_id, source_id, payment_id, member_id, referrer_id, at, month, day, currency,
         sum(sale_minor) as sale, sum(member_minor) as member, sum(creator_minor) as creator,
         sum(platform_minor) as platform
       from {s}.lines where kind = 'reversal'
       group by creator_id, source_id, payment_id, member_id, referrer_id, first, at, month, day, currency
       having sum(count) <> 0) r`,
  );
  const refunds = await read<Record<string, string>>(
    `select creator_id, month, currency, refunds_minor from {s}.creator_months where currency <> ''`,
  );
  const reversed = await read<Record<string, string>>(
    `select creator_id, member_id, month, sum(reversed_referrals) as reversed from {s}.member_months
     group by 1, 2, 3`,
  );
  const text = (value: string | undefined): string => value ?? '';
  const big = (value: string | undefined): bigint => BigInt(value ?? '');
  return {
    reversals: reversals.map((r) => ({
      creatorId: text(r.creator_id),
      reversalId: text(r.source_id),
      paymentId: text(r.payment_id),
      memberId: text(r.member_id),
      referrerId: r.referrer_id === '' ? null : text(r.referrer_id),
      at: Number(r.at),
      month: text(r.month),
      day: text(r.day),
      currency: text(r.currency),
      saleMinor: big(r.sale),
      memberMinor: big(r.member),
      creatorMinor: big(r.creator),
      platformMinor: big(r.platform),
      reversesReferral: String(r.reverses) === 'true',
    })),
    creatorMonthRefunds: refunds.map((r) => ({
      creatorId: text(r.creator_id),
      month: text(r.month),
      currency: text(r.currency),
      refundsMinor: big(r.refunds_minor),
    })),
    memberMonthReversed: reversed.map((r) => ({
      creatorId: text(r.creator_id),
      memberId: text(r.member_id),
      month: text(r.month),
      reversedReferrals: Number(r.reversed),
    })),
  };
}
