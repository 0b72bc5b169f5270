/**
 * A community of a million members in its read models, inserted by SQL: each was referred by one of
 * a tenth of them, in this month or the one before; every table is counted from the referrals.
 */
import { createHash } from 'node:crypto';
import type pg from 'pg';
import { type Shape, tableName } from '#libs/projector';
import { sealProfile, Vault } from '#libs/vault';

export const CREATOR = 'biz_million0bench';
export const BENCH_VAULT = new Vault([Buffer.alloc(32, 'a key of the bench')]);

/** `month`: the current one, `YYYY-MM`. */
export async function writeMillion(
  client: pg.Client,
  schema: string,
  shapes: readonly Shape[],
  { members, month }: { readonly members: number; readonly month: string },
): Promise<void> {
  const table = (name: string): string => tableName(schema, name);
  const first = `${month}-01`;
  await client.query(
    `insert into ${table('creators')} (creator_id, registered_at, defaults) values ($1, 0, $2)`,
    [CREATOR, JSON.stringify({ timeZone: 'UTC', graceHours: 72, currency: 'usd' })],
  );
  await client.query(`insert into ${table('members')} (creator_id, member_id, referral_code)
    select '${CREATOR}', ${member('m')}, upper(substr(md5('k' || m), 1, 4) || '-' || substr(md5('k' || m), 5, 4))
    from generate_series(1, ${members}) as g(m)`);
  await writeProfiles(client, members);
  await client.query(`insert into ${table('referrals')} (creator_id, member_id, kind, referrer_id, at, day, count)
    select '${CREATOR}', ${member('m')}, 'conversion', ${member(`1 + abs(hashint4(m)::bigint) % (${members} / 10)`)},
      extract(epoch from day)::bigint + m % 3600, to_char(day, 'YYYY-MM-DD'), 1
    from generate_series(1, ${members}) as g(m)
    cross join lateral (select date '${first}' - case when m % 2 = 0 then interval '1 month' else interval '0' end as day) as d`);
  await client.query(`insert into ${table('rankings')} (creator_id, member_id, total_referrals, reversed_referrals, reached_at)
    select creator_id, referrer_id, sum(count), 0, max(at) from ${table('referrals')} group by 1, 2`);
  await client.query(`insert into ${table('member_months')} (creator_id, member_id, month, currency, referrals, reversed_referrals, earned_minor, reversed_minor)
    select creator_id, referrer_id, substr(day, 1, 7), 'usd', sum(count), 0, 499 * sum(count), 0
    from ${table('referrals')} group by 1, 2, 3`);
  await client.query(`insert into ${table('creator_months')} (creator_id, month, currency, sign_ups, referrals,
      reversed_referrals, initial_payments, initial_minor, recurring_payments, recurring_minor, organic_payments,
      organic_minor, referred_payments, referred_minor, refunds_minor, creator_minor)
    select creator_id, month, currency, 0, sum(referrals), 0, sum(referrals), 4990 * sum(referrals), 0, 0, 0, 0,
      sum(referrals), 4990 * sum(referrals), 0, 3493 * sum(referrals)
    from ${table('member_months')} group by 1, 2, 3`);
  for (const shape of shapes) await client.query(`vacuum (analyze) ${table(shape.name)}`);
  await client.query('vacuum (analyze) public.profiles');
}

const PROFILES_AT_ONCE = 10_000;

async function writeProfiles(client: pg.Client, members: number): Promise<void> {
  for (let from = 1; from <= members; from += PROFILES_AT_ONCE) {
    const count = Math.min(PROFILES_AT_ONCE, members - from + 1);
    const rows = Array.from({ length: count }, (_, n) => {
      const whose = { creatorId: CREATOR, memberId: memberId(from + n) };
      const words = { name: `Member ${from + n}`, username: `member${from + n}` };
      return { ...whose, ...sealProfile(BENCH_VAULT, whose, words) };
    });
    await client.query(
      `insert into public.profiles (creator_id, member_id, sealed, shown, told_at, told_by)
      select $1, v.*, 0, 'bench' from unnest($2::text[], $3::bytea[], $4::text[]) as v`,
      [
        CREATOR,
        rows.map((row) => row.memberId),
        rows.map((row) => row.sealed),
        rows.map((row) => row.shown),
      ],
    );
  }
}

/** As `member` in SQL. */
const memberId = (n: number): string =>
  `user_${createHash('md5').update(`m${n}`).digest('hex').slice(0, 13)}`;

const member = (n: string): string => `'user_' || substr(md5('m' || (${n})), 1, 13)`;
