/**
 * Whoever is erased, and whenever: the books are those that an independent model calculates from all
 * that was told, live and replayed, and nothing that the key opens holds a word of theirs.
 */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { erasePersonalData } from '#libs/application';
import { type BodyRow, Erasure, openBody } from '#libs/ingestion';
import { dumpTables, replay } from '#libs/projector';
import {
  TEST_VAULT,
  type TestDatabase,
  type TestLedger,
  testDatabase,
  testLedger,
} from '#libs/testing';
import { register } from '#projections';
import { type HistoryDelivery, historyOf } from '../reference/histories.js';
import { randomOf } from '../reference/random.js';
import { bodyOf } from '../reference/wire.js';
import {
  codeOf,
  deliverHistory,
  differencesFrom,
  factsOutcome,
  modelOf,
  NOW,
  projectAll,
  projecting,
  settingsOfHistory,
} from './history-ledger.js';

const SEEDS = Number(process.env.FLYWHEEL_ERASURE_SEEDS ?? 5);
const FIRST_SEED = Number(process.env.FLYWHEEL_LAW_FIRST_SEED ?? 1);
/** Of one in so many deliveries somebody is erased. */
const RARITY = 12;

interface Person {
  readonly creatorId: string;
  readonly memberId: string;
}

describe('any history in which people are erased', () => {
  let test: TestDatabase;
  let ledger: TestLedger;
  let erased: Set<string>;
  let erasedInAll = 0;
  beforeEach(async () => {
    test = await testDatabase();
    ledger = await testLedger(test);
    erased = new Set();
  });
  afterEach(() => test.drop());

  const known = async (): Promise<Person[]> => {
    const { rows } = await sql<{ stream: string }>`
      select distinct stream from events where stream like 'member-%' order by 1`.execute(test.db);
    return rows.map(({ stream }) => {
      const [creatorId = '', memberId = ''] = stream.slice('member-'.length).split('.');
      return { creatorId, memberId };
    });
  };

  const erase = async (person: Person): Promise<void> => {
    const personal = new Erasure({ ...ledger.intake, keys: async () => ledger.keys });
    const parts = { store: ledger.store, personal };
    await erasePersonalData(parts, NOW, person, { actor: 'test' });
    erased.add(`${person.creatorId}.${person.memberId}`);
  };

  it.each(Array.from({ length: SEEDS }, (_, n) => FIRST_SEED + n))(
    'of seed %i has the books of the reference model, live and replayed',
    async (seed) => {
      const history = historyOf(seed, { codeOf });
      const random = randomOf(seed);
      const tell = async (deliveries: readonly HistoryDelivery[]): Promise<void> => {
        for (const delivery of deliveries) {
          const { deliveryId } = delivery;
          await ledger.deliver({ body: bodyOf(delivery), deliveryId });
          if (random.below(RARITY) > 0) continue;
          const people = await known();
          const person = people[random.below(Math.max(1, people.length))];
          if (person !== undefined) await erase(person);
        }
      };
      await settingsOfHistory(ledger, history);
      await deliverHistory(ledger, history, seed, tell);
      erasedInAll += erased.size;
      const live = await projectAll(test, ledger, 1 + (seed % 50));
      const expected = modelOf(history);
      const differences = await differencesFrom(expected, test, live.schema);
      expect(differences.slice(0, 5)).toEqual([]);
      expect(await factsOutcome(test.db, 'parked')).toEqual(
        expected.parked.map(({ id }) => id).sort(),
      );
      const before = await dumpTables(test.db, live.schema, register);
      const replayed = await replay(projecting(test, ledger));
      expect(await dumpTables(test.db, replayed.schema, register)).toEqual(before);
      expect(await keptOfErased()).toEqual([]);
    },
  );

  it('has erased people, in all', () => {
    expect(erasedInAll).toBeGreaterThan(SEEDS);
  });

  /** Bodies that are decided and still there although they name somebody who was erased; and profiles. */
  async function keptOfErased(): Promise<string[]> {
    const { rows } = await sql<BodyRow & { id: string; outcome: string; stream: string | null }>`
      select d.id, d.outcome, d.provider, d.delivery_id, d.body_sha256, d.body_form, d.body,
        (select e.stream from events e where e.metadata ->> 'delivery' = d.id::text
          and e.stream like 'member-%' limit 1) as stream
      from deliveries d where d.body is not null and d.provider <> 'internal'
        and d.outcome in ('applied', 'unchanged', 'ignored')`.execute(test.db);
    const bodies = rows.filter((row) => {
      const text = openBody(TEST_VAULT, row).toString('utf8');
      const userId = /"(user_[A-Za-z0-9_]+)"/.exec(text)?.[1];
      const creatorId = /"(biz_[A-Za-z0-9_]+)"/.exec(text)?.[1];
      return (
        erased.has(`${creatorId}.${userId}`) ||
        erased.has(row.stream?.slice('member-'.length) ?? '')
      );
    });
    const profiles = await sql<{ of: string }>`
      select creator_id || '.' || member_id as of from profiles
      where sealed is not null or shown is not null or search is not null`.execute(test.db);
    return [
      ...bodies.map(({ id, outcome }) => `delivery ${id} (${outcome})`),
      ...profiles.rows.map(({ of }) => of).filter((of) => erased.has(of)),
    ];
  }
});
