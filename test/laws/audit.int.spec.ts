/**
 * The history of a figure against the log and against the read models: its changes are what the
 * events say that they move, one after the other, and where they lead to is the figure that is shown.
 */
import { afterEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import {
  Browser,
  changesOf,
  type Figure,
  type HistoryField,
  historyOf,
  readEventOf,
  type SumChange,
} from '#libs/audit';
import { type TestDatabase, testDatabase, testLedger } from '#libs/testing';
import { historyOf as historyOfSeed } from '../reference/histories.js';
import { codeOf, deliverHistory, projectAll, settingsOfHistory } from './history-ledger.js';
import { giveOrders } from './orders-of-people.js';

const SEEDS = [3, 11];
const LIMIT = 7;

describe('the history of a figure', () => {
  let test: TestDatabase;
  afterEach(() => test.drop());

  it.each(SEEDS)(
    'is what its events say, and ends where the figure stands (seed %i)',
    async (seed) => {
      test = await testDatabase();
      const ledger = await testLedger(test);
      const told = historyOfSeed(seed, { codeOf });
      await settingsOfHistory(ledger, told);
      await deliverHistory(ledger, told, seed);
      await giveOrders(test.db, ledger);
      const { schema } = await projectAll(test, ledger);
      const events = (await ledger.events()).map(readEventOf);
      const parts = { browser: new Browser(test.db), store: ledger.store, schema };

      /** Every page of it, oldest first; newest first it is the same the other way round. */
      const whole = async (figure: Figure) => {
        const pages = async (order: 'oldest' | 'newest') => {
          const items = [];
          let cursor: bigint | undefined;
          let value: unknown;
          do {
            const page = await historyOf(parts, figure, { order, limit: LIMIT, cursor });
            items.push(...page.items);
            cursor = page.next;
            value = page.value;
          } while (cursor !== undefined);
          return { items, value };
        };
        const [oldest, newest] = [await pages('oldest'), await pages('newest')];
        expect([...newest.items].reverse()).toEqual(oldest.items);
        return oldest;
      };
      const sums = new Map<string, { change: SumChange; at: bigint; id: string }[]>();
      for (const { recorded, event } of events)
        for (const change of event === undefined ? [] : changesOf(event)) {
          if (change.kind !== 'sum') continue;
          const { creatorId, memberId, field, month, currency } = change;
          const key = JSON.stringify([creatorId, memberId, field, month, currency]);
          const known = sums.get(key) ?? [];
          known.push({ change, at: recorded.position, id: recorded.id });
          sums.set(key, known);
        }
      expect(sums.size).toBeGreaterThan(15);
      for (const [key, moves] of sums) {
        const [creatorId, memberId, field, month, currency] = JSON.parse(key) as [
          string,
          string | null,
          HistoryField,
          string,
          string | null,
        ];
        const { items, value } = await whole({
          creatorId,
          memberId: memberId ?? undefined,
          field,
          month,
          currency: currency ?? 'usd',
        });
        let old = 0n;
        const expected = moves.map(({ change: { delta }, id }) => {
          const before = old;
          old += delta;
          return [id, before, old, delta];
        });
        expect([
          key,
          items.map((item) => [item.event.recorded.id, item.old, item.new, item.delta]),
        ]).toEqual([key, expected]);
        expect(value).toBe(old);
      }

      const { rows: months } = await sql<{
        creator_id: string;
        member_id: string;
        month: string;
        currency: string;
        referrals: string;
        earned: string;
      }>`select creator_id, member_id, month, currency, referrals,
        (earned_minor - reversed_minor)::text as earned from ${sql.id(schema, 'member_months')}`.execute(
        test.db,
      );
      expect(months.length).toBeGreaterThan(5);
      for (const row of months) {
        const of = { creatorId: row.creator_id, memberId: row.member_id, month: row.month };
        const earned = await whole({ ...of, field: 'earnings', currency: row.currency });
        expect([row, earned.value]).toEqual([row, BigInt(row.earned)]);
      }
      const { rows: members } = await sql<{
        creator_id: string;
        member_id: string;
        referrer_id: string | null;
        referral_code: string;
      }>`select creator_id, member_id, referral_code, (
        select nullif(l.referrer_id, '') from ${sql.id(schema, 'lines')} l
        where l.creator_id = m.creator_id and l.member_id = m.member_id
        group by l.referrer_id having sum(l.count) > 0 limit 1) as referrer_id
      from ${sql.id(schema, 'members')} m`.execute(test.db);
      let referred = 0;
      for (const row of members) {
        const of = { creatorId: row.creator_id, memberId: row.member_id, currency: 'usd' };
        const referrer = await whole({ ...of, field: 'referrer' });
        expect([row.member_id, referrer.value]).toEqual([row.member_id, row.referrer_id]);
        for (const [n, item] of referrer.items.entries())
          expect(item.old).toBe(n === 0 ? null : referrer.items[n - 1]?.new);
        const code = await whole({ ...of, field: 'referralCode' });
        expect(code.value).toBe(row.referral_code);
        if (row.referrer_id !== null) referred += 1;
      }
      expect(referred).toBeGreaterThan(3);
    },
    120_000,
  );
});
