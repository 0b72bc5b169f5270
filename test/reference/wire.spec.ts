import { describe, expect, it } from '@jest/globals';
import { whopProvider } from '#libs/ingestion';
import { type HistoryDelivery, historyOf, plainCodeOf } from './histories.js';
import type { Telling } from './shapes.js';
import { bodyOf, requestOf } from './wire.js';

const secret = `ws_${'0123456789abcdef'.repeat(4)}`;
const provider = whopProvider({ secrets: [secret] });
const now = Date.UTC(2026, 0, 1);

const deliveries = [1, 2, 3, 4, 5, 6].flatMap(
  (seed) => historyOf(seed, { codeOf: plainCodeOf }).deliveries,
);

describe('deliveries of a random history', () => {
  it('are signed as Whop signs them', () => {
    for (const delivery of deliveries) {
      const { body, headers } = requestOf(delivery, { secret, timestamp: now / 1000 });
      const answer = provider.verify({ headers, body: Buffer.from(body), now });
      expect(answer).toMatchObject({ ok: true });
    }
  });

  it('tell the ledger what they tell the model', () => {
    for (const delivery of deliveries) {
      expect(readBack(delivery)).toEqual(told(delivery));
    }
  });

  it('have bytes of their own, the same at each attempt', () => {
    const bodies = new Set(deliveries.map(bodyOf));
    const ids = new Set(deliveries.map((delivery) => delivery.deliveryId));
    expect(bodies.size).toBe(ids.size);
  });
});

/** What the ledger reads of the bytes, in one flat shape. */
function readBack(delivery: HistoryDelivery) {
  const translation = provider.translate(Buffer.from(bodyOf(delivery)), now / 1000);
  if (translation.outcome !== 'telling') return translation;
  const { telling } = translation;
  if ('reversalId' in telling) return telling;
  const { creatorId, userId, membershipId, username } = telling.person;
  const { metadataCode, membershipMetadataCode } = telling.claims;
  const { affiliateCode, affiliateUsername } = telling.claims;
  const payment = telling.kind === 'payment';
  return {
    kind: telling.kind,
    id: payment ? telling.paymentId : telling.membershipId,
    status: telling.status,
    creatorId,
    userId,
    membershipId,
    username,
    paidAt: payment ? telling.paidAt : undefined,
    joinedAt: payment ? undefined : telling.joinedAt,
    createdAt: telling.createdAt,
    amount: payment ? telling.amount : undefined,
    metadataCode,
    membershipMetadataCode,
    affiliateCode,
    affiliateUsername,
  };
}

/** What the telling says, with words and amounts in the form in which the ledger keeps them. */
function told({ telling }: HistoryDelivery) {
  const seconds = (ms: number | undefined) => (ms === undefined ? ms : Math.floor(ms / 1000));
  const plain = plainOf(telling.amount);
  if (telling.kind === 'refund' || telling.kind === 'dispute')
    return toldOfReversal(telling, plain);
  return {
    kind: telling.kind,
    id: telling.id,
    status: telling.status,
    creatorId: telling.creatorId,
    userId: telling.userId,
    membershipId: telling.kind === 'membership' ? telling.id : telling.membershipId,
    username: telling.username?.trim().toLowerCase(),
    paidAt: seconds(telling.paidAtMs),
    joinedAt: seconds(telling.joinedAtMs),
    createdAt: seconds(telling.createdAtMs),
    amount:
      telling.status === 'succeeded'
        ? { decimal: plain, currency: telling.currency ?? null }
        : undefined,
    metadataCode: telling.metadataCode?.trim().toUpperCase(),
    membershipMetadataCode: telling.membershipMetadataCode?.trim().toUpperCase(),
    affiliateCode: telling.affiliateCode?.trim(),
    affiliateUsername: telling.affiliateUsername?.trim().toLowerCase(),
  };
}

const plainOf = (amount: string | undefined) => String(Number(amount));

function toldOfReversal(telling: Telling, decimal: string) {
  const { kind, id, paymentId, creatorId, userId, status, original, visaRdr } = telling;
  const seconds = (ms: number | undefined) => (ms === undefined ? ms : Math.floor(ms / 1000));
  const ended = ['lost', 'won', 'warning_closed'].includes(status);
  const state = kind === 'refund' || ended ? status : visaRdr === true ? 'lost' : 'open';
  const fields = {
    kind,
    reversalId: id,
    paymentId,
    state,
    person: { creatorId, userId },
    amount: { decimal, currency: telling.currency ?? null },
    original: original && { decimal: plainOf(original.amount), currency: original.currency },
    createdAt: seconds(telling.createdAtMs),
    toldAt: seconds(telling.toldAtMs),
  };
  return fields;
}
