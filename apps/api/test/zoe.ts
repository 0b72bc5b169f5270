/** Zoe, of whom personal data is told in these specs, and how deliveries of her look. */
import { renderPayment } from '#libs/ingestion';

export const NOW = Date.UTC(2026, 2, 14, 12);
export const MARCH = Date.UTC(2026, 2, 1, 12) / 1000;
export const CREATOR = 'biz_a';
export const ZOE = {
  name: 'Zerlina Quastel',
  username: 'zerlinaq',
  email: 'z.quastel@example.org',
};
export const WORDS = ['Zerlina', 'Quastel', 'zerlinaq', 'z.quastel@example.org'];
export const ERASE = `/creators/${CREATOR}/members/user_zoe/personal-data`;
export const user = { id: 'user_zoe', ...ZOE };
export const company = { id: CREATOR };

/** A payment of one's own membership; `n` is also its second. */
export const paid = (whose: string, n: string, rest: object = {}) =>
  renderPayment('affiliateUsername' in rest ? 'v2' : 'v1', {
    creatorId: CREATOR,
    userId: `user_${whose}`,
    membershipId: `mem_${whose}`,
    paymentId: `pay_${whose}${n}`,
    status: 'succeeded',
    amount: '49.99',
    currency: 'usd',
    paidAt: MARCH + Number(n),
    createdAt: MARCH + Number(n),
    ...rest,
  });

export const raw = (id: string, body: object | string) => ({
  deliveryId: id,
  body: typeof body === 'string' ? body : JSON.stringify(body),
});
