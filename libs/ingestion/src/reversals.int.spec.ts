/** Refunds and disputes through the whole intake: in any order the same books, nothing lost on the way. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type LedgerEvent, linesOf, NetLines } from '#libs/ledger';
import {
  type TestDatabase,
  type TestLedger,
  testDatabase,
  testLedger,
  textOf,
} from '#libs/testing';

const PAID = Date.UTC(2026, 1, 1, 12) / 1000;
const BACK = Date.UTC(2026, 2, 5, 12) / 1000;

interface Body {
  readonly type: string;
  readonly data: object;
}
const payment = (data: object = {}, type = 'payment.succeeded'): Body => ({
  type,
  data: {
    id: 'pay_1',
    company_id: 'biz_a',
    user_id: 'user_mia',
    total: 49.99,
    currency: 'usd',
    paid_at: PAID,
    ...data,
  },
});
const refund = (data: object = {}, type = 'refund.updated'): Body => ({
  type,
  data: {
    id: 'rf_1',
    payment_id: 'pay_1',
    amount: 20,
    currency: 'usd',
    status: 'succeeded',
    created_at: BACK,
    ...data,
  },
});
const TAKEN = '2026-03-05 reversal rf_1 by nobody, first: 2000 usd = 0 + 2000 + 0';

describe('a refund in the intake', () => {
  let test: TestDatabase;
  let ledger: TestLedger;
  beforeEach(async () => {
    test = await testDatabase();
    ledger = await testLedger(test);
  });
  afterEach(() => test.drop());

  /** Each body decided before the next comes; answers what of it was taken back, and every outcome. */
  async function tell(...bodies: readonly Body[]) {
    for (const body of bodies) {
      await ledger.deliver({ body: JSON.stringify(body) });
      await ledger.decide();
    }
    return said();
  }
  async function said() {
    const net = new NetLines();
    for (const event of await ledger.events()) {
      for (const line of linesOf(event as unknown as LedgerEvent)) net.add(line);
    }
    const reversals = net.lines().filter(({ kind }) => kind === 'reversal');
    const outcomes = await ledger.outcomes();
    return {
      lines: reversals.map(textOf).sort(),
      outcomes: outcomes.map(({ outcome, code }) =>
        code === null ? outcome : `${outcome} ${code}`,
      ),
    };
  }

  it('is parked until its payment is told, whomever it names itself', async () => {
    const named = refund({ user: { id: 'user_mia' }, company: { id: 'biz_a' } });
    expect(await tell(named)).toEqual({ lines: [], outcomes: ['parked payment_unknown'] });
    expect(await tell(payment())).toEqual({ lines: [TAKEN], outcomes: ['applied', 'applied'] });
  });

  it('waits for a payment that has only failed so far', async () => {
    const failed = payment({ paid_at: null }, 'payment.failed');
    expect(await tell(failed, refund())).toEqual({
      lines: [],
      outcomes: ['applied', 'parked payment_unknown'],
    });
    expect((await tell(payment())).lines).toEqual([TAKEN]);
  });

  it('is found by its own id when a telling does not repeat its payment, before and after', async () => {
    const anonymous = refund({ payment_id: null, status: 'failed' });
    expect((await tell(payment(), anonymous)).outcomes).toEqual([
      'applied',
      'parked payment_unknown',
    ]);
    expect(await tell(refund())).toEqual({
      lines: [],
      outcomes: ['applied', 'applied', 'applied'],
    });
    expect((await tell(anonymous)).outcomes.at(-1)).toBe('unchanged');
  });

  it('wakes with its payment when that finds its person', async () => {
    const nameless = payment({ user_id: null, company_id: null, membership_id: 'mem_1' });
    expect((await tell(refund(), nameless)).outcomes).toEqual([
      'parked payment_unknown',
      'parked creator_unknown',
    ]);
    const joined: Body = {
      type: 'membership.activated',
      data: { id: 'mem_1', company_id: 'biz_a', user_id: 'user_mia', joined_at: PAID },
    };
    expect(await tell(joined)).toEqual({
      lines: [TAKEN],
      outcomes: ['applied', 'applied', 'applied'],
    });
  });

  it('comes with its payment in one batch, in any order', async () => {
    const bodies = [refund({ status: 'pending' }), refund(), payment()];
    await ledger.deliver(...bodies.map((body) => ({ body: JSON.stringify(body) })));
    await ledger.decide();
    expect((await said()).lines).toEqual([TAKEN]);
  });

  it('is taken back when it fails, in its own month', async () => {
    expect((await tell(payment(), refund(), refund({ status: 'failed' }))).lines).toEqual([]);
    const events = await ledger.events();
    const line = ['reversal', 'rf_1', 'pay_1', 1, BACK, '2026-03-05', null, 'usd', -1];
    const lines = [[...line, '-2000', '0', '-2000', '0']];
    const last = events.at(-1);
    expect([last?.type, last?.data]).toEqual(['CommissionRestated', { because: 'rf_1', lines }]);
  });

  it('in another currency is quarantined, and looked at again when its original is told', async () => {
    const euros = refund({ amount: 18, currency: 'eur' });
    expect(await tell(payment(), euros)).toEqual({
      lines: [],
      outcomes: ['applied', 'quarantined currency_differs'],
    });
    const original = { amount: '20.00', currency: 'usd', decimals: 2 };
    const pinned = refund({
      amount: 18,
      currency: 'eur',
      original_amount: original,
      status: 'pending',
    });
    expect(await tell(pinned)).toEqual({
      lines: [TAKEN],
      outcomes: ['applied', 'unchanged', 'applied'],
    });
  });

  it('in the currency that the payment is learned to have is looked at again', async () => {
    const legacy = {
      action: 'payment.succeeded',
      type: '',
      data: { ...payment({ final_amount: 49.99, currency: undefined }).data },
    };
    const euros = refund({ currency: 'eur' });
    expect((await tell(legacy, euros)).outcomes).toEqual([
      'applied',
      'quarantined currency_differs',
    ]);
    const known = await tell(payment({ currency: 'eur' }));
    expect(known.lines).toEqual([TAKEN.replace('usd', 'eur')]);
    expect(known.outcomes).toEqual(['applied', 'unchanged', 'applied']);
  });

  it('of another person than who paid is a conflict', async () => {
    const foreign = refund({ payment: { user: { id: 'user_tom' } } });
    expect(await tell(payment(), foreign)).toEqual({
      lines: [],
      outcomes: ['applied', 'applied conflict'],
    });
  });
});
