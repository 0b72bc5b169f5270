/** What holds a close up, what only deserves a look, and what a close waits for. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { closeMonthOf, creatorOf, type MonthParts, topReferrers } from '#libs/application';
import { monthDeliveries } from '#libs/ingestion';
import { JANUARY_ENDS, openCommunity, pay } from './months-community.js';
import { type MonthsLedger, monthsLedger } from './months-ledger.js';

const ordered = { actor: 'test' };

describe('a close', () => {
  let months: MonthsLedger;
  beforeAll(async () => {
    months = await monthsLedger(JANUARY_ENDS + 60);
  });
  afterAll(() => months.drop());

  async function community(creatorId: string): Promise<void> {
    await openCommunity(months.ledger, creatorId);
    for (const [n, member] of ['ana', 'bob', 'cy'].entries())
      await pay(months.ledger, {
        creatorId,
        member,
        payment: `${creatorId}_${member}`,
        paidAt: JANUARY_ENDS - 3_600 + n,
        amountMinor: 1_000n,
        ...(member === 'ana' ? {} : { referrer: 'ana' }),
      });
  }
  const close = (creatorId: string, changes: Partial<MonthParts> = {}, dryRun = false) =>
    closeMonthOf(
      { ...months.parts, ...changes },
      { creatorId, month: '2026-01' },
      { ...ordered, dryRun },
    );

  it('is refused while a check fails that names the creator or the log', async () => {
    await community('biz_checked');
    const findings = {
      findingsFor: async (creatorId: string) => [
        { check: 'commission-sums', detail: `${creatorId} is a cent off` },
      ],
    };
    const plan = await close('biz_checked', { findings }, true);
    expect(plan.plan?.blockers).toMatchObject([
      { kind: 'check', code: 'commission-sums', delivery: null },
    ]);
    await expect(close('biz_checked', { findings })).rejects.toMatchObject({
      code: 'month_blocked',
      detail: expect.stringContaining('commission-sums fails: biz_checked is a cent off'),
    });
    expect((await close('biz_checked')).alreadyClosed).toBe(false);
  });

  it('waits for read models that are behind, and says so when they do not come', async () => {
    await community('biz_behind');
    const watch = { passed: async () => false };
    await expect(close('biz_behind', { watch })).rejects.toMatchObject({
      code: 'read_models_behind',
    });
    // Whoever says that they have come must be right.
    const store = Object.create(months.parts.store) as MonthParts['store'];
    store.head = async () => 1_000_000n;
    await expect(
      close('biz_behind', { store, watch: { passed: async () => true } }),
    ).rejects.toMatchObject({ code: 'read_models_behind' });
  });

  it('is held up by deliveries dated in the month, those without a time by their receipt', async () => {
    const at = (seconds: number) => new Date((JANUARY_ENDS + seconds) * 1000);
    const delivery = (
      creator: string | null,
      outcome: 'parked' | 'quarantined',
      dated: number | null,
      received = 0,
    ) => ({
      provider: 'whop',
      delivery_id: `msg_${creator}_${outcome}_${dated}_${received}`,
      body_sha256: Buffer.from(`${creator}${outcome}${dated}${received}`),
      generation: 'v1',
      body: null,
      headers: null,
      received_at: at(received),
      outcome,
      type: 'payment.succeeded',
      code: 'payment_unknown',
      detail: null,
      creator_id: creator,
      effective_at: dated === null ? null : at(dated),
      position: null,
      decided_at: null,
    });
    await months.test.db
      .insertInto('deliveries')
      .values([
        delivery('biz_held', 'parked', -1),
        delivery('biz_held', 'quarantined', null, -1),
        delivery('biz_held', 'parked', 0),
        delivery('biz_held', 'parked', -40 * 86_400),
        delivery('biz_held', 'quarantined', null, 0),
        delivery('biz_other', 'parked', -1),
        delivery(null, 'parked', -1),
        delivery(null, 'parked', null, -2),
        delivery(null, 'quarantined', 5),
      ])
      .execute();
    const month = { creatorId: 'biz_held', from: JANUARY_ENDS - 31 * 86_400, to: JANUARY_ENDS };
    const found = await monthDeliveries(months.test.db).unresolvedIn(month, 1);
    expect(found).toMatchObject({
      naming: [{ status: 'parked', at: JANUARY_ENDS - 1 }],
      namingCount: 2,
      nameless: { parked: 2, quarantined: 0 },
    });
    await community('biz_held');
    await expect(close('biz_held')).rejects.toMatchObject({ code: 'month_blocked' });
    await community('biz_free');
    const { warnings } = await close('biz_free');
    expect(warnings).toEqual(['2 parked deliveries of the month name no creator']);
  });

  it('by force of a month that still runs freezes its figures; what comes then is pending', async () => {
    await community('biz_early');
    months.setNow(JANUARY_ENDS - 60);
    try {
      await expect(close('biz_early')).rejects.toMatchObject({ code: 'month_not_ended' });
      const order = { creatorId: 'biz_early', month: '2026-01', force: true };
      await expect(closeMonthOf(months.parts, order, ordered)).rejects.toMatchObject({
        code: 'reason_required',
      });
      await closeMonthOf(months.parts, { ...order, reason: 'the shop is sold' }, ordered);
      await pay(months.ledger, {
        creatorId: 'biz_early',
        member: 'dan',
        payment: 'early_dan',
        paidAt: JANUARY_ENDS - 59,
        amountMinor: 500n,
        referrer: 'ana',
      });
      await months.settled();
      const asked = { creatorId: 'biz_early', currency: 'usd' };
      expect(await creatorOf(months.reads, asked)).toMatchObject({
        monthlyReferrals: 3n,
        asClosed: { version: 1, monthlyReferrals: 2n, revenueMinor: 3_000n },
      });
    } finally {
      months.setNow(JANUARY_ENDS + 60);
    }
  });

  it('shows the sealed ranking of the current month as of any other', async () => {
    await community('biz_shown');
    const { ledger } = months;
    await ledger.store.append([
      {
        stream: 'member-biz_shown.user_ana',
        expectedRevision:
          (await ledger.store.readStreams(['member-biz_shown.user_ana']))
            .get('member-biz_shown.user_ana')
            ?.at(-1)?.revision ?? 0n,
        events: [
          {
            id: '00000000-0000-8000-8000-000000000001',
            type: 'ReferralCodeAssigned',
            effectiveAt: 0,
            data: { code: 'ANA2-2222' },
            metadata: {},
          },
        ],
      },
    ]);
    months.setNow(JANUARY_ENDS - 60);
    try {
      const order = { creatorId: 'biz_shown', month: '2026-01', force: true, reason: 'sold' };
      await closeMonthOf(months.parts, order, ordered);
      await months.settled();
      const { items } = await topReferrers(months.reads, { creatorId: 'biz_shown', limit: 5 });
      expect(items).toMatchObject([
        { rank: 1, memberId: 'user_ana', totalReferrals: 2n, asNowKnown: { totalReferrals: 2n } },
      ]);
    } finally {
      months.setNow(JANUARY_ENDS + 60);
    }
  });
});
