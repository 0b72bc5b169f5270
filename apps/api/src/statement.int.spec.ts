import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { NEW_YORK, PATH, type Told, toldHistory } from '../test/history.js';
import type { Json } from '../test/real-parts.js';
import { restate, type Said } from '../test/restating.js';

const STATEMENT = `${PATH}/members/user_rui/statement`;
const bob = { by: 'bob', referrer: 'rui' } as const;
const recurring = {
  ...{ ...bob, kind: 'sale', source: 'pay_bob2', payment: 'pay_bob2' },
  ...{ at: '2026-03-05T12:00:00Z', day: '2026-03-05' },
} as const satisfies Said;
const refund = {
  ...{ ...bob, kind: 'reversal', payment: 'pay_bob1', first: true },
  ...{ at: '2026-03-07T12:00:00Z', day: '2026-03-07' },
} as const satisfies Omit<Said, 'source'>;

/**
 * Rui in March, told as by late facts: Bob's second payment was of other shares (520 instead of
 * 500), a refund of his first one was restated from 100 to 200, another was taken back altogether.
 */
const LATE: readonly Said[] = [
  { ...recurring, count: -1n, minor: [4999n, 500n, 3499n, 1000n] },
  { ...recurring, minor: [4999n, 520n, 3479n, 1000n] },
  { ...refund, source: 'rfnd_1', minor: [1000n, 100n, 700n, 200n] },
  { ...refund, source: 'rfnd_1', count: -1n, minor: [1000n, 100n, 700n, 200n] },
  { ...refund, source: 'rfnd_1', minor: [2000n, 200n, 1400n, 400n] },
  { ...refund, source: 'rfnd_2', minor: [500n, 50n, 350n, 100n] },
  { ...refund, source: 'rfnd_2', count: -1n, minor: [500n, 50n, 350n, 100n] },
  // A conversion that was somebody else's for a while: nothing of it stands in Rui's account.
  ...[1n, -1n].map(
    (count): Said => ({
      ...{ ...recurring, by: 'gil', source: 'pay_gil1', payment: 'pay_gil1', first: true },
      ...{ count, minor: [3000n, 300n, 2100n, 600n] },
    }),
  ),
];

describe('a statement', () => {
  let api: Told;
  beforeAll(async () => {
    api = await toldHistory();
    await restate(api.ledger, 'biz_a', LATE);
  });
  afterAll(() => api.close());

  const dan = {
    kind: 'commission',
    at: '2026-03-03T12:00:00Z',
    day: '2026-03-03',
    paymentId: 'pay_dan1',
    reversalId: null,
    paymentKind: 'initial',
    member: { memberId: 'user_dan', name: 'user_dan' },
    currency: 'eur',
    saleMinor: 2000,
    amountMinor: 200,
    balanceMinor: 200,
  };
  const second = {
    ...dan,
    at: '2026-03-05T12:00:00Z',
    day: '2026-03-05',
    paymentId: 'pay_bob2',
    paymentKind: 'recurring',
    member: { memberId: 'user_bob', name: 'Bob 100%' },
    currency: 'usd',
    saleMinor: 4999,
    amountMinor: 520,
    balanceMinor: 1020,
  };
  const back = {
    ...second,
    kind: 'reversal',
    at: '2026-03-07T12:00:00Z',
    day: '2026-03-07',
    paymentId: 'pay_bob1',
    reversalId: 'rfnd_1',
    paymentKind: 'initial',
    saleMinor: 2000,
    amountMinor: -200,
    balanceMinor: 820,
  };
  const usd = {
    currency: 'usd',
    openingMinor: 500,
    earnedMinor: 520,
    reversedMinor: 200,
    closingMinor: 820,
  };
  const eur = {
    currency: 'eur',
    openingMinor: 0,
    earnedMinor: 200,
    reversedMinor: 0,
    closingMinor: 200,
  };

  it('shows what stands, in order, each line with the balance of its currency', async () => {
    expect(await api.read(STATEMENT)).toEqual({
      memberId: 'user_rui',
      name: 'Rui Águas',
      month: '2026-03',
      totals: [eur, usd],
      otherCurrencies: [],
      items: [dan, second, back],
      nextCursor: null,
      asOf: { position: expect.any(Number), recordedAt: expect.any(String) },
      timeZone: NEW_YORK,
    });
  });

  it('of one currency leaves out the others, and says so', async () => {
    expect(await api.read(`${STATEMENT}?currency=usd`)).toMatchObject({
      totals: [usd],
      otherCurrencies: ['eur'],
      items: [second, back],
    });
  });

  it('is the same page by page', async () => {
    expect(await api.oneByOne(STATEMENT)).toEqual([dan, second, back]);
  });

  it('opens with what the month before closed with', async () => {
    const february = await api.read(`${STATEMENT}?month=2026-02`);
    expect(february.totals).toEqual([
      { ...usd, openingMinor: 0, earnedMinor: 500, reversedMinor: 0, closingMinor: 500 },
    ]);
    expect(february.items).toMatchObject([{ paymentId: 'pay_bob1', balanceMinor: 500 }]);
    const none = await api.read(`${PATH}/members/user_ivo/statement`);
    expect([none.totals, none.items]).toEqual([[], []]);
  });

  it('agrees with the figures of the month', async () => {
    const stats = await api.read(`${PATH}/members/user_rui/stats`);
    expect(stats).toMatchObject({ monthlyEarningsMinor: 320, totalEarningsMinor: 820 });
  });

  it('is made of payments that show their reversals', async () => {
    const { items } = await api.read(`${PATH}/payments?referrer=user_rui&currency=usd`);
    expect(items.map(({ paymentId }) => paymentId)).toEqual(['pay_bob2', 'pay_bob1']);
    const [later, first] = items as [Json, Json];
    expect(later).toMatchObject({ memberMinor: 520, reversals: [] });
    expect(first.reversals).toEqual([
      {
        reversalId: 'rfnd_1',
        at: '2026-03-07T12:00:00Z',
        day: '2026-03-07',
        month: '2026-03',
        saleMinor: 2000,
        memberMinor: 200,
        creatorMinor: 1400,
        platformMinor: 400,
      },
    ]);
    const ids = async (query: string) =>
      (await api.read(`${PATH}/payments?${query}`)).items.map(({ paymentId }) => paymentId);
    expect(await ids('currency=eur')).toEqual(['pay_dan1']);
    expect(await ids('month=2026-03&referrer=user_ana')).toEqual(['pay_eve1']);
    expect(await ids('member=user_bob&month=2026-02&kind=initial')).toEqual(['pay_bob1']);
  });

  it.each([
    ['?month=2026-13', 'input_invalid'],
    ['?month=2026-04', 'month_in_future'],
    ['?currency=zzz', 'input_invalid'],
    ['?cursor=abc', 'cursor_invalid'],
  ])('%s is refused: %s', async (query, code) => {
    expect(await api.get(`${STATEMENT}${query}`)).toMatchObject({ status: 400, json: { code } });
  });
});
