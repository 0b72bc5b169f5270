/** Random stories of one member, small enough that times, ids and names collide. */
import fc from 'fast-check';
import type { MemberCommand, Resolving, StoredClaim } from '#libs/ledger';
import { settingsWith } from '#libs/testing';

type Unset<T> = T extends MemberCommand ? Omit<T, 'settings'> : never;
/** A command without settings: they are the same for all, and would drown a counterexample. */
export type TellingOfLaws = Unset<
  Extract<
    MemberCommand,
    { type: 'RecordPayment' | 'RecordMembership' | 'RecordReversal' | 'ResolveClaims' }
  >
>;
type Telling = Extract<TellingOfLaws, { type: 'RecordPayment' | 'RecordMembership' }>;

/** What happened, told in pieces; and whose name each claimed word turned out to be, over time. */
export interface Story {
  readonly tellings: readonly Telling[];
  readonly names: readonly {
    readonly key: string;
    /** The last stands. */
    readonly history: readonly Omit<Resolving, 'key'>[];
  }[];
}

/** 2026-01-31T12:00:00Z: the instants of stories lie around the turn of a month in many zones. */
const NOON = 1_769_860_800;
const QUARTER_DAY = 21_600;

/** Rates, zone and default currency of all stories; the zone changes on the way. */
export const settingsOfLaws = settingsWith({
  zones: [
    { fromMonth: null, timeZone: 'America/New_York' },
    { fromMonth: '2026-02', timeZone: 'Asia/Tokyo' },
  ],
  rates: [
    { at: 0, value: { memberBps: 1000, creatorBps: 7000, platformBps: 2000 } },
    { at: NOON + QUARTER_DAY, value: { memberBps: 3333, creatorBps: 3333, platformBps: 3334 } },
  ],
});

const anyTime = fc.integer({ min: 0, max: 8 }).map((n) => NOON + n * QUARTER_DAY);
const anyReceipt = fc.integer({ min: 0, max: 99 }).map((n) => NOON + 9 * QUARTER_DAY + n);
const KEYS = ['code-a', 'code-b', 'name-c', 'name-d'] as const;
const anyClaim = fc.tuple(
  fc.constantFrom(1, 2, 3, 4, 5),
  fc.constantFrom(...KEYS),
) as fc.Arbitrary<StoredClaim>;
const anyClaims = fc.array(anyClaim, { maxLength: 2 });
const anyNamed: fc.Arbitrary<Omit<Resolving, 'key'>> = fc
  .record({
    memberId: fc.constantFrom('rui', 'ana', 'eva', 'user_mia', null),
    notBefore: fc.option(anyTime, { nil: undefined }),
  })
  .map(({ memberId, notBefore }) =>
    memberId === null || notBefore === undefined ? { memberId } : { memberId, notBefore },
  );

/** Amounts that fit the default currency as well as their own. */
const anyPrice = fc.constantFrom(
  { decimal: '0', currency: 'usd' },
  { decimal: '49.99', currency: 'usd' },
  { decimal: '0.01', currency: 'eur' },
  { decimal: '1.05', currency: 'kwd' },
  { decimal: '700', currency: 'jpy' },
);

/** A field that this telling may leave out. */
const told = <T>(value: T | undefined, mask: number, bit: number): T | undefined =>
  (mask >> bit) % 2 === 0 ? value : undefined;
const without = <T extends object>(fields: T): T =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;

interface Piece {
  /** Which fields it leaves out. */
  readonly mask: number;
  readonly flag: boolean;
  readonly receivedAt: number;
  readonly claims: readonly StoredClaim[];
}
const anyPieces: fc.Arbitrary<Piece[]> = fc.array(
  fc.record({ mask: fc.nat(31), flag: fc.boolean(), receivedAt: anyReceipt, claims: anyClaims }),
  { minLength: 1, maxLength: 3 },
);
const pieceOf = ({ receivedAt, claims }: Piece) => ({
  receivedAt,
  claims,
  resolving: [],
});

const anyPayment = (paymentId: string): fc.Arbitrary<Telling[]> =>
  fc
    .record({
      paidAt: anyTime,
      price: anyPrice,
      membershipId: fc.constantFrom(undefined, 'mem_1', 'mem_2'),
      billingReason: fc.constantFrom(undefined, 'subscription_create', 'subscription_cycle'),
      username: fc.constantFrom(undefined, 'hash-u', 'hash-v'),
      pieces: anyPieces,
    })
    .map(({ pieces, paidAt, price, ...payment }) =>
      pieces.map((piece): Telling => {
        const { mask, flag } = piece;
        const currency = told(price.currency, mask, 0);
        const details = without({
          membershipId: told(payment.membershipId, mask, 1),
          billingReason: told(payment.billingReason, mask, 2),
          username: told(payment.username, mask, 3),
          person: told('biz_a.user_mia', mask, 4),
        });
        const telling = {
          type: 'RecordPayment',
          paymentId,
          ...pieceOf(piece),
          ...details,
        } as const;
        // One in four tellings is of a failed attempt.
        if (flag && mask % 2 === 0) {
          return { ...telling, status: 'failed', ...without({ currency }) } as Telling;
        }
        const amount = { decimal: price.decimal, currency: currency ?? null };
        return { ...telling, status: 'succeeded', paidAt, amount };
      }),
    );

const anyMembership = (membershipId: string): fc.Arbitrary<Telling[]> =>
  fc
    .record({
      joinedAt: fc.option(anyTime, { nil: undefined }),
      createdAt: fc.option(anyTime, { nil: undefined }),
      username: fc.constantFrom(undefined, 'hash-u'),
      pieces: anyPieces,
    })
    .map(({ pieces, joinedAt, createdAt, username }) =>
      pieces.map((piece): Telling => {
        const { mask, flag } = piece;
        const details = without({
          joinedAt: told(joinedAt, mask, 0),
          createdAt: told(createdAt, mask, 1),
          username: told(username, mask, 2),
          person: told('biz_a.user_mia', mask, 3),
        });
        const status = flag ? 'activated' : 'deactivated';
        return { type: 'RecordMembership', membershipId, status, ...pieceOf(piece), ...details };
      }),
    );

/** Tellings that do not contradict each other, and what the claimed words turn out to mean. */
export const anyStory: fc.Arbitrary<Story> = fc.record({
  tellings: fc
    .tuple(
      anyPayment('pay_1'),
      fc.option(anyPayment('pay_2'), { nil: [] }),
      fc.option(anyPayment('pay_Z'), { nil: [] }),
      fc.option(anyMembership('mem_1'), { nil: [] }),
      fc.option(anyMembership('mem_2'), { nil: [] }),
    )
    .map((facts) => facts.flat()),
  names: fc
    .tuple(...KEYS.map(() => fc.array(anyNamed, { minLength: 1, maxLength: 3 })))
    .map((histories) => histories.map((history, n) => ({ key: KEYS[n] ?? '', history }))),
});

const anyKnown = fc
  .uniqueArray(fc.constantFrom(...KEYS), { maxLength: 3 })
  .chain((keys) =>
    fc.tuple(...keys.map((key) => anyNamed.map((named): Resolving => ({ key, ...named })))),
  );

const STATES = {
  refund: ['pending', 'requires_action', 'succeeded', 'succeeded', 'canceled', 'failed'],
  dispute: ['open', 'lost', 'lost', 'won', 'warning_closed'],
} as const;

/** One telling of a refund or dispute, of the few payments that there are. */
const anyReversal = (reversalId: string): fc.Arbitrary<TellingOfLaws> =>
  fc
    .record({
      state: fc.constantFrom(...STATES[reversalId.startsWith('rf') ? 'refund' : 'dispute']),
      paymentId: fc.constantFrom('pay_1', 'pay_1', 'pay_2', undefined),
      price: anyPrice,
      original: fc.constantFrom(undefined, undefined, { decimal: '20', currency: 'usd' }),
      createdAt: fc.option(fc.constant(NOON + 5 * QUARTER_DAY), { nil: undefined }),
      toldAt: anyTime,
      mask: fc.nat(3),
      receivedAt: anyReceipt,
    })
    .map(
      ({ state, price, mask, paymentId, original, createdAt, ...times }): TellingOfLaws => ({
        type: 'RecordReversal',
        kind: reversalId.startsWith('rf') ? 'refund' : 'dispute',
        reversalId,
        state,
        amount: { decimal: price.decimal, currency: told(price.currency, mask, 0) ?? null },
        resolving: [],
        ...without({ paymentId, original, createdAt }),
        ...times,
      }),
    );

/** Any telling or resolution, whatever was told before: ids are few, so that contradictions are many. */
export const anyTelling: fc.Arbitrary<TellingOfLaws> = fc
  .tuple(
    fc.oneof(
      fc.constantFrom('pay_1', 'pay_2').chain(anyPayment),
      fc.constantFrom('mem_1', 'mem_2').chain(anyMembership),
      fc
        .constantFrom('rf_1', 'dspt_1')
        .chain(anyReversal)
        .map((one) => [one]),
    ),
    anyKnown,
    fc.nat(5),
  )
  .map(([[telling], resolving, n]): TellingOfLaws => {
    if (n === 0 || telling === undefined) {
      return { type: 'ResolveClaims', at: NOON, resolving };
    }
    const person = n === 1 ? { person: 'biz_a.user_tom' } : {};
    return { ...telling, resolving, ...person };
  });
