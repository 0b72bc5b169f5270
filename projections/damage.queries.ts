/**
 * Damages read models as the system before Flywheel damaged its counters, so that one can watch it
 * being found and repaired. For the demo alone: whoever calls it has made sure of that. Only the
 * tables that a replay makes again are touched, never the log, and always the same rows.
 */
import { type RawBuilder, sql } from 'kysely';
import type { Transaction } from '#libs/database';
import type { SealedName } from '#libs/vault';
import { type ReadSource, table } from './read.queries.js';

export const DAMAGES = ['stale-month', 'drift', 'lost-row', 'rounding'] as const;
export type Damage = (typeof DAMAGES)[number];

/** A row that is not any more what the log says. */
export interface DamagedRow {
  readonly table: string;
  readonly memberId: string;
  /** Null: nobody has told it. */
  readonly name: SealedName | null;
  /** Column and its value before, and after; null: the row is gone. */
  readonly before: Readonly<Record<string, string>>;
  readonly after: Readonly<Record<string, string>> | null;
}

interface About {
  readonly creatorId: string;
  /** YYYY-MM: the one that people look at. */
  readonly month: string;
}

/** Every creator of the log: a demo's ledger has one. */
export async function creatorsOfLog({ db }: Pick<ReadSource, 'db'>): Promise<string[]> {
  const { rows } = await sql<{ creator_id: string }>`
    select distinct substr(stream, length('creator-') + 1) as creator_id from events
    where stream >= 'creator-' and stream < 'creator.' order by 1`.execute(db);
  return rows.map((row) => row.creator_id);
}

/** The rows that were changed, largest first; none: there was nothing to damage. */
export function damage(
  { db, schema }: ReadSource,
  kind: Damage,
  about: About,
): Promise<readonly DamagedRow[]> {
  return db.transaction().execute(async (tx) => {
    const rows = await WAYS[kind](tx, schema, about);
    const names = await namesOf(tx, about.creatorId);
    return rows.map((row) => ({ ...row, name: names.get(row.memberId) ?? null }));
  });
}

type Unnamed = Omit<DamagedRow, 'name'>;
type Way = (tx: Transaction, schema: string, about: About) => Promise<Unnamed[]>;

const WAYS: Readonly<Record<Damage, Way>> = {
  'stale-month': staleMonth,
  drift,
  'lost-row': lostRow,
  rounding,
};

/** The month began, and nothing was ever counted in it: the column is empty for everybody. */
async function staleMonth(tx: Transaction, schema: string, about: About): Promise<Unnamed[]> {
  const { rows } = await sql<Counted>`
    delete from ${table(schema, 'member_months')}
    where creator_id = ${about.creatorId} and month = ${about.month}
    returning member_id, referrals::text, earned_minor::text, currency`.execute(tx);
  return [...rows].sort(byCount).map(({ member_id, referrals, earned_minor, currency }) => ({
    table: 'member_months',
    memberId: member_id,
    before: { referrals, earned_minor, currency },
    after: null,
  }));
}

interface Counted {
  readonly member_id: string;
  readonly referrals: string;
  readonly earned_minor: string;
  readonly currency: string;
}

const byCount = (a: Counted, b: Counted): number => {
  const most = BigInt(b.referrals) - BigInt(a.referrals);
  if (most !== 0n) return most > 0n ? 1 : -1;
  return a.member_id < b.member_id ? -1 : 1;
};

const DRIFT = 3;

/** Deliveries that were counted twice: whoever stands second comes out first. */
async function drift(tx: Transaction, schema: string, { creatorId }: About): Promise<Unnamed[]> {
  const { rows } = await sql<{ member_id: string; before: string; after: string }>`
    update ${table(schema, 'rankings')} k set total_referrals = k.total_referrals + ${DRIFT}::integer
    from (${ranked(schema, creatorId, 2)}) r
    where k.creator_id = ${creatorId} and k.member_id = r.member_id
    returning k.member_id, r.total_referrals::text as before, k.total_referrals::text as after`.execute(
    tx,
  );
  return rows.map(({ member_id, before, after }) => ({
    table: 'rankings',
    memberId: member_id,
    before: { total_referrals: before },
    after: { total_referrals: after },
  }));
}

/** Whoever stands third is missing from the ranking. */
async function lostRow(tx: Transaction, schema: string, { creatorId }: About): Promise<Unnamed[]> {
  const { rows } = await sql<{ member_id: string; before: string }>`
    delete from ${table(schema, 'rankings')} k
    using (${ranked(schema, creatorId, 3)}) r
    where k.creator_id = ${creatorId} and k.member_id = r.member_id
    returning k.member_id, k.total_referrals::text as before`.execute(tx);
  return rows.map(({ member_id, before }) => ({
    table: 'rankings',
    memberId: member_id,
    before: { total_referrals: before },
    after: null,
  }));
}

/**
 * A share that was rounded up by itself: a line whose shares sum to a cent more than the sale, and
 * that cent in the earnings of its day and month. Of the latest sale that earned whoever is first.
 */
async function rounding(tx: Transaction, schema: string, about: About): Promise<Unnamed[]> {
  const { rows } = await sql<RoundedRow>`
    update ${table(schema, 'lines')} l set member_minor = l.member_minor + 1
    from (select f.position, f.n, f.member_minor from ${table(schema, 'lines')} f
      join (${ranked(schema, about.creatorId, 1)}) r on r.member_id = f.referrer_id
      where f.creator_id = ${about.creatorId} and f.month = ${about.month} and f.kind = 'sale'
        and f.sale_minor > 0
      order by f.at desc, f.position desc, f.n desc limit 1) was
    where l.position = was.position and l.n = was.n
    returning l.referrer_id, l.payment_id, l.day, l.month, l.currency,
      was.member_minor::text as before, l.member_minor::text as after`.execute(tx);
  const [line] = rows;
  if (line === undefined) return [];
  const { referrer_id: memberId, payment_id, day, month, currency } = line;
  const sums: Unnamed[] = [];
  for (const [name, column, value] of [
    ['member_days', 'day', day],
    ['member_months', 'month', month],
  ] as const) {
    const found = await sql<{ before: string; after: string }>`
      update ${table(schema, name)} set earned_minor = earned_minor + 1
      where creator_id = ${about.creatorId} and member_id = ${memberId} and currency = ${currency}
        and ${sql.id(column)} = ${value}
      returning (earned_minor - 1)::text as before, earned_minor::text as after`.execute(tx);
    for (const { before, after } of found.rows)
      sums.push({
        table: name,
        memberId,
        before: { [column]: value, earned_minor: before },
        after: { [column]: value, earned_minor: after },
      });
  }
  const changed: Unnamed = {
    table: 'lines',
    memberId,
    before: { payment_id, member_minor: line.before },
    after: { payment_id, member_minor: line.after },
  };
  return [changed, ...sums];
}

interface RoundedRow {
  readonly referrer_id: string;
  readonly payment_id: string;
  readonly day: string;
  readonly month: string;
  readonly currency: string;
  readonly before: string;
  readonly after: string;
}

/** Whoever has this rank now. */
const ranked = (schema: string, creatorId: string, rank: number): RawBuilder<unknown> => sql`
  select member_id, total_referrals from ${table(schema, 'rankings')}
  where creator_id = ${creatorId} and total_referrals > 0
  order by total_referrals desc, reached_at, member_id offset ${rank - 1}::integer limit 1`;

async function namesOf(tx: Transaction, creatorId: string): Promise<Map<string, SealedName>> {
  const { rows } = await sql<{ member_id: string; shown: SealedName }>`
    select member_id, shown from profiles
    where creator_id = ${creatorId} and shown is not null`.execute(tx);
  return new Map(rows.map(({ member_id, shown }) => [member_id, shown]));
}
