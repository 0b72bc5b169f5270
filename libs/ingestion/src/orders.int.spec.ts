import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  assignMembership,
  changeSettings,
  decodeEvent,
  type OrderParts,
  setReferralCode,
} from '#libs/application';
import type { EventStore } from '#libs/event-store';
import { type ChangeSettings, drawCode, linesOf, NetLines } from '#libs/ledger';
import {
  TEST_DEFAULTS,
  type TestDatabase,
  type TestLedger,
  testDatabase,
  testLedger,
  textOf,
} from '#libs/testing';
import { intakeBatch } from './intake.js';
import { type PaymentFacts, type Rendered, renderPayment } from './providers/whop/index.js';
import { BatchOvertaken } from './settle-batch.js';

/** The day before April, whose first hours may be told already. */
const NOW = Date.UTC(2026, 2, 31, 12) / 1000;
const HOUR = 3_600;
const ADMIN = { actor: 'admin' };
const LEASE = { name: 'intake', epoch: '1' };

const paid = (user: string, id: string, at: number, rest: Partial<PaymentFacts> = {}) =>
  renderPayment('v1', {
    creatorId: 'biz_a',
    userId: `user_${user}`,
    membershipId: `mem_${user}`,
    paymentId: `pay_${id}`,
    status: 'succeeded',
    amount: '10',
    currency: 'usd',
    paidAt: at,
    createdAt: at,
    ...rest,
  });
/** Names nobody but the membership. */
const ofMembership = (membershipId: string, id: string, rest: Partial<PaymentFacts> = {}) =>
  paid('x', id, NOW, { creatorId: undefined, userId: undefined, membershipId, ...rest });

describe('what orders leave for the intake', () => {
  let test: TestDatabase;
  let ledger: TestLedger;
  let parts: OrderParts;
  beforeEach(async () => {
    test = await testDatabase();
    ledger = await testLedger(test);
    parts = { store: ledger.store, intake: ledger.notices };
    await told(paid('rui', 'rui', NOW - 9 * HOUR), paid('ana', 'ana', NOW - 9 * HOUR));
  });
  afterEach(() => test.drop());

  const deliver = (...rendered: readonly Rendered[]) =>
    Promise.all(
      rendered.map(({ messageId, body }) =>
        ledger.inbox.store({
          provider: 'whop',
          deliveryId: messageId,
          generation: 'v1',
          body: Buffer.from(body),
          headers: {},
          receivedAt: NOW * 1000,
        }),
      ),
    );
  async function told(...rendered: readonly Rendered[]): Promise<void> {
    await deliver(...rendered);
    await ledger.decide();
  }
  /** The lines that stand, of one member. */
  const booksOf = async (user: string) => {
    const net = new NetLines();
    for (const event of await ledger.events()) {
      for (const line of linesOf(decodeEvent(event))) net.add(line);
    }
    const own = net.lines().filter((line) => line.memberId === `user_${user}`);
    return own.map(textOf).sort();
  };
  const setCode = (user: string, code: string, at = NOW) =>
    setReferralCode(parts, at, { creatorId: 'biz_a', memberId: `user_${user}`, code }, ADMIN);
  const assign = (membershipId: string, user: string) =>
    assignMembership(
      parts,
      NOW,
      { creatorId: 'biz_a', membershipId, userId: `user_${user}`, reason: 'as they told us' },
      ADMIN,
    );
  const change = (rest: Partial<ChangeSettings>) =>
    changeSettings(
      parts,
      'biz_a',
      { type: 'ChangeSettings', now: NOW, defaults: TEST_DEFAULTS, ...rest },
      ADMIN,
    );
  /** One batch of the intake, with the order recorded after it was read and before it is written. */
  const overtakenBy = (order: () => Promise<unknown>) => {
    const store: EventStore = {
      isTransactional: true,
      append: async (...args) => {
        await order();
        return ledger.store.append(...args);
      },
      readStreams: (...args) => ledger.store.readStreams(...args),
      readAll: (options) => ledger.store.readAll(options),
      head: () => ledger.store.head(),
      tail: (options) => ledger.store.tail(options),
    };
    return intakeBatch({ ...ledger.intake, store }, LEASE);
  };

  describe('a code that was chosen', () => {
    const claim = (user: string, at: number) =>
      paid(user, user, at, { referralCode: ' rui-2026 ' });

    it('resolves claims dated after it was set, told before and after; not those of the same second', async () => {
      await told(claim('bea', NOW + HOUR), claim('cid', NOW), claim('dan', NOW - HOUR));
      await setCode('rui', 'rui-2026');
      await ledger.decide();
      await told(claim('eve', NOW + HOUR), claim('fay', NOW - HOUR));
      for (const user of ['bea', 'eve'])
        expect(await booksOf(user)).toContain(`2026-03-31 conversion pay_${user} by user_rui`);
      for (const user of ['cid', 'dan', 'fay'])
        expect((await booksOf(user)).join()).not.toContain('user_rui');
    });

    it('leaves the one before resolving, for ever', async () => {
      await setCode('rui', 'RUI-2026');
      await setCode('rui', 'RUI-2027', NOW + 1);
      await told(
        claim('bea', NOW + HOUR),
        paid('cid', 'cid', NOW - HOUR, { referralCode: drawCode('biz_a', 'user_rui', 0) }),
      );
      expect((await booksOf('bea')).join()).toContain('conversion pay_bea by user_rui');
      expect((await booksOf('cid')).join()).toContain('conversion pay_cid by user_rui');
      await expect(setCode('ana', 'RUI-2026')).rejects.toMatchObject({ code: 'code_taken' });
      // Taken up again it is the same code of the same day.
      expect(await setCode('rui', 'RUI-2026', NOW + 2)).toMatchObject({ before: 'RUI-2027' });
      await told(claim('dan', NOW + 1));
      expect((await booksOf('dan')).join()).toContain('conversion pay_dan by user_rui');
    });

    it('is drawn for nobody: a newcomer gets the next', async () => {
      await setCode('rui', drawCode('biz_a', 'user_new', 0));
      await told(paid('new', 'new', NOW));
      const codes = (await ledger.events()).filter(({ type }) => type === 'ReferralCodeAssigned');
      expect(codes.at(-1)).toMatchObject({
        stream: 'member-biz_a.user_new',
        data: { code: drawCode('biz_a', 'user_new', 1) },
      });
    });

    it('may not be read for another member’s', async () => {
      const drawn = drawCode('biz_a', 'user_ana', 0);
      await expect(setCode('rui', drawn)).rejects.toMatchObject({ code: 'code_taken' });
      await expect(setCode('rui', drawn.replace('-', ''))).rejects.toMatchObject({
        code: 'code_looks_taken',
      });
      expect(await setCode('ana', drawn.replace('-', ''))).toMatchObject({ changed: true });
      expect(await setCode('ana', drawn)).toMatchObject({ changed: true });
    });

    it('overtakes a batch that claims it: the batch is done again', async () => {
      await deliver(claim('bea', NOW + HOUR));
      await expect(overtakenBy(() => setCode('rui', 'RUI-2026'))).rejects.toThrow(BatchOvertaken);
      await ledger.decide();
      expect((await booksOf('bea')).join()).toContain('conversion pay_bea by user_rui');
    });

    it('is one, whoever of two sets it first', async () => {
      const both = await Promise.allSettled([
        setCode('rui', 'BOTH-2026'),
        setCode('ana', 'BOTH-2026'),
      ]);
      expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      expect(both.find(({ status }) => status === 'rejected')).toMatchObject({
        reason: { code: 'code_taken' },
      });
    });
  });

  describe('a membership that is assigned', () => {
    it('is whose the parked deliveries are, and later ones', async () => {
      await told(ofMembership('mem_x', 'x1'), ofMembership('mem_x', 'x2'));
      expect((await ledger.outcomes()).slice(2).map(({ outcome }) => outcome)).toEqual([
        'parked',
        'parked',
      ]);
      expect(await assign('mem_x', 'ana')).toMatchObject({ changed: true, waitingCount: 2 });
      await ledger.decide();
      await told(ofMembership('mem_x', 'x3'));
      expect((await booksOf('ana')).filter((line) => line.includes('sale'))).toHaveLength(4);
      const outcomes = (await ledger.outcomes()).slice(2);
      expect(outcomes.map(({ outcome }) => outcome)).toEqual(Array(4).fill('applied'));
      expect(await assign('mem_x', 'ana')).toMatchObject({ changed: false, position: undefined });
    });

    it('brings a person into being whom no delivery has named', async () => {
      await told(ofMembership('mem_x', 'x1', { creatorId: 'biz_a' }));
      await assign('mem_x', 'xia');
      await ledger.decide();
      expect(await booksOf('xia')).toHaveLength(2);
      const types = (await ledger.events()).filter(({ stream }) => stream.endsWith('user_xia'));
      expect(types.map(({ type }) => type)).toEqual(['ReferralCodeAssigned', 'PaymentReceived']);
    });

    it('stands against a later telling of another person, which is a conflict', async () => {
      await told(ofMembership('mem_x', 'x1'));
      await assign('mem_x', 'ana');
      await ledger.decide();
      await told(paid('rui', 'x1', NOW, { membershipId: 'mem_x' }));
      expect((await ledger.outcomes()).at(-1)).toMatchObject({ code: 'conflict' });
      expect((await booksOf('ana')).join()).toContain('sale pay_x1');
    });

    it('is refused where deliveries have named another person, in whole or in part', async () => {
      const known = { code: 'membership_known' };
      await expect(assign('mem_rui', 'ana')).rejects.toMatchObject(known);
      expect(await assign('mem_rui', 'rui')).toMatchObject({ changed: false });
      await told(
        ofMembership('mem_x', 'x1', { userId: 'user_rui' }),
        ofMembership('mem_y', 'y1', { creatorId: 'biz_b' }),
      );
      await expect(assign('mem_x', 'ana')).rejects.toMatchObject(known);
      await expect(assign('mem_y', 'ana')).rejects.toMatchObject(known);
      expect(await assign('mem_x', 'rui')).toMatchObject({ changed: true, waitingCount: 1 });
    });

    it('is refused when an admin gave it to another, or in a community nobody knows', async () => {
      await assign('mem_x', 'ana');
      await expect(assign('mem_x', 'rui')).rejects.toMatchObject({ code: 'membership_assigned' });
      const order = { creatorId: 'biz_b', membershipId: 'mem_y', userId: 'user_a', reason: 'x' };
      await expect(assignMembership(parts, NOW, order, ADMIN)).rejects.toMatchObject({
        code: 'creator_not_found',
      });
    });

    it.each([
      ['parks a delivery of it', ofMembership('mem_x', 'x1')],
      ['gives it to another', paid('rui', 'x1', NOW, { membershipId: 'mem_x' })],
    ])('overtakes a batch that %s: the batch is done again', async (_what, delivery) => {
      await deliver(delivery);
      await expect(overtakenBy(() => assign('mem_x', 'ana'))).rejects.toThrow(BatchOvertaken);
      await ledger.decide();
      await told(ofMembership('mem_x', 'x2'));
      const books = [...(await booksOf('ana')), ...(await booksOf('rui'))];
      for (const id of ['x1', 'x2'])
        expect(books.filter((line) => line.includes(`sale pay_${id}`))).toHaveLength(1);
      expect((await booksOf('ana')).join()).toContain('sale pay_x2');
    });

    it('gives way to a delivery that names its person while it is ordered', async () => {
      let first = true;
      const told = ledger.notices.membershipTold;
      const overtaken: OrderParts = {
        ...parts,
        intake: {
          ...ledger.notices,
          membershipTold: async (...args) => {
            const before = await told(...args);
            if (first) {
              first = false;
              await deliver(paid('rui', 'x1', NOW, { membershipId: 'mem_x' }));
              await ledger.decide();
            }
            return before;
          },
        },
      };
      const order = { creatorId: 'biz_a', membershipId: 'mem_x', userId: 'user_ana', reason: 'x' };
      await expect(assignMembership(overtaken, NOW, order, ADMIN)).rejects.toMatchObject({
        code: 'membership_known',
      });
      expect((await ledger.events()).some(({ type }) => type === 'MembershipAssigned')).toBe(false);
    });
  });

  describe('settings', () => {
    const rates = { memberBps: 3000, creatorBps: 5000, platformBps: 2000 };
    const referralCode = drawCode('biz_a', 'user_rui', 0);

    it('reach payments that were told ahead of them', async () => {
      await told(
        paid('bea', 'b1', NOW - HOUR, { referralCode }),
        paid('bea', 'b2', NOW + 5 * HOUR),
        paid('cid', 'c1', NOW + 5 * HOUR, { referralCode, currency: undefined }),
      );
      await change({ rates, effectiveAt: NOW + 2 * HOUR });
      await change({ currency: 'eur', effectiveAt: NOW + 2 * HOUR });
      await ledger.decide();
      expect(await booksOf('bea')).toEqual([
        '2026-03-31 conversion pay_b1 by user_rui',
        '2026-03-31 sale pay_b1 by user_rui, first: 1000 usd = 100 + 700 + 200',
        '2026-03-31 sale pay_b2 by user_rui: 1000 usd = 300 + 500 + 200',
        '2026-03-31 signUp pay_b1 by user_rui',
      ]);
      expect(await booksOf('cid')).toContain(
        '2026-03-31 sale pay_c1 by user_rui, first: 1000 eur = 300 + 500 + 200',
      );
    });

    it('move what was told ahead into the month that begins in another zone', async () => {
      await told(paid('bea', 'b1', NOW + 14 * HOUR));
      expect(await booksOf('bea')).toContain(
        '2026-04-01 sale pay_b1 by nobody, first: 1000 usd = 0 + 1000 + 0',
      );
      await change({ timeZone: 'America/New_York', effectiveAt: { localDate: '2026-04-01' } });
      await ledger.decide();
      expect(await booksOf('bea')).toContain(
        '2026-03-31 sale pay_b1 by nobody, first: 1000 usd = 0 + 1000 + 0',
      );
    });

    it('wake nobody who has nothing ahead, and nobody else’s members', async () => {
      await told(
        paid('bea', 'b1', NOW + HOUR),
        paid('cid', 'c1', NOW + HOUR, { creatorId: 'biz_a2' }),
      );
      const before = (await ledger.outcomes()).length;
      await change({ rates, effectiveAt: NOW });
      await ledger.decide();
      const woken = (await ledger.outcomes()).slice(before);
      expect(woken).toEqual([{ outcome: 'unchanged', code: null, type: 'settings.changed' }]);
      await change({ tiers: [{ name: 'Star', from: 1 }], graceHours: 1 });
      expect(await ledger.outcomes()).toHaveLength(before + 1);
    });

    it('overtake a batch that was decided under those before: it is done again', async () => {
      await deliver(paid('bea', 'b1', NOW + 5 * HOUR, { referralCode }));
      await expect(overtakenBy(() => change({ rates }))).rejects.toMatchObject({
        code: 'revision_conflict',
      });
      await ledger.decide();
      expect(await booksOf('bea')).toContain(
        '2026-03-31 sale pay_b1 by user_rui, first: 1000 usd = 300 + 500 + 200',
      );
    });
  });
});
