import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { sql } from 'kysely';
import { changeSettings } from '#libs/application';
import { drawCode, type LedgerEvent, linesOf } from '#libs/ledger';
import {
  TEST_DEFAULTS,
  TEST_VAULT,
  type TestDatabase,
  type TestLedger,
  testDatabase,
  testLedger,
} from '#libs/testing';
import { Names, openProfile, type SealedName } from '#libs/vault';
import { type PaymentFacts, renderMembership, renderPayment } from './providers/whop/index.js';

const MARCH = Date.UTC(2026, 2, 1, 12) / 1000;
const DAY = 86_400;
const person = (user: string, membership = `mem_${user}`) => ({
  creatorId: 'biz_a',
  userId: `user_${user}`,
  membershipId: membership,
});
const payment = (user: string, id: string, at: number, rest: Partial<PaymentFacts> = {}) =>
  renderPayment('v1', {
    ...person(user),
    paymentId: `pay_${id}`,
    status: 'succeeded',
    amount: '49.99',
    currency: 'usd',
    paidAt: at,
    createdAt: at,
    ...rest,
  });

describe('the intake', () => {
  let test: TestDatabase;
  let ledger: TestLedger;
  beforeEach(async () => {
    test = await testDatabase();
    ledger = await testLedger(test);
  });
  afterEach(() => test.drop());

  const lines = async () => {
    const events = await ledger.events();
    return events.flatMap((event) =>
      linesOf(event as unknown as LedgerEvent).map(
        (l) => `${l.kind} ${l.memberId} by ${l.referrerId} ${l.count} ${l.memberMinor}`,
      ),
    );
  };

  it('books a referred payment with its commission, whoever is told of first', async () => {
    const code = drawCode('biz_a', 'user_rui', 0);
    await ledger.deliver(payment('ana', '1', MARCH, { referralCode: code }));
    await ledger.decide();
    await ledger.deliver(payment('rui', '2', MARCH + DAY));
    await ledger.decide();
    expect(await lines()).toEqual([
      'signUp user_ana by null 1 0',
      'sale user_ana by null 1 0',
      'signUp user_rui by null 1 0',
      'sale user_rui by null 1 0',
      'signUp user_ana by null -1 0',
      'sale user_ana by null -1 0',
      'signUp user_ana by user_rui 1 0',
      'sale user_ana by user_rui 1 500',
      'conversion user_ana by user_rui 1 0',
    ]);
    expect((await ledger.outcomes()).map((o) => o.outcome)).toEqual([
      'applied',
      'applied',
      'applied',
    ]);
  });

  it('books it the same in one batch', async () => {
    const code = drawCode('biz_a', 'user_rui', 0);
    await ledger.deliver(
      payment('rui', '2', MARCH + DAY),
      payment('ana', '1', MARCH, { referralCode: code }),
    );
    await ledger.decide();
    expect(await lines()).toContain('conversion user_ana by user_rui 1 0');
  });

  it('parks a payment whose person nobody knows and wakes it when the membership is told', async () => {
    const { userId: _, ...nobody } = person('ana');
    await ledger.deliver(
      renderPayment('v1', {
        ...nobody,
        paymentId: 'pay_1',
        status: 'succeeded',
        amount: '10',
        currency: 'usd',
        paidAt: MARCH,
        createdAt: MARCH,
      }),
    );
    await ledger.decide();
    expect(await ledger.outcomes()).toEqual([
      { outcome: 'parked', code: 'person_unknown', type: 'payment.succeeded' },
    ]);
    await ledger.deliver(
      renderMembership('v1', {
        ...person('ana'),
        status: 'activated',
        joinedAt: MARCH,
        createdAt: MARCH,
      }),
    );
    await ledger.decide();
    expect((await ledger.outcomes()).map((o) => o.outcome)).toEqual(['applied', 'applied']);
    expect(await lines()).toContain('sale user_ana by null 1 0');
  });

  it.each([1, 500])(
    'puts a person together whose creator and user were told apart, %i at a time',
    async (limit) => {
      const told = (rest: object) =>
        renderPayment('v1', {
          creatorId: 'biz_a',
          membershipId: 'mem_x',
          paymentId: 'pay_1',
          status: 'succeeded',
          amount: '10',
          currency: 'usd',
          paidAt: MARCH,
          createdAt: MARCH,
          ...rest,
        });
      const { company_id: _, ...userOnly } = JSON.parse(
        told({ paymentId: 'pay_2', userId: 'user_ana' }).body,
      ) as { company_id: string; data: { company: unknown } };
      userOnly.data.company = null;
      await ledger.deliver(told({}), { body: JSON.stringify(userOnly) });
      await ledger.decide(limit);
      expect((await ledger.outcomes()).map((o) => o.outcome)).toEqual(['applied', 'applied']);
      expect((await lines()).filter((line) => line.startsWith('sale'))).toHaveLength(2);
    },
  );

  it('knows a payment told in another generation and adds only what was missing', async () => {
    await ledger.deliver(payment('ana', '1', MARCH));
    await ledger.decide();
    await ledger.deliver(
      renderPayment('v5', {
        ...person('ana'),
        paymentId: 'pay_1',
        status: 'succeeded',
        amount: '49.99',
        paidAt: MARCH,
        createdAt: MARCH,
      }),
    );
    await ledger.decide();
    expect((await ledger.outcomes()).map((o) => o.outcome)).toEqual(['applied', 'unchanged']);
  });

  it('records a contradiction once and changes nothing', async () => {
    await ledger.deliver(payment('ana', '1', MARCH));
    await ledger.decide();
    const before = await lines();
    for (const n of [1, 2]) {
      await ledger.deliver(
        payment('ana', '1', MARCH, { amount: '59.99', messageId: `msg_other${n}` }),
      );
    }
    await ledger.decide();
    expect(await lines()).toEqual(before);
    const conflicts = (await ledger.events()).filter((e) => e.type === 'ConflictFound');
    expect(conflicts.map((e) => e.data)).toEqual([
      { fact: 'pay_1', field: 'amount', first: '49.99', told: '59.99' },
    ]);
    expect(await ledger.outcomes()).toMatchObject([
      { outcome: 'applied' },
      { outcome: 'applied', code: 'conflict' },
      { outcome: 'unchanged' },
    ]);
  });

  it('gives a username to its first bearer, and moves claims when an earlier one appears', async () => {
    const named = (user: string, id: string, at: number) =>
      payment(user, id, at, { username: 'Star' });
    await ledger.deliver(named('late', '2', MARCH - DAY));
    await ledger.deliver(
      renderMembership('v5', {
        ...person('ana'),
        status: 'activated',
        createdAt: MARCH,
        affiliateUsername: 'star',
      }),
    );
    await ledger.deliver(payment('ana', '1', MARCH));
    await ledger.decide();
    expect(await lines()).toContain('conversion user_ana by user_late 1 0');
    await ledger.deliver(named('soon', '3', MARCH - 2 * DAY));
    await ledger.decide();
    const all = await lines();
    expect(all).toContain('conversion user_ana by user_late -1 0');
    expect(all).toContain('conversion user_ana by user_soon 1 0');
  });

  it('remembers streams from batch to batch, and reads again what somebody else has moved', async () => {
    const code = drawCode('biz_a', 'user_rui', 0);
    await ledger.deliver(payment('rui', '1', MARCH));
    await ledger.deliver(payment('ana', '2', MARCH + DAY, { referralCode: code }));
    await ledger.decide();
    const reads = jest.spyOn(ledger.store, 'readStreams');
    await ledger.deliver(payment('ana', '3', MARCH + 2 * DAY));
    await ledger.decide();
    expect(reads).not.toHaveBeenCalled();
    const later = MARCH + 10 * DAY;
    await changeSettings(
      { store: ledger.store, intake: ledger.notices },
      'biz_a',
      {
        type: 'ChangeSettings',
        now: later,
        defaults: TEST_DEFAULTS,
        effectiveAt: later,
        rates: { memberBps: 2000, creatorBps: 6000, platformBps: 2000 },
      },
      { actor: 'test' },
    );
    await ledger.deliver(payment('ana', '4', later + DAY));
    await ledger.decide();
    expect(reads).toHaveBeenCalled();
    expect(await lines()).toContain('sale user_ana by user_rui 1 1000');
    reads.mockRestore();
  });

  it('quarantines what makes no sense and goes on', async () => {
    await ledger.deliver(
      { body: '{"type":' },
      payment('ana', '1', MARCH, { currency: 'xx1' }),
      payment('ben', '2', MARCH),
    );
    await ledger.decide();
    expect((await ledger.outcomes()).map((o) => `${o.outcome} ${o.code}`).sort()).toEqual([
      'applied null',
      'quarantined body_not_json',
      'quarantined currency_unknown',
    ]);
  });

  it('draws again when a code belongs to somebody else', async () => {
    await sql`insert into routes (key, stream) values
      (${ledger.keys.code(drawCode('biz_a', 'user_ana', 0))}, 'member-biz_b.user_other')`.execute(
      test.db,
    );
    await ledger.deliver(payment('ana', '1', MARCH), payment('ben', '2', MARCH));
    await ledger.decide();
    const codes = (await ledger.events()).filter((event) => event.type === 'ReferralCodeAssigned');
    expect(codes.map((event) => event.data.code).sort()).toEqual(
      [drawCode('biz_a', 'user_ana', 1), drawCode('biz_a', 'user_ben', 0)].sort(),
    );
  });

  it('keeps names out of the log and in profiles', async () => {
    await ledger.deliver(
      payment('ana', '1', MARCH, { name: 'Ana Lima', username: 'ana', email: 'ana@example.com' }),
    );
    await ledger.decide();
    const { rows } = await sql<{ sealed: Buffer; shown: SealedName; log: string }>`
      select sealed, shown, (select string_agg(data::text, '') from events) as log
      from profiles`.execute(test.db);
    const [row] = rows;
    if (row === undefined) throw new Error('no profile was written');
    const ana = { creatorId: 'biz_a', memberId: 'user_ana' };
    expect(openProfile(TEST_VAULT, ana, row.sealed)).toEqual({
      name: 'Ana Lima',
      username: 'ana',
      email: 'ana@example.com',
    });
    expect(new Names(TEST_VAULT).open('biz_a', 'user_ana', row.shown)).toBe('Ana Lima');
    expect(row.log).not.toMatch(/Lima|ana@example/);
  });

  it('keeps the words of the newest telling, in whatever order they come, told again or not', async () => {
    const told = [
      ['1', 'Ana Lima', 0],
      ['2', 'Ana Lima', 2 * DAY],
      ['3', 'Ana Costa', DAY],
    ] as const;
    for (const [n, name, later] of told) {
      await ledger.deliver(payment('ana', n, MARCH + later, { name }));
      await ledger.decide();
    }
    const profile = async () => {
      const { rows } = await sql<{ sealed: Buffer; sealing: string; at: string; by: string }>`
        select sealed, encode(sealed, 'hex') as sealing, told_at as at, told_by as by
        from profiles`.execute(test.db);
      const [{ sealed, ...row } = { sealed: Buffer.alloc(0) }] = rows;
      const whose = { creatorId: 'biz_a', memberId: 'user_ana' };
      return { ...row, name: openProfile(TEST_VAULT, whose, sealed).name };
    };
    const before = await profile();
    expect(before).toMatchObject({ name: 'Ana Lima', at: String(MARCH + 2 * DAY) });
    await ledger.deliver(payment('ana', '4', MARCH + 3 * DAY, { name: 'Ana Lima' }));
    await ledger.decide();
    // Nothing is sealed anew for words that are known.
    const { sealing } = before;
    expect(await profile()).toMatchObject({ sealing, at: String(MARCH + 3 * DAY) });
    await ledger.deliver(payment('ana', '5', MARCH + 4 * DAY, { name: 'Ana Costa' }));
    await ledger.decide();
    expect(await profile()).toMatchObject({ name: 'Ana Costa' });
  });
});
