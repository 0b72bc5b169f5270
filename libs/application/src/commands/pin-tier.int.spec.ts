import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type EventStore } from '#libs/event-store';
import { renderPayment } from '#libs/ingestion';
import {
  TEST_DEFAULTS,
  type TestDatabase,
  type TestLedger,
  testDatabase,
  testLedger,
} from '#libs/testing';
import { changeSettings } from './change-settings.command.js';
import { type PinOrder, pinTierOf } from './pin-tier.command.js';

const NOW = Date.UTC(2026, 2, 14, 12) / 1000;
const pin: PinOrder = {
  creatorId: 'biz_a',
  memberId: 'user_rui',
  tier: 'Gold',
  reason: 'agreed',
};

describe('the order to pin a tier', () => {
  let test: TestDatabase;
  let ledger: TestLedger;
  beforeAll(async () => {
    test = await testDatabase();
    ledger = await testLedger(test);
    await ledger.deliver(
      renderPayment('v1', {
        creatorId: 'biz_a',
        userId: 'user_rui',
        membershipId: 'mem_rui',
        paymentId: 'pay_1',
        status: 'succeeded',
        amount: '10',
        currency: 'usd',
        paidAt: NOW - 86_400,
        createdAt: NOW - 86_400,
      }),
    );
    await ledger.decide();
  });
  afterAll(() => test.drop());

  /** Somebody changes the tiers after they were read, and before the pin is appended. */
  const overtaken = (store: EventStore): EventStore => {
    let isFirst = true;
    return {
      isTransactional: true,
      append: async (...args) => {
        if (isFirst) {
          isFirst = false;
          const tiers = [{ name: 'Star', from: 2 }];
          const change = {
            type: 'ChangeSettings',
            now: NOW,
            defaults: TEST_DEFAULTS,
            tiers,
          } as const;
          const parts = { store, intake: ledger.notices };
          await changeSettings(parts, 'biz_a', change, { actor: 'test' });
        }
        return store.append(...args);
      },
      readStreams: (...args) => store.readStreams(...args),
      readAll: (options) => store.readAll(options),
      head: () => store.head(),
      tail: (options) => store.tail(options),
    };
  };

  it('is judged by the tiers that stand when it is recorded, not by those that were read', async () => {
    await expect(
      pinTierOf(overtaken(ledger.store), NOW, pin, { actor: 'test' }),
    ).rejects.toMatchObject({ code: 'tier_unknown' });
    const star = await pinTierOf(ledger.store, NOW, { ...pin, tier: 'Star' }, { actor: 'test' });
    expect(star).toMatchObject({ changed: true, tierPin: { tier: 'Star', since: NOW } });
    expect((await ledger.events()).filter(({ type }) => type === 'TierPinned')).toHaveLength(1);
  });
});
