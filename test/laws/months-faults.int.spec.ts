/**
 * A close that dies at any statement leaves a month that is closed or is not; called again, it is
 * finished, with the digest that it would have had (docs/architecture.md: unsealed pages mean nothing).
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { closeMonthOf, restateMonthOf } from '#libs/application';
import { PostgresEventStore } from '#libs/event-store';
import { provenLines, type SealData } from '#libs/ledger';
import { type FailingDatabase, type Fault, failingDatabase } from './failing-database.js';
import { JANUARY_ENDS, openCommunity, pagesOf, pay, sealsOf } from './months-community.js';
import { type MonthsLedger, monthsLedger } from './months-ledger.js';

const MEMBERS = 12;
const FAULTS: readonly Fault[] = ['not sent', 'answer lost'];
const ordered = { actor: 'test' };

describe('a close that is cut off', () => {
  let months: MonthsLedger;
  let failing: FailingDatabase;
  beforeAll(async () => {
    months = await monthsLedger(JANUARY_ENDS + 60);
    failing = failingDatabase(months.test.url);
  });
  afterAll(async () => {
    await failing.db.destroy();
    await months.drop();
  });

  /** What closes over connections that fail. */
  const cut = () => ({
    ...months.parts,
    database: failing.db,
    store: new PostgresEventStore({ db: failing.db, url: months.test.url }),
  });

  async function community(creatorId: string): Promise<void> {
    await openCommunity(months.ledger, creatorId);
    for (let n = 0; n < MEMBERS; n++)
      await pay(months.ledger, {
        creatorId,
        member: `m${n}`,
        payment: `${creatorId}_${n}`,
        paidAt: JANUARY_ENDS - 3_600 + n,
        amountMinor: 4_999n,
        ...(n === 0 ? {} : { referrer: 'm0' }),
      });
  }

  const proven = async (seal: SealData): Promise<number> =>
    provenLines(seal, await pagesOf(months.ledger, seal.snapshot)).length;

  /** Runs the order once for each of its statements; gives back how many there are. */
  async function atEveryStatement(
    fault: Fault,
    order: {
      prepare: (creatorId: string) => Promise<string>;
      cutOff: (creatorId: string) => Promise<unknown>;
      again: (creatorId: string) => Promise<{ seal: SealData }>;
      seals: number;
    },
  ): Promise<{ statements: number; refused: number; sealedAnyway: number }> {
    const name = fault === 'not sent' ? 'cut' : 'lost';
    let [refused, sealedAnyway] = [0, 0];
    for (let nth = 1; ; nth++) {
      const creatorId = `biz_${name}${order.seals}_${nth}`;
      const digest = await order.prepare(creatorId);
      failing.plan(nth, fault);
      const outcome = await order.cutOff(creatorId).then(
        () => 'done',
        () => 'cut off',
      );
      const reached = failing.count() >= nth;
      failing.plan(Number.POSITIVE_INFINITY, fault);
      const between = await sealsOf(months.ledger, creatorId);
      expect([order.seals - 1, order.seals]).toContain(between.length);
      if (outcome === 'done') expect(between).toHaveLength(order.seals);
      else refused += 1;
      if (outcome !== 'done' && between.length === order.seals) sealedAnyway += 1;
      const { seal } = await order.again(creatorId);
      const seals = await sealsOf(months.ledger, creatorId);
      expect(seals).toHaveLength(order.seals);
      expect([seal.digest, seals.at(-1)?.data.digest]).toEqual([digest, digest]);
      expect(await proven(seal)).toBe(seal.lines);
      if (!reached) return { statements: nth - 1, refused, sealedAnyway };
    }
  }

  it.each(FAULTS)(
    'at any statement (%s) is finished by the next one',
    async (fault) => {
      const result = await atEveryStatement(fault, {
        seals: 1,
        prepare: async (creatorId) => {
          await community(creatorId);
          const { seal } = await months.close(creatorId, '2026-01', { dryRun: true });
          expect(seal.pages).toBeGreaterThan(1);
          return seal.digest;
        },
        cutOff: (creatorId) => closeMonthOf(cut(), { creatorId, month: '2026-01' }, ordered),
        again: (creatorId) => months.close(creatorId, '2026-01'),
      });
      expect(result.statements).toBeGreaterThan(25);
      expect(result.refused).toBeGreaterThan(result.statements - 3);
      // The seal was committed, and nobody heard of it.
      expect(result.sealedAnyway).toBe(fault === 'answer lost' ? 1 : 0);
    },
    240_000,
  );

  it.each(FAULTS)(
    'and so is a restatement (%s)',
    async (fault) => {
      const digests = new Map<string, string>();
      const orderOf = (creatorId: string) => ({
        creatorId,
        month: '2026-01',
        expectedDigest: digests.get(creatorId) ?? '',
        reason: 'the late one',
      });
      const result = await atEveryStatement(fault, {
        seals: 2,
        prepare: async (creatorId) => {
          await community(creatorId);
          digests.set(creatorId, (await months.close(creatorId, '2026-01')).seal.digest);
          await pay(months.ledger, {
            creatorId,
            member: 'late',
            payment: `${creatorId}_late`,
            paidAt: JANUARY_ENDS - 1,
            amountMinor: 700n,
            referrer: 'm0',
          });
          const dry = await restateMonthOf(months.parts, orderOf(creatorId), {
            ...ordered,
            dryRun: true,
          });
          return dry.seal.digest;
        },
        cutOff: (creatorId) => restateMonthOf(cut(), orderOf(creatorId), ordered),
        again: (creatorId) => months.restate(orderOf(creatorId)),
      });
      expect(result.statements).toBeGreaterThan(25);
      expect(result.sealedAnyway).toBe(fault === 'answer lost' ? 1 : 0);
    },
    240_000,
  );

  it('leaves pages in nobody’s way, though more is known by the next one', async () => {
    let left = 0;
    for (let nth = 18; left < 3; nth++) {
      const creatorId = `biz_left_${nth}`;
      await community(creatorId);
      const planned = (await months.close(creatorId, '2026-01', { dryRun: true })).seal;
      failing.plan(nth, 'answer lost');
      const outcome = await closeMonthOf(cut(), { creatorId, month: '2026-01' }, ordered).then(
        () => 'done',
        () => 'cut off',
      );
      expect(outcome).toBe('cut off');
      const { snapshot } = planned;
      const pages = (await months.ledger.store.readStreams([snapshot])).get(snapshot) ?? [];
      if (pages.length > 0) left += 1;
      await pay(months.ledger, {
        creatorId,
        member: 'm1',
        payment: `${creatorId}_more`,
        paidAt: JANUARY_ENDS - 1,
        amountMinor: 300n,
      });
      const { seal } = await months.close(creatorId, '2026-01');
      expect(seal.snapshot).not.toBe(snapshot);
      expect(await proven(seal)).toBe(seal.lines);
    }
  }, 120_000);
});
