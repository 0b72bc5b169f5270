import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { amountsWith, at, CREATOR, MEMBER, sealData, snapshotLines } from '#libs/testing';
import {
  CREATOR_FIGURES,
  digestOf,
  monthsStream,
  provenLines,
  REFERRER_FIGURES,
  type SnapshotLine,
  type SnapshotPage,
  snapshotDecider,
  snapshotLineOf,
  snapshotOf,
  storedSnapshotLine,
} from './index.js';
import { creatorOfMonthsStream, creatorOfSnapshotStream, snapshotStream } from './values/ids.js';

const big = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const currency = fc.constantFrom('usd', 'eur', 'jpy', '');
const amounts = <F extends string>(names: readonly F[]) =>
  fc
    .array(big, { minLength: names.length, maxLength: names.length })
    .map((values) =>
      amountsWith(names, Object.fromEntries(names.map((name, n) => [name, values[n]])) as never),
    );
const line: fc.Arbitrary<SnapshotLine> = fc.oneof(
  fc.record({
    kind: fc.constant('member' as const),
    memberId: fc.stringMatching(/^user_[A-Za-z0-9_]{1,12}$/),
    totalReferrals: fc.bigInt({ min: 0n, max: 2n ** 40n }),
    reachedAt: fc.option(fc.integer({ min: 0 })),
    tier: fc.constantFrom('Gold', 'Not "a" tier\\', 'Unranked'),
    pinned: fc.boolean(),
    rank: fc.option(fc.integer({ min: 1 })),
  }),
  fc.record({
    kind: fc.constant('creator' as const),
    origin: fc.constantFrom('2026-01', '2026-02'),
    currency,
    amounts: amounts(CREATOR_FIGURES),
  }),
  fc.record({
    kind: fc.constant('referrer' as const),
    origin: fc.constantFrom('2026-01', '2026-02'),
    memberId: fc.stringMatching(/^user_[A-Za-z0-9_]{1,12}$/),
    currency,
    amounts: amounts(REFERRER_FIGURES),
  }),
);
/** What a snapshot says once. */
const keyOf = (one: SnapshotLine): string => {
  if (one.kind === 'creator') return `${one.origin} ${one.currency}`;
  if (one.kind === 'referrer') return `${one.origin} ${one.memberId} ${one.currency}`;
  return one.kind === 'member' ? one.memberId : '';
};
const month: SnapshotLine = {
  kind: 'month',
  creatorId: CREATOR,
  month: '2026-02',
  members: 3n,
  totalReferrals: 2n,
};

describe('a line of a snapshot', () => {
  it('is stored as texts and read back whole', () => {
    fc.assert(
      fc.property(line, (one) => {
        const stored = storedSnapshotLine(one);
        expect(snapshotLineOf(JSON.parse(JSON.stringify(stored)))).toEqual(one);
        expect(stored.every((field) => typeof field === 'string')).toBe(true);
      }),
    );
    expect(snapshotLineOf(storedSnapshotLine(month))).toEqual(month);
  });

  it('is what it was at the first release', () => {
    expect(snapshotLines().map(storedSnapshotLine)).toEqual([
      ['month', CREATOR, '2026-02', '1', '1'],
      ['member', MEMBER, '1', '1770292800', 'Unranked', '', '1'],
      ['creator', '2026-02', 'usd', '0', '1', ...Array<string>(10).fill('0'), '3499'],
      ['referrer', '2026-02', MEMBER, 'usd', '1', '0', '499', '0'],
    ]);
  });
});

describe('the digest of a snapshot', () => {
  it('is SHA-256 over its lines as JSON, in the order of their bytes, each with a newline', () => {
    const text = [
      '["creator","2026-02","usd","0","1","0","0","0","0","0","0","0","0","0","0","3499"]',
      '["member","user_mia","1","1770292800","Unranked","","1"]',
      '["month","biz_a","2026-02","1","1"]',
      '["referrer","2026-02","user_mia","usd","1","0","499","0"]',
    ];
    const sha256 = createHash('sha256')
      .update(`${text.join('\n')}\n`)
      .digest('hex');
    expect(digestOf(snapshotLines().map(storedSnapshotLine))).toBe(sha256);
    expect(sealData().digest).toBe(sha256);
  });

  it('does not depend on the order of lines, nor on where pages are cut', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(line, { maxLength: 30, selector: keyOf }),
        fc.integer({ min: 1, max: 4_000 }),
        (some, cut) => {
          const whole = snapshotOf([month, ...some]);
          const cutUp = snapshotOf([...some].reverse().concat(month), cut);
          expect(cutUp.digest).toBe(whole.digest);
          expect(cutUp.pages.flat()).toEqual(whole.pages.flat());
          expect(cutUp.totals).toEqual(whole.totals);
          // Another cut is another stream, so that what was left behind is never in the way.
          const same = JSON.stringify(cutUp.pages) === JSON.stringify(whole.pages);
          expect(cutUp.mark === whole.mark).toBe(same);
        },
      ),
    );
  });

  it('changes with every field of every line', () => {
    const stored = snapshotLines().map(storedSnapshotLine);
    const digests = new Set([digestOf(stored)]);
    let fields = 1;
    for (const [n, one] of stored.entries()) {
      for (const [m, field] of one.entries()) {
        const changed = one.map((text, k) => (k === m ? `${field}0` : text)) as never;
        digests.add(digestOf(stored.map((other, k) => (k === n ? changed : other))));
        fields += 1;
      }
      digests.add(digestOf(stored.filter((_, k) => k !== n)));
      fields += 1;
    }
    expect(digests.size).toBe(fields);
  });
});

describe('the pages of a snapshot', () => {
  const members = Array.from(
    { length: 200 },
    (_, n): SnapshotLine => ({
      kind: 'referrer',
      origin: '2026-02',
      memberId: `user_${String(n).padStart(4, '0')}`,
      currency: n % 3 === 0 ? 'eur' : 'usd',
      amounts: amountsWith(REFERRER_FIGURES, { earnedMinor: BigInt(n), referrals: 1n }),
    }),
  );

  it('are no larger than they may be, and none is empty', () => {
    const { pages, lines } = snapshotOf([month, ...members], 1_000);
    expect(pages.length).toBeGreaterThan(10);
    for (const page of pages) {
      expect(page.length).toBeGreaterThan(0);
      expect(JSON.stringify(page).length).toBeLessThanOrEqual(1_001);
    }
    expect(pages.flat()).toHaveLength(lines);
  });

  it('add up to the totals', () => {
    const { totals } = snapshotOf([month, ...members]);
    const of = (code: string) =>
      members.filter((one) => one.kind === 'referrer' && one.currency === code);
    const sum = (code: string) =>
      of(code).reduce(
        (total, one) => total + (one.kind === 'referrer' ? one.amounts.earnedMinor : 0n),
        0n,
      );
    expect(totals).toEqual({
      members: '3',
      totalReferrals: '2',
      creator: [],
      referrers: [
        ['2026-02', 'eur', String(of('eur').length), '0', String(sum('eur')), '0'],
        ['2026-02', 'usd', String(of('usd').length), '0', String(sum('usd')), '0'],
      ],
    });
  });

  const pagesOf = (lines: readonly SnapshotLine[]): SnapshotPage[] =>
    snapshotOf(lines, 150).pages.map((page, n) => ({
      type: 'SnapshotPage',
      effectiveAt: at('2026-03-04T00:00:00Z'),
      data: { page: n, lines: page },
    }));

  it('prove what the seal says, and nothing else', () => {
    const pages = pagesOf(snapshotLines());
    const seal = { ...sealData(), pages: pages.length };
    expect(provenLines(seal, pages)).toHaveLength(4);
    expect(() => provenLines(seal, pagesOf(snapshotLines('2026-02', 500n)))).toThrow(
      'snapshot_altered',
    );
    expect(() => provenLines(seal, pages.slice(1))).toThrow('snapshot_altered');
  });

  it('are written once each, in order', () => {
    const write = (page: number) =>
      ({
        type: 'WritePage',
        at: 0,
        page,
        lines: [['month', 'biz_a', '2026-02', '0', '0']],
      }) as const;
    const state = snapshotDecider.initial('');
    const [first] = snapshotDecider.decide(write(0), state);
    expect(first?.data.page).toBe(0);
    if (first !== undefined) snapshotDecider.evolve(state, first);
    expect(snapshotDecider.decide(write(0), state)).toEqual([]);
    expect(() => snapshotDecider.decide(write(2), state)).toThrow(RangeError);
  });
});

describe('the streams of months and snapshots', () => {
  it('say whose they are', () => {
    expect(creatorOfMonthsStream(monthsStream('biz_a_b'))).toBe('biz_a_b');
    const stream = snapshotStream('biz_a_2026-01_v1', '2026-02', 12, '0f');
    expect(stream).toBe('snapshot-biz_a_2026-01_v1_2026-02_v12_0f');
    expect(creatorOfSnapshotStream(stream)).toBe('biz_a_2026-01_v1');
    expect(() => creatorOfSnapshotStream('member-biz_a.user_b')).toThrow(RangeError);
    expect(() => creatorOfMonthsStream('months-')).toThrow(RangeError);
  });
});
