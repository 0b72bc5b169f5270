/** Orders come when people find the time: wherever they fall among the deliveries, the books are the same. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  assignMembership,
  changeSettings,
  correctReferrerOf,
  decodeEvent,
  setReferralCode,
} from '#libs/application';
import { type PaymentFacts, renderPayment } from '#libs/ingestion';
import { type ChangeSettings, drawCode, linesOf, NetLines, ownerOf } from '#libs/ledger';
import {
  TEST_DEFAULTS,
  type TestDatabase,
  type TestLedger,
  testDatabase,
  testLedger,
  textOf,
} from '#libs/testing';
import { randomOf } from '../reference/random.js';

/** The day before April: its first hours may be told already. */
const NOW = Date.UTC(2026, 2, 31, 12) / 1000;
const HOUR = 3_600;
const ADMIN = { actor: 'admin' };
const reason = 'as they told us';
const RUNS = 25;

type Step = () => Promise<unknown>;

describe('orders and deliveries', () => {
  let test: TestDatabase;
  let ledger: TestLedger;
  beforeAll(async () => {
    test = await testDatabase();
    ledger = await testLedger(test);
  });
  afterAll(() => test.drop());

  /** One community; its ids hold the number of the run, for codes are unique across the ledger. */
  function community(run: number) {
    const creatorId = `biz_${run}`;
    const vanity = `RUI-OF-${run}`;
    const parts = { store: ledger.store, intake: ledger.notices };
    const deliver = async (id: string, at: number, rest: Partial<PaymentFacts> = {}) => {
      const { messageId, body } = renderPayment('v1', {
        creatorId,
        userId: `user_${id.slice(0, 3)}`,
        membershipId: `mem_${id.slice(0, 3)}_${run}`,
        paymentId: `pay_${id}_${run}`,
        status: 'succeeded',
        amount: '10.5',
        currency: 'usd',
        paidAt: at,
        createdAt: at,
        ...rest,
      });
      await ledger.inbox.store({
        provider: 'whop',
        deliveryId: messageId,
        generation: 'v1',
        body: Buffer.from(body),
        headers: {},
        receivedAt: NOW * 1000,
      });
    };
    const change = (rest: Partial<ChangeSettings>) =>
      changeSettings(
        parts,
        creatorId,
        { type: 'ChangeSettings', now: NOW, defaults: TEST_DEFAULTS, ...rest },
        ADMIN,
      );
    const byVanity = { referralCode: vanity };
    const byAna = { referralCode: drawCode(creatorId, 'user_ana', 0) };
    const ofMembership = { userId: undefined, creatorId: undefined };
    const start: Step[] = [
      () => deliver('rui1', NOW - 9 * HOUR),
      () => deliver('ana1', NOW - 9 * HOUR),
    ];
    const deliveries: Step[] = [
      () => deliver('bea1', NOW + HOUR, byVanity),
      () => deliver('bea2', NOW + 6 * HOUR),
      () => deliver('cid1', NOW - HOUR, byVanity),
      () => deliver('dan1', NOW + 5 * HOUR, { ...byAna, currency: undefined }),
      () => deliver('eve1', NOW + 14 * HOUR, byVanity),
      () => deliver('eve1', NOW + 14 * HOUR, byVanity),
      () => deliver('ana2', NOW + 3 * HOUR),
      () => deliver('xia1', NOW + 2 * HOUR, { ...ofMembership, ...byAna }),
      () => deliver('xia2', NOW + 4 * HOUR, { ...ofMembership, currency: undefined }),
    ];
    const orders: Step[] = [
      () => setReferralCode(parts, NOW, { creatorId, memberId: 'user_rui', code: vanity }, ADMIN),
      () =>
        change({
          rates: { memberBps: 3333, creatorBps: 3333, platformBps: 3334 },
          effectiveAt: NOW + 2 * HOUR,
        }),
      () => change({ currency: 'kwd', effectiveAt: NOW + 4 * HOUR }),
      () => change({ timeZone: 'America/New_York', effectiveAt: { localDate: '2026-04-01' } }),
      () =>
        assignMembership(
          parts,
          NOW,
          { creatorId, membershipId: `mem_xia_${run}`, userId: 'user_xia', reason },
          ADMIN,
        ),
      () =>
        correctReferrerOf(
          ledger.store,
          NOW,
          { creatorId, memberId: 'user_ana', referrerId: 'user_rui', reason },
          ADMIN,
        ),
    ];
    return { start, deliveries, orders };
  }

  /** The lines that stand, of all members of a run, without its number. */
  async function booksOf(run: number): Promise<string[]> {
    const net = new Map<string, NetLines>();
    for (const event of await ledger.events()) {
      if (!event.stream.startsWith(`member-biz_${run}.`)) continue;
      const { memberId } = ownerOf(event.stream);
      const own = net.get(memberId) ?? new NetLines();
      for (const line of linesOf(decodeEvent(event))) own.add(line);
      net.set(memberId, own);
    }
    return [...net]
      .flatMap(([member, lines]) => lines.lines().map((line) => `${member} ${textOf(line)}`))
      .map((line) => line.replaceAll(`_${run}`, ''))
      .sort();
  }

  const all = async (steps: readonly Step[]): Promise<void> => {
    for (const step of steps) await step();
    await ledger.decide();
  };

  const EXPECTED = [
    'user_ana 2026-03-31 conversion pay_ana1 by user_rui',
    'user_ana 2026-03-31 sale pay_ana1 by user_rui, first: 1050 usd = 105 + 735 + 210',
    'user_ana 2026-03-31 sale pay_ana2 by user_rui: 1050 usd = 350 + 350 + 350',
    'user_ana 2026-03-31 signUp pay_ana1 by user_rui',
    'user_bea 2026-03-31 conversion pay_bea1 by user_rui',
    'user_bea 2026-03-31 sale pay_bea1 by user_rui, first: 1050 usd = 105 + 735 + 210',
    'user_bea 2026-03-31 sale pay_bea2 by user_rui: 1050 usd = 350 + 350 + 350',
    'user_bea 2026-03-31 signUp pay_bea1 by user_rui',
    'user_cid 2026-03-31 sale pay_cid1 by nobody, first: 1050 usd = 0 + 1050 + 0',
    'user_cid 2026-03-31 signUp pay_cid1 by nobody',
    'user_dan 2026-03-31 conversion pay_dan1 by user_ana',
    'user_dan 2026-03-31 sale pay_dan1 by user_ana, first: 10500 kwd = 3500 + 3499 + 3501',
    'user_dan 2026-03-31 signUp pay_dan1 by user_ana',
    'user_eve 2026-03-31 conversion pay_eve1 by user_rui',
    'user_eve 2026-03-31 sale pay_eve1 by user_rui, first: 1050 usd = 350 + 350 + 350',
    'user_eve 2026-03-31 signUp pay_eve1 by user_rui',
    'user_rui 2026-03-31 sale pay_rui1 by nobody, first: 1050 usd = 0 + 1050 + 0',
    'user_rui 2026-03-31 signUp pay_rui1 by nobody',
    'user_xia 2026-03-31 conversion pay_xia1 by user_ana',
    'user_xia 2026-03-31 sale pay_xia1 by user_ana, first: 1050 usd = 350 + 350 + 350',
    'user_xia 2026-03-31 sale pay_xia2 by user_ana: 10500 kwd = 3500 + 3499 + 3501',
    'user_xia 2026-03-31 signUp pay_xia1 by user_ana',
  ];

  it('give these books when the orders come first', async () => {
    const { start, deliveries, orders } = community(0);
    await all(start);
    await all(orders);
    await all(deliveries);
    expect(await booksOf(0)).toEqual(EXPECTED);
  });

  it('give these books when the orders come last', async () => {
    const { start, deliveries, orders } = community(1);
    await all([...start, ...deliveries]);
    await all(orders);
    expect(await booksOf(1)).toEqual(EXPECTED);
  });

  it.each(Array.from({ length: RUNS }, (_, n) => n + 2))(
    'give these books in any order, decided in batches of all sizes (%i)',
    async (run) => {
      const random = randomOf(run);
      const { start, deliveries, orders } = community(run);
      await all(start);
      for (const step of random.shuffled([...deliveries, ...orders])) {
        await step();
        if (random.chance(40)) await ledger.decide(random.between(1, 4));
      }
      await ledger.decide();
      expect(await booksOf(run)).toEqual(EXPECTED);
    },
  );
});
