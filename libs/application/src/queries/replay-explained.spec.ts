import { describe, expect, it } from '@jest/globals';
import { shapeOf } from '#libs/projector';
import { register } from '#projections';
import { explainPathOf } from './replay-explained.js';

const MEMBER = { creatorId: 'biz_a', memberId: 'user_b' };

describe('a row that differs', () => {
  it('of a month of a member leads to the figure that its first column holds', () => {
    const key = { ...MEMBER, month: '2026-03', currency: 'usd' };
    const table = 'member_months';
    expect(explainPathOf({ table, key, columns: ['earnedMinor', 'reversedMinor'] })).toBe(
      '/api/creators/biz_a/members/user_b/explain?figure=earnedMinor&currency=usd&month=2026-03',
    );
    expect(explainPathOf({ table, key, columns: ['referrals'] })).toBe(
      '/api/creators/biz_a/members/user_b/explain?figure=referrals&month=2026-03',
    );
  });

  it('of a count of payments keeps its currency, as amounts do', () => {
    const key = { creatorId: 'biz_a', month: '2026-03', currency: 'usd' };
    const table = 'creator_months';
    for (const figure of ['initialPayments', 'recurringPayments', 'organicPayments'])
      expect(explainPathOf({ table, key, columns: [figure] })).toBe(
        `/api/creators/biz_a/explain?figure=${figure}&currency=usd&month=2026-03`,
      );
    expect(explainPathOf({ table, key, columns: ['signUps'] })).toBe(
      '/api/creators/biz_a/explain?figure=signUps&month=2026-03',
    );
  });

  it('of a referral leads to who referred', () => {
    const key = { ...MEMBER, kind: 'conversion', referrerId: 'user_c', at: '1', day: '2026-03-02' };
    expect(explainPathOf({ table: 'referrals', key, columns: ['count'] })).toBe(
      '/api/creators/biz_a/members/user_c/explain?figure=referrals&month=2026-03',
    );
  });

  it('of a snapshot leads to the version that was sealed', () => {
    const key = { snapshot: 'snapshot-biz_a_2026-03_v2_f6e5', memberId: 'user_b' };
    expect(explainPathOf({ table: 'snapshot_members', key, columns: ['rank'] })).toBe(
      '/api/creators/biz_a/members/user_b/explain?figure=rank&month=2026-03&state=closed&version=2',
    );
  });

  it('of what a snapshot carries of an earlier month names that month', () => {
    const snapshot = 'snapshot-biz_a_2026-03_v2_f6e5';
    const carried = { snapshot, origin: '2026-01', currency: 'usd' };
    const sealed = 'currency=usd&month=2026-03&state=closed&version=2&origin=2026-01';
    expect(
      explainPathOf({
        ...{ table: 'snapshot_referrers', key: { ...carried, memberId: 'user_b' } },
        columns: ['earnedMinor'],
      }),
    ).toBe(`/api/creators/biz_a/members/user_b/explain?figure=earnedMinor&${sealed}`);
    expect(
      explainPathOf({ table: 'snapshot_creators', key: carried, columns: ['initialPayments'] }),
    ).toBe(`/api/creators/biz_a/explain?figure=initialPayments&${sealed}`);
  });

  it('of a line leads to its event', () => {
    const key = { position: '41', n: '0' };
    expect(explainPathOf({ table: 'lines', key, columns: ['saleMinor'] })).toBe(
      '/api/audit/events/41',
    );
  });

  it.each(register.map((projection) => shapeOf(projection)))('of $name is explained', (shape) => {
    const names = shape.kind === 'lines' ? ['position', 'n'] : shape.key.map((c) => c.property);
    const key = Object.fromEntries(names.map((name) => [name, 'x']));
    if ('snapshot' in key) key.snapshot = 'snapshot-x_2026-03_v1_ab';
    const columns = shape.values.map(({ property }) => property);
    expect(explainPathOf({ table: shape.name, key, columns })).toMatch(/^\/api\/\w+\//);
  });
});
