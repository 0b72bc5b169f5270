/** Lines that a later fact would bring, said to the log as they are: reversals and corrections. */
import { randomUUID } from 'node:crypto';
import { type Line, type LineKind, memberStream, restated } from '#libs/ledger';
import type { TestLedger } from '#libs/testing';

export interface Said {
  readonly kind: LineKind;
  /** `user_…` without the prefix: who paid, and who referred them. */
  readonly by: string;
  readonly referrer: string | null;
  readonly source: string;
  readonly payment: string;
  readonly at: string;
  readonly day: string;
  readonly first?: boolean;
  readonly currency?: string;
  readonly count?: bigint;
  /** Sale and shares, positive: negated with `count` -1. */
  readonly minor?: readonly [sale: bigint, member: bigint, creator: bigint, platform: bigint];
}

/** Appends them to the log, as one event a member. */
export async function restate(
  { store }: TestLedger,
  creatorId: string,
  said: readonly Said[],
): Promise<void> {
  for (const by of new Set(said.map((one) => one.by))) {
    const stream = memberStream(creatorId, `user_${by}`);
    const revision = (await store.readStreams([stream])).get(stream)?.at(-1)?.revision;
    const lines = said.filter((one) => one.by === by).map((one) => lineOf(creatorId, one));
    await store.append([
      {
        stream,
        expectedRevision: revision ?? 'no_stream',
        events: [
          {
            id: randomUUID(),
            type: 'CommissionRestated',
            effectiveAt: lines[0]?.at ?? 1,
            data: { because: 'test', lines: lines.map(restated) },
            metadata: {},
          },
        ],
      },
    ]);
  }
}

function lineOf(creatorId: string, said: Said): Line {
  const { kind, by, referrer, source, payment, at, day, first = false, count = 1n } = said;
  const [sale, member, creator, platform] = said.minor ?? [0n, 0n, 0n, 0n];
  return {
    kind,
    sourceId: source,
    paymentId: payment,
    first,
    at: Date.parse(at) / 1000,
    day,
    month: day.slice(0, 7),
    creatorId,
    memberId: `user_${by}`,
    referrerId: referrer === null ? null : `user_${referrer}`,
    currency: said.currency ?? 'usd',
    count,
    saleMinor: count * sale,
    memberMinor: count * member,
    creatorMinor: count * creator,
    platformMinor: count * platform,
  };
}
