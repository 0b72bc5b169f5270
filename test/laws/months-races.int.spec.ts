/** Many close at once, and while payments come in: what the log holds then is one seal and no gap. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { monthOf } from '#libs/application';
import { provenLines } from '#libs/ledger';
import { JANUARY_ENDS, openCommunity, pagesOf, pay, sealsOf } from './months-community.js';
import { type MonthsLedger, monthsLedger } from './months-ledger.js';

const ROUNDS = 200;
const WRITERS = 16;

describe('a month that is closed', () => {
  let months: MonthsLedger;
  beforeAll(async () => {
    months = await monthsLedger(JANUARY_ENDS + 60, { poolSize: 24 });
  });
  afterAll(() => months.drop());

  const open = async (creatorId: string): Promise<void> => {
    await openCommunity(months.ledger, creatorId);
    await pay(months.ledger, {
      creatorId,
      member: 'first',
      payment: `${creatorId}_first`,
      paidAt: JANUARY_ENDS - 86_400,
      amountMinor: 1n,
    });
  };

  /** Which payments a creator's organic revenue is made of: payment n pays 2^n. */
  const organic = (rows: readonly { currency: string; amounts: { organicMinor: bigint } }[]) =>
    rows.find(({ currency }) => currency === 'usd')?.amounts.organicMinor ?? 0n;

  it(`${ROUNDS} times while ${WRITERS} write: each payment is in the snapshot, pending, or in the open month`, async () => {
    const met = { sealed: 0n, pending: 0n, open: 0n };
    for (let round = 0; round < ROUNDS; round++) {
      const creatorId = `biz_race${round}`;
      await open(creatorId);
      let expected = 1n;
      let february = 0n;
      const writers = Array.from({ length: WRITERS }, async (_, n) => {
        // Within a second of the boundary, on either side of it and on it.
        const paidAt = JANUARY_ENDS + ((n + round) % 3) - 1;
        const amountMinor = 2n ** BigInt(n + 1);
        if (paidAt < JANUARY_ENDS) expected += amountMinor;
        else february += amountMinor;
        const payment = `${creatorId}_${n}`;
        const position = await pay(months.ledger, {
          creatorId,
          member: `m${n}`,
          payment,
          paidAt,
          amountMinor,
        });
        return { amountMinor, position, isJanuary: paidAt < JANUARY_ENDS };
      });
      const [answer, ...paid] = await Promise.all([months.close(creatorId, '2026-01'), ...writers]);
      await months.settled();
      const { pending, versions } = await monthOf(months.reads, { creatorId, month: '2026-01' });
      const sealed = organic(versions[0]?.totals.creator ?? []);
      const late = organic(pending.creator);
      const next = await monthOf(months.reads, { creatorId, month: '2026-02' });
      expect(sealed & late).toBe(0n);
      expect(sealed | late).toBe(expected);
      expect(organic(next.live.creator)).toBe(february);
      for (const { amountMinor, position, isJanuary } of paid) {
        const isSealed = (sealed & amountMinor) !== 0n;
        expect(isSealed).toBe(isJanuary && position <= BigInt(answer.seal.position));
      }
      met.sealed += sealed;
      met.pending += late;
      met.open += february;
    }
    expect(met.sealed > BigInt(ROUNDS) && met.pending > 0n && met.open > 0n).toBe(true);
  }, 240_000);

  it('by eight at once is sealed once, and all eight are told the same', async () => {
    for (let round = 0; round < 12; round++) {
      const creatorId = `biz_eight${round}`;
      await open(creatorId);
      await Promise.all(
        Array.from({ length: 30 }, (_, n) =>
          pay(months.ledger, {
            creatorId,
            member: `m${n}`,
            payment: `${creatorId}_${n}`,
            paidAt: JANUARY_ENDS - 60,
            amountMinor: 1_000n,
            referrer: `m${(n + 1) % 7}`,
          }),
        ),
      );
      const answers = await Promise.all(
        Array.from({ length: 8 }, () => months.close(creatorId, '2026-01')),
      );
      const seals = await sealsOf(months.ledger, creatorId);
      expect(seals).toHaveLength(1);
      expect(seals[0]?.data.pages).toBeGreaterThan(1);
      for (const { seal } of answers) expect(seal).toEqual(seals[0]?.data);
      expect(answers.filter(({ alreadyClosed }) => !alreadyClosed)).toHaveLength(1);
      const [seal] = answers.map((answer) => answer.seal);
      if (seal === undefined) throw new Error('nobody closed it');
      const pages = await pagesOf(months.ledger, seal.snapshot);
      expect(pages).toHaveLength(seal.pages);
      expect(provenLines(seal, pages).length).toBeGreaterThan(30);
    }
  }, 120_000);

  it('and restated by eight at once has one version more', async () => {
    const creatorId = 'biz_again';
    await open(creatorId);
    const first = await months.close(creatorId, '2026-01');
    await pay(months.ledger, {
      creatorId,
      member: 'late',
      payment: 'late',
      paidAt: JANUARY_ENDS - 1,
      amountMinor: 500n,
    });
    const order = {
      creatorId,
      month: '2026-01',
      expectedDigest: first.seal.digest,
      reason: 'the late one',
    };
    const answers = await Promise.all(Array.from({ length: 8 }, () => months.restate(order)));
    const seals = await sealsOf(months.ledger, creatorId);
    expect(seals.map(({ type }) => type)).toEqual(['MonthClosed', 'MonthRestated']);
    for (const { seal } of answers)
      expect(seal).toEqual(expect.objectContaining({ version: 2, digest: seals[1]?.data.digest }));
    expect(answers.filter(({ changed }) => changed)).toHaveLength(1);
  }, 60_000);
});
