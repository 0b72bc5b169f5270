/** What people order in a ledger with a history: pins, corrections, codes of their own, assigned memberships, exclusions. */
import { sql } from 'kysely';
import { assignMembership, correctReferrerOf, pinTierOf, setReferralCode } from '#libs/application';
import type { Database } from '#libs/database';
import { Desk } from '#libs/ingestion';
import type { TestLedger } from '#libs/testing';
import { NOW } from './history-ledger.js';

const BY = { actor: 'test' };
const reason = 'because of "them", said \\ somebody';

interface Person {
  readonly creatorId: string;
  readonly memberId: string;
}

/** Of each kind some, where the history has whom they are about; the intake has dealt with them. */
export async function giveOrders(db: Database, ledger: TestLedger): Promise<void> {
  const people = await membersOf(db);
  const parts = { store: ledger.store, intake: ledger.notices };
  for (const [n, person] of people.slice(0, 12).entries()) await pin(db, ledger, person, n);
  for (const [n, person] of people.filter((_, at) => at % 5 === 0).entries()) {
    const referrerId = n % 3 === 0 ? null : otherOf(people, person, n);
    await correctReferrerOf(ledger.store, NOW + n, { ...person, referrerId, reason }, BY);
  }
  for (const [n, person] of people.filter((_, at) => at % 7 === 0).entries()) {
    await setReferralCode(parts, NOW + n, { ...person, code: `OF-PEOPLE-${n}` }, BY);
  }
  for (const [n, waiting] of (await withoutPerson(db)).entries()) {
    const userId = people.find(({ creatorId }) => creatorId === waiting.creatorId)?.memberId;
    if (userId !== undefined && n % 2 === 0)
      await assignMembership(parts, NOW + n, { ...waiting, userId, reason }, BY);
  }
  await ledger.decide();
}

/** Sets one of the deliveries aside that were not counted. */
export async function excludeSome(db: Database, ledger: TestLedger): Promise<void> {
  const desk = new Desk({ ...ledger.intake, keys: async () => ledger.keys });
  const { rows } = await sql<{ id: string }>`
    select id from deliveries where outcome in ('parked', 'quarantined') order by id desc limit 1`.execute(
    db,
  );
  await desk.exclude(
    rows.map(({ id }) => BigInt(id)),
    { ...BY, reason, dryRun: false },
  );
}

async function membersOf(db: Database): Promise<Person[]> {
  const { rows } = await sql<{ stream: string }>`
    select distinct stream from events where type = 'ReferralCodeAssigned' order by 1`.execute(db);
  return rows.map(({ stream }) => {
    const [creatorId = '', memberId = ''] = stream.slice('member-'.length).split('.');
    return { creatorId, memberId };
  });
}

function otherOf(people: readonly Person[], one: Person, n: number): string | null {
  const others = people.filter(
    ({ creatorId, memberId }) => creatorId === one.creatorId && memberId !== one.memberId,
  );
  return others[n % Math.max(1, others.length)]?.memberId ?? null;
}

/** Memberships whose deliveries wait for their person. */
async function withoutPerson(
  db: Database,
): Promise<{ readonly creatorId: string; readonly membershipId: string }[]> {
  const { rows } = await sql<{ creator_id: string; membership: string }>`
    select distinct d.creator_id, substr(w.key, 12) as membership
    from waiting w join deliveries d on d.id = w.delivery
    where d.outcome = 'parked' and w.key like 'membership:%' and d.creator_id is not null
    order by 1, 2`.execute(db);
  return rows.map(({ creator_id, membership }) => ({
    creatorId: creator_id,
    membershipId: membership,
  }));
}

/** A pin, and later none. */
async function pin(db: Database, { store }: TestLedger, person: Person, n: number): Promise<void> {
  const { rows } = await sql<{ name: string }>`
    select data #>> '{tiers,0,0}' as name from events
    where stream = ${`creator-${person.creatorId}`} and type = 'TiersSet'
    order by revision desc limit 1`.execute(db);
  const order = { ...person, reason: `${n} ${reason}` };
  await pinTierOf(store, NOW + n, { ...order, tier: rows[0]?.name ?? 'Bronze' }, BY);
  await pinTierOf(store, NOW + 100 + n, { ...order, tier: null }, BY);
}
