import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compareBooks } from './compare.js';
import { ContradictionError } from './facts.js';
import { histories, historyOf, plainCodeOf, retold, settingsOf } from './histories.js';
import { figuresOf } from './model.js';
import type { CodeOf, Settings, Telling } from './shapes.js';
import { at, joined, paid } from './told.js';

/** The code of `user_rui` in `biz_x` is RUI@X, that of `user_rui` in `biz_y` RUI@Y. */
const codeOf: CodeOf = (creatorId, userId) =>
  `${userId.slice(5)}@${creatorId.slice(4)}`.toUpperCase();

const booksOf = (tellings: readonly Telling[], settings: readonly Settings[] = []) =>
  figuresOf(tellings, settings, codeOf);

const inNewYork: Settings[] = [{ creatorId: 'biz_x', timeZone: 'America/New_York' }];
const rui = joined('rui', '2024-01-01T00:00:00Z', { userId: 'user_rui', username: 'Rui' });
const ana = joined('ana', '2024-01-02T00:00:00Z', { userId: 'user_ana', username: 'ana' });
const byRui = { metadataCode: 'RUI@X' };
const byAna = { metadataCode: 'ANA@X' };

describe('months and days', () => {
  it('who signs up on January 15 and pays on February 1 counts in February', () => {
    const books = booksOf([
      rui,
      joined('a', '2025-01-15T10:00:00Z', byRui),
      paid('1', '2025-02-01T00:00:00Z', { amount: '49.99' }),
    ]);
    expect(books.memberMonths).toEqual([
      { creatorId: 'biz_x', memberId: 'user_rui', month: '2025-02', referrals: 1, signUps: 0 },
      { creatorId: 'biz_x', memberId: 'user_rui', month: '2025-01', referrals: 0, signUps: 1 },
    ]);
    expect(books.referrals).toEqual([
      {
        creatorId: 'biz_x',
        memberId: 'user_a',
        referrerId: 'user_rui',
        signedUpAt: at('2025-01-15T10:00:00Z'),
        convertedAt: at('2025-02-01T00:00:00Z'),
        month: '2025-02',
        paymentId: 'pay_1',
      },
    ]);
    expect(books.memberMonthEarnings).toEqual([
      {
        creatorId: 'biz_x',
        memberId: 'user_rui',
        month: '2025-02',
        currency: 'usd',
        earningsMinor: 500n,
      },
    ]);
  });

  it('a payment on September 30, 23:58 in New York is of September', () => {
    const books = booksOf([rui, paid('1', '2025-10-01T03:58:00Z', byRui)], inNewYork);
    expect(books.payments).toMatchObject([{ month: '2025-09', day: '2025-09-30' }]);
    expect(books.creatorMonths).toMatchObject([{ month: '2025-09', referrals: 1, signUps: 1 }]);
    expect(books.memberDayEarnings).toMatchObject([{ day: '2025-09-30', earningsMinor: 100n }]);
  });

  it('a month begins at its first second: a fraction before it is the month before', () => {
    const books = booksOf([
      paid('1', '2025-01-31T23:59:59.999Z'),
      paid('2', '2025-02-01T00:00:00.000Z'),
    ]);
    expect(books.payments).toMatchObject([
      { month: '2025-01', paidAt: at('2025-01-31T23:59:59Z') },
      { month: '2025-02', paidAt: at('2025-02-01T00:00:00Z') },
    ]);
  });
});

describe('facts', () => {
  it('tellings of one payment are one payment, and later fields are added', () => {
    const first = paid('1', '2025-02-01T00:00:00Z', { amount: '10.50' });
    const again = paid('1', '2025-02-01T00:00:00.700Z', { amount: '10.5', ...byRui });
    const books = booksOf([rui, first, first, again]);
    expect(books.payments).toMatchObject([{ saleMinor: 1050n, referrerId: 'user_rui' }]);
  });

  it('a payment that failed and then succeeded has succeeded, told in either order', () => {
    const { paidAtMs: _, ...rest } = paid('1', '2025-02-01T00:00:00Z');
    const failed: Telling = { ...rest, status: 'failed' };
    const succeeded = paid('1', '2025-02-01T00:00:00Z');
    expect(booksOf([failed, succeeded]).payments).toHaveLength(1);
    expect(booksOf([succeeded, failed])).toEqual(booksOf([failed, succeeded]));
    const onlyFailed = booksOf([failed]);
    expect(onlyFailed.payments).toEqual([]);
    expect(onlyFailed.members).toMatchObject([{ memberId: 'user_a', signedUpAt: null }]);
  });

  it('contradictions are none of its business', () => {
    const one = paid('1', '2025-02-01T00:00:00Z');
    const other = paid('1', '2025-02-01T00:00:01Z');
    expect(() => booksOf([one, other])).toThrow(ContradictionError);
  });

  it('an amount without a currency is in the currency of the settings, unless another telling has one', () => {
    const { currency: _, ...silent } = paid('1', '2025-02-01T00:00:00Z', { amount: '10' });
    const settings = [{ creatorId: 'biz_x', currency: 'kwd' }];
    expect(booksOf([silent]).payments).toMatchObject([{ currency: 'usd', saleMinor: 1000n }]);
    expect(booksOf([silent], settings).payments).toMatchObject([
      { currency: 'kwd', saleMinor: 10_000n },
    ]);
    const yen = { ...silent, currency: 'jpy' };
    expect(booksOf([silent, yen]).payments).toMatchObject([{ currency: 'jpy', saleMinor: 10n }]);
  });
});

describe('people', () => {
  it('a payment that names only a membership is of the person the membership belongs to', () => {
    const { userId: _, creatorId: __, ...nameless } = paid('2', '2025-03-01T00:00:00Z');
    const anonymous = { ...nameless, membershipId: 'mem_1' };
    const naming = paid('1', '2025-02-01T00:00:00Z', { membershipId: 'mem_1' });
    expect(booksOf([anonymous]).parked).toEqual([{ id: 'pay_2', kind: 'payment' }]);
    expect(booksOf([anonymous]).payments).toEqual([]);
    const books = booksOf([anonymous, naming]);
    expect(books.parked).toEqual([]);
    expect(books.payments.map((one) => [one.paymentId, one.memberId, one.kind])).toEqual([
      ['pay_1', 'user_a', 'initial'],
      ['pay_2', 'user_a', 'recurring'],
    ]);
  });

  it('signed up is the earliest of joining, else creation, and of any succeeded payment', () => {
    const { joinedAtMs: _, ...created } = joined('a', '2025-03-01T00:00:00Z', {
      createdAtMs: Date.parse('2025-02-20T00:00:00Z'),
    });
    const joinedLater = joined('a', '2025-03-01T00:00:00Z');
    const zero = paid('0', '2025-02-10T00:00:00Z', { amount: '0.00' });
    const signedUp = (tellings: Telling[]) => booksOf(tellings).members[0]?.signedUpAt;
    expect(signedUp([created])).toBe(at('2025-02-20T00:00:00Z'));
    expect(signedUp([created, joinedLater])).toBe(at('2025-03-01T00:00:00Z'));
    expect(signedUp([created, joinedLater, zero])).toBe(at('2025-02-10T00:00:00Z'));
  });
});

describe('conversions', () => {
  it('a zero amount is no payment, only a sign of life', () => {
    const books = booksOf([
      rui,
      paid('0', '2025-01-01T00:00:00Z', { amount: '0', ...byRui }),
      paid('1', '2025-02-01T00:00:00Z'),
    ]);
    expect(books.payments).toMatchObject([{ paymentId: 'pay_1', kind: 'initial' }]);
    expect(books.creatorMonths).toMatchObject([
      { month: '2025-02', referrals: 1, signUps: 0 },
      { month: '2025-01', referrals: 0, signUps: 1 },
    ]);
  });

  it('of two payments at the same second the first is that with the smaller id, bytewise', () => {
    const books = booksOf([
      paid('a', '2025-02-01T00:00:00.100Z'),
      paid('B', '2025-02-01T00:00:00.900Z'),
    ]);
    expect(books.payments.map((one) => [one.paymentId, one.kind])).toEqual([
      ['pay_B', 'initial'],
      ['pay_a', 'recurring'],
    ]);
  });

  it('a recurring payment earns and does not count, whatever its billing reason says', () => {
    const books = booksOf([
      rui,
      paid('1', '2025-02-01T00:00:00Z', { ...byRui, billingReason: 'subscription_cycle' }),
      paid('2', '2025-03-01T00:00:00Z', { billingReason: 'subscription_create' }),
    ]);
    expect(books.memberTotals).toMatchObject([{ memberId: 'user_rui', earningsMinor: 200n }]);
    expect(books.members.map((one) => one.totalReferrals)).toEqual([1, 0]);
    expect(books.memberMonths).toMatchObject([{ month: '2025-02', referrals: 1 }]);
  });
});

describe('commissions', () => {
  const rates = (memberBps: number, creatorBps: number, platformBps: number) => [
    { from: null, memberBps, creatorBps, platformBps },
  ];
  const sharesOf = (amount: string, own: Partial<Settings> = {}) => {
    const tellings = [rui, paid('1', '2025-02-01T00:00:00Z', { amount, ...byRui })];
    const [line] = booksOf(tellings, [{ creatorId: 'biz_x', ...own }]).payments;
    return [line?.memberMinor, line?.creatorMinor, line?.platformMinor];
  };

  it('what does not divide goes to the largest remainders', () => {
    expect(sharesOf('0.01')).toEqual([0n, 1n, 0n]);
    expect(sharesOf('49.99')).toEqual([500n, 3499n, 1000n]);
    expect(sharesOf('1.00', { rates: rates(3333, 3334, 3333) })).toEqual([33n, 34n, 33n]);
  });

  it('equal remainders go to the member, then the creator, then the platform', () => {
    expect(sharesOf('0.05')).toEqual([1n, 3n, 1n]);
    expect(sharesOf('0.01', { rates: rates(5000, 5000, 0) })).toEqual([1n, 0n, 0n]);
    expect(sharesOf('0.01', { rates: rates(2000, 4000, 4000) })).toEqual([0n, 1n, 0n]);
  });

  it('the rates are those in force when it was paid, from their very second', () => {
    const changed = [
      ...rates(1000, 7000, 2000),
      { from: at('2025-02-01T00:00:00Z'), memberBps: 5000, creatorBps: 4000, platformBps: 1000 },
    ];
    const books = booksOf(
      [rui, paid('1', '2025-01-31T23:59:59Z', byRui), paid('2', '2025-02-01T00:00:00Z')],
      [{ creatorId: 'biz_x', rates: changed }],
    );
    expect(books.payments.map((one) => one.memberMinor)).toEqual([100n, 500n]);
  });

  it('an organic payment is the revenue of the creator, initial and recurring alike', () => {
    const books = booksOf([
      rui,
      paid('1', '2025-02-01T00:00:00Z'),
      paid('2', '2025-02-02T00:00:00Z'),
      paid('3', '2025-02-03T00:00:00Z', { userId: 'user_b', amount: '5', ...byRui }),
    ]);
    expect(books.payments[0]).toMatchObject({
      referrerId: null,
      memberMinor: 0n,
      creatorMinor: 1000n,
      platformMinor: 0n,
    });
    expect(books.creatorMonthRevenue).toEqual([
      {
        creatorId: 'biz_x',
        month: '2025-02',
        currency: 'usd',
        revenueMinor: 2500n,
        initialPayments: 2,
        initialMinor: 1500n,
        recurringPayments: 1,
        recurringMinor: 1000n,
        organicPayments: 2,
        organicMinor: 2000n,
        referredPayments: 1,
        referredMinor: 500n,
      },
    ]);
  });

  it('currencies are never added', () => {
    const books = booksOf([
      rui,
      paid('1', '2025-02-01T00:00:00Z', byRui),
      paid('2', '2025-02-02T00:00:00Z', { amount: '1000', currency: 'jpy' }),
      paid('3', '2025-02-02T00:00:00Z', { amount: '1.234', currency: 'kwd' }),
    ]);
    expect(books.memberTotals.map((one) => [one.currency, one.earningsMinor])).toEqual([
      ['usd', 100n],
      ['jpy', 100n],
      ['kwd', 123n],
    ]);
  });
});

describe('who referred whom', () => {
  const referrerOf = (tellings: Telling[]) =>
    booksOf([rui, ana, ...tellings]).referrals.find((one) => one.memberId === 'user_a')
      ?.referrerId ?? null;
  const first = paid('5', '2025-02-01T00:00:00Z');

  it('a claim later than the first payment counts for nothing', () => {
    expect(referrerOf([first, paid('6', '2025-02-01T00:00:01Z', byRui)])).toBeNull();
    expect(referrerOf([first, joined('a', '2025-02-01T00:00:01Z', byRui)])).toBeNull();
  });

  it('at the same second the id decides whether a claim is later than the first payment', () => {
    const zero = { amount: '0', ...byRui };
    expect(referrerOf([first, joined('z', '2025-02-01T00:00:00Z', byRui)])).toBe('user_rui');
    expect(referrerOf([first, paid('4', '2025-02-01T00:00:00Z', zero)])).toBe('user_rui');
    expect(referrerOf([first, paid('6', '2025-02-01T00:00:00Z', zero)])).toBeNull();
  });

  it('the earliest claim that resolves names the referrer, however late it is told', () => {
    const early = joined('a', '2025-01-01T00:00:00Z', byAna);
    const later = paid('5', '2025-02-01T00:00:00Z', byRui);
    expect(referrerOf([later])).toBe('user_rui');
    expect(referrerOf([later, early])).toBe('user_ana');
    const unknown = joined('a', '2025-01-01T00:00:00Z', { metadataCode: 'NOBODY' });
    expect(referrerOf([later, unknown])).toBe('user_rui');
  });

  it('within one fact the first word that resolves is taken', () => {
    const claim = (said: Partial<Telling>) =>
      referrerOf([paid('5', '2025-02-01T00:00:00Z', said as object)]);
    expect(claim({ metadataCode: ' rui@x ', affiliateCode: 'ana@x' })).toBe('user_rui');
    expect(claim({ metadataCode: 'gone', affiliateCode: 'ana@x' })).toBe('user_ana');
    expect(claim({ affiliateCode: ' ANA ', affiliateUsername: 'rui' })).toBe('user_ana');
    expect(claim({ affiliateUsername: 'RUI' })).toBe('user_rui');
    expect(claim({ membershipMetadataCode: 'RUI@X', affiliateCode: 'ana' })).toBe('user_rui');
  });

  it('the words of all tellings of a fact are one claim', () => {
    const name = paid('5', '2025-02-01T00:00:00Z', { affiliateUsername: 'rui' });
    const code = paid('5', '2025-02-01T00:00:00Z', byAna);
    expect(referrerOf([name, code])).toBe('user_ana');
  });

  it('nobody refers oneself, and the next word is asked', () => {
    const own = { metadataCode: 'A@X' };
    expect(referrerOf([paid('5', '2025-02-01T00:00:00Z', own)])).toBeNull();
    const both = { ...own, affiliateUsername: 'rui' };
    expect(referrerOf([paid('5', '2025-02-01T00:00:00Z', both)])).toBe('user_rui');
  });

  it('a code of another community refers nobody here', () => {
    const elsewhere = joined('y', '2024-01-01T00:00:00Z', {
      creatorId: 'biz_y',
      userId: 'user_rui',
    });
    const claim = paid('5', '2025-02-01T00:00:00Z', { metadataCode: 'RUI@Y' });
    expect(referrerOf([elsewhere, claim])).toBeNull();
  });

  it('a username belongs to whose fact carried it first', () => {
    const claim = paid('5', '2025-02-01T00:00:00Z', { affiliateUsername: 'rui' });
    const earlier = joined('ana2', '2023-01-01T00:00:00Z', {
      userId: 'user_ana',
      username: 'rui',
    });
    const same = joined('aaa', '2024-01-01T00:00:00Z', { userId: 'user_ana', username: 'rui' });
    expect(referrerOf([claim])).toBe('user_rui');
    expect(referrerOf([claim, earlier])).toBe('user_ana');
    expect(referrerOf([claim, same])).toBe('user_ana');
  });

  it('who bears a name first and claims it is not referred by its second bearer', () => {
    const mine = joined('a', '2023-01-01T00:00:00Z', { username: 'rui' });
    const claim = paid('5', '2025-02-01T00:00:00Z', { affiliateUsername: 'rui' });
    expect(referrerOf([mine, claim])).toBeNull();
  });

  it('a failed payment claims nothing, but its person exists and can be named', () => {
    const failed: Telling = {
      kind: 'payment',
      id: 'pay_f',
      status: 'failed',
      creatorId: 'biz_x',
      userId: 'user_kim',
    };
    const claim = paid('5', '2025-02-01T00:00:00Z', { metadataCode: 'KIM@X' });
    expect(referrerOf([claim])).toBeNull();
    expect(referrerOf([claim, failed])).toBe('user_kim');
    const tried = paid('4', '2025-01-01T00:00:00Z', { status: 'failed', ...byRui });
    expect(referrerOf([first, tried])).toBeNull();
    expect(booksOf([first, tried]).members[0]?.signedUpAt).toBe(at('2025-02-01T00:00:00Z'));
  });

  it('mutual referrals pay each other once', () => {
    const books = booksOf([
      paid('1', '2025-02-01T00:00:00Z', { userId: 'user_rui', ...byAna }),
      paid('2', '2025-02-02T00:00:00Z', { userId: 'user_ana', ...byRui }),
    ]);
    expect(books.memberTotals.map((one) => [one.memberId, one.earningsMinor])).toEqual([
      ['user_ana', 100n],
      ['user_rui', 100n],
    ]);
  });
});

describe('ranking and tiers', () => {
  const won = (id: string, paidAt: string, claim: object) =>
    paid(id, paidAt, { userId: `user_${id}`, ...claim });

  it('equal totals are ranked by who reached them first, then by member id, bytewise', () => {
    const ranked = (tellings: Telling[]) =>
      booksOf([rui, ana, ...tellings])
        .rankings.filter((one) => one.asOf === 'now')
        .map((one) => [one.rank, one.memberId, one.totalReferrals]);
    const two = [
      won('1', '2025-01-01T00:00:00Z', byRui),
      won('2', '2025-01-05T00:00:00Z', byRui),
      won('3', '2025-01-02T00:00:00Z', byAna),
    ];
    expect(ranked(two)).toEqual([
      [1, 'user_rui', 2],
      [2, 'user_ana', 1],
    ]);
    expect(ranked([...two, won('4', '2025-01-04T00:00:00Z', byAna)])).toEqual([
      [1, 'user_ana', 2],
      [2, 'user_rui', 2],
    ]);
    expect(ranked([...two, won('4', '2025-01-06T00:00:00Z', byAna)])[0]?.[1]).toBe('user_rui');
    expect(ranked([...two, won('4', '2025-01-05T00:00:00Z', byAna)])[0]?.[1]).toBe('user_ana');
  });

  it('rank and tier of a month are those at its end, in the thresholds in force then', () => {
    const tiers = [
      { from: null, tiers: [{ name: 'Bronze', from: 2 }] },
      { from: at('2025-02-10T00:00:00Z'), tiers: [{ name: 'Bronze', from: 1 }] },
    ];
    const books = booksOf(
      [
        rui,
        ana,
        won('1', '2025-01-31T00:00:00Z', byAna),
        won('2', '2025-02-02T00:00:00Z', byRui),
        won('3', '2025-02-03T00:00:00Z', byRui),
      ],
      [{ creatorId: 'biz_x', tiers }],
    );
    const rowsOf = (asOf: string) =>
      books.rankings
        .filter((one) => one.asOf === asOf)
        .map((one) => `${one.rank} ${one.memberId} ${one.totalReferrals} ${one.tier}`);
    expect(rowsOf('2025-01')).toEqual(['1 user_ana 1 Unranked']);
    expect(rowsOf('2025-02')).toEqual(['1 user_rui 2 Bronze', '2 user_ana 1 Bronze']);
    expect(rowsOf('now')).toEqual(rowsOf('2025-02'));
  });

  it('without settings Bronze begins at 5 and nobody below has a tier', () => {
    const five = Array.from({ length: 5 }, (_, n) =>
      won(`${n}`, `2025-01-0${n + 1}T00:00:00Z`, byRui),
    );
    const tierOf = (tellings: Telling[]) =>
      booksOf([rui, ...tellings]).members.find((one) => one.memberId === 'user_rui')?.tier;
    expect(tierOf(five.slice(1))).toBe('Unranked');
    expect(tierOf(five)).toBe('Bronze');
  });
});

describe('on random histories', () => {
  const figures = (history: ReturnType<typeof historyOf>) =>
    figuresOf(
      history.deliveries.map((one) => one.telling),
      settingsOf(history),
      plainCodeOf,
    );

  it('neither the order nor the repetition of tellings changes a figure', () => {
    fc.assert(
      fc.property(histories({ codeOf: plainCodeOf }), fc.integer(), (history, seed) => {
        expect(compareBooks(figures(history), figures(retold(history, seed)))).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });

  it('shares sum to the sale, months to the conversions, earnings to the lines', () => {
    fc.assert(
      fc.property(histories({ codeOf: plainCodeOf }), (history) => {
        const books = figures(history);
        const sum = (amounts: readonly bigint[]) => amounts.reduce((all, one) => all + one, 0n);
        for (const { saleMinor, memberMinor, creatorMinor, platformMinor } of books.payments) {
          expect(memberMinor + creatorMinor + platformMinor).toBe(saleMinor);
        }
        const given = sum(books.payments.map((one) => one.memberMinor));
        const earned = given - sum(books.reversals.map((one) => one.memberMinor));
        expect(sum(books.memberMonthEarnings.map((one) => one.earningsMinor))).toBe(earned);
        expect(sum(books.memberDayEarnings.map((one) => one.earningsMinor))).toBe(earned);
        expect(sum(books.memberTotals.map((one) => one.earningsMinor))).toBe(earned);
        const converted = books.referrals.filter((one) => one.month !== null).length;
        const counted = books.memberMonths.reduce((all, one) => all + one.referrals, 0);
        const totals = books.members.reduce((all, one) => all + one.totalReferrals, 0);
        expect([counted, totals]).toEqual([converted, converted]);
      }),
      { numRuns: 40 },
    );
  });
});
