/**
 * Short ways to say a telling by hand: a test names only what it is about.
 */
import type { Telling } from './shapes.js';

/** Unix milliseconds of an instant with its offset: `2025-02-01T00:00:00Z`. */
export const ms = (iso: string): number => Date.parse(iso);

/** Unix seconds, floored. */
export const at = (iso: string): number => Math.floor(ms(iso) / 1000);

type Said = Omit<Partial<Telling>, 'id' | 'paidAtMs' | 'joinedAtMs'>;

/** A succeeded payment of 10 usd by `user_a` of `biz_x`. */
export function paid(id: string, paidAt: string, said: Said = {}): Telling {
  return {
    kind: 'payment',
    id: `pay_${id}`,
    status: 'succeeded',
    creatorId: 'biz_x',
    userId: 'user_a',
    paidAtMs: ms(paidAt),
    amount: '10',
    currency: 'usd',
    ...said,
  };
}

/** A membership of `user_a` in `biz_x`. */
export function joined(id: string, joinedAt: string, said: Said = {}): Telling {
  return {
    kind: 'membership',
    id: `mem_${id}`,
    status: 'activated',
    creatorId: 'biz_x',
    userId: 'user_a',
    joinedAtMs: ms(joinedAt),
    ...said,
  };
}
