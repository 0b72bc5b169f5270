/**
 * The laws of what is taken back, without a store. A sale may be given back in any pieces: because
 * each reverses `split(before) − split(after)`, the pieces of one month add up to what one refund
 * of their sum in that month would be, remainder units included. What fails or is won leaves the
 * books as if it had never been.
 */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  booksOf,
  type Line,
  type MemberCommand,
  type MemberEvent,
  type MemberState,
  memberDecider,
  type ReversalState,
} from '#libs/ledger';
import {
  MEMBER_STREAM,
  recordMembership,
  recordPayment,
  recordReversal,
  settingsWith,
  textOf,
} from '#libs/testing';
import { linesCarriedBy } from './carried.js';

const RUNS = { numRuns: 1500 };
/** 2026-03-01T00:00:00Z: months of March in New York begin five hours later. */
const MARCH = 1_772_323_200;
const DAY = 86_400;
const iso = (at: number): string => new Date(at * 1000).toISOString();

const anyBps = fc.tuple(fc.nat(10_000), fc.nat(10_000)).map(([a, b]) => {
  const [low, high] = a < b ? [a, b] : [b, a];
  return { memberBps: low, creatorBps: high - low, platformBps: 10_000 - high };
});
const anySettings = fc
  .record({ rates: anyBps, later: anyBps, timeZone: fc.constantFrom('UTC', 'America/New_York') })
  .map(({ rates, later, timeZone }) =>
    settingsWith({
      zones: [{ fromMonth: null, timeZone }],
      rates: [
        { at: 0, value: rates },
        { at: MARCH, value: later },
      ],
    }),
  );
type Settings = ReturnType<typeof settingsWith>;

const CURRENCIES = { usd: 2, jpy: 0, kwd: 3 } as const;
type Currency = keyof typeof CURRENCIES;
/** Without superfluous zeros, as tellings give amounts. */
const decimalOf = (minor: number, currency: Currency): string => {
  const decimals = CURRENCIES[currency];
  const digits = String(minor).padStart(decimals + 1, '0');
  if (decimals === 0) return digits;
  return `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`.replace(/\.?0+$/, '');
};

interface Sale {
  readonly minor: number;
  readonly currency: Currency;
  readonly referrer: string | undefined;
  readonly settings: Settings;
}
const anySale: fc.Arbitrary<Sale> = fc.record({
  minor: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 1_000_000 })),
  currency: fc.constantFrom('usd', 'jpy', 'kwd'),
  referrer: fc.constantFrom('rui', 'rui', undefined),
  settings: anySettings,
});
const paid = ({ minor, currency, referrer, settings }: Sale) =>
  recordPayment({
    amount: decimalOf(minor, currency),
    currency,
    settings,
    ...(referrer === undefined ? {} : { referrer }),
  });

interface Piece {
  readonly id: string;
  readonly minor: number;
  readonly at: number;
}
const taken = (sale: Sale, { id, minor, at }: Piece, state?: ReversalState) =>
  recordReversal({
    id,
    amount: decimalOf(minor, sale.currency),
    currency: sale.currency,
    createdAt: iso(at),
    settings: sale.settings,
    ...(state === undefined ? {} : { state }),
  });

/** Up to six pieces, in total often about the sale; some refunds, some disputes. */
const anyPieces = (sale: Sale, within: fc.Arbitrary<number>): fc.Arbitrary<Piece[]> =>
  fc
    .array(
      fc.record({
        part: fc.oneof(fc.nat(700), fc.constantFrom(-1, -2, -3)),
        dispute: fc.boolean(),
        at: within,
      }),
      { minLength: 1, maxLength: 6 },
    )
    .map((parts) =>
      parts.map(({ part, dispute, at }, n) => ({
        id: `${dispute ? 'dspt' : 'rf'}_${n}`,
        // A few units, or so many thousandths of the sale.
        minor: part < 0 ? -part : Math.ceil((sale.minor * part) / 1000),
        at,
      })),
    );
/** Within March in both zones, not before; and anywhere around it, before the sale too. */
const inMarch = fc.integer({ min: MARCH + DAY, max: MARCH + 28 * DAY });
const anywhere = fc.integer({ min: MARCH - 40 * DAY, max: MARCH + 40 * DAY });

function told(...commands: readonly MemberCommand[]): {
  state: MemberState;
  events: readonly MemberEvent[];
} {
  let state = memberDecider.initial(MEMBER_STREAM);
  const events: MemberEvent[] = [];
  for (const command of commands) {
    const decided = memberDecider.decide(command, state);
    events.push(...decided);
    state = decided.reduce(memberDecider.evolve, state);
  }
  return { state, events };
}
const linesAfter = (...commands: readonly MemberCommand[]): Line[] =>
  told(...commands).state.recorded.lines();
const booksAfter = (...commands: readonly MemberCommand[]): string[] =>
  linesAfter(...commands)
    .map(textOf)
    .sort();

/** Amounts and counts of what was taken back, by month and kind. */
function byMonth(lines: readonly Line[]): Record<string, string> {
  const sums = new Map<string, bigint[]>();
  for (const line of lines) {
    if (line.kind !== 'reversal' && line.kind !== 'reversedConversion') continue;
    const key = `${line.month} ${line.kind} ${line.referrerId} ${line.currency} ${line.first}`;
    const amounts = [line.saleMinor, line.memberMinor, line.creatorMinor, line.platformMinor];
    const all = line.kind === 'reversal' ? amounts : [...amounts, line.count];
    sums.set(
      key,
      all.map((amount, n) => amount + (sums.get(key)?.[n] ?? 0n)),
    );
  }
  return Object.fromEntries([...sums].map(([key, amounts]) => [key, amounts.join(' ')]));
}

const shuffled = <T>(things: readonly T[]): fc.Arbitrary<T[]> =>
  fc.shuffledSubarray([...things], { minLength: things.length });

describe('a sale that is given back in pieces within a month', () => {
  it('is given back as by one refund of their sum, in whatever pieces, order and moments', () => {
    const seen = { negative: 0, capped: 0, several: 0 };
    fc.assert(
      fc.property(
        anySale.chain((sale) =>
          anyPieces(sale, inMarch).chain((pieces) =>
            fc.record({
              sale: fc.constant(sale),
              pieces: fc.constant(pieces),
              order: shuffled(pieces),
              whole: inMarch,
            }),
          ),
        ),
        ({ sale, pieces, order, whole }) => {
          const sum = pieces.reduce((all, { minor }) => all + minor, 0);
          const lines = linesAfter(paid(sale), ...order.map((piece) => taken(sale, piece)));
          const one = { id: 'rf_one', minor: sum, at: whole };
          expect(byMonth(lines)).toEqual(byMonth(linesAfter(paid(sale), taken(sale, one))));
          seen.capped += sum > sale.minor ? 1 : 0;
          seen.several += pieces.length > 2 ? 1 : 0;
          const shares = lines.flatMap((line) =>
            line.kind === 'reversal'
              ? [line.memberMinor, line.creatorMinor, line.platformMinor]
              : [],
          );
          seen.negative += shares.some((share) => share < 0n) ? 1 : 0;
        },
      ),
      RUNS,
    );
    // Largest remainder is not monotone: without such cases the law would prove little.
    expect(seen.negative).toBeGreaterThan(5);
    expect(seen.capped).toBeGreaterThan(100);
    expect(seen.several).toBeGreaterThan(300);
  });
});

describe('what is taken back at any time', () => {
  const anyStory = anySale.chain((sale) =>
    anyPieces(sale, anywhere).chain((pieces) =>
      fc.record({
        sale: fc.constant(sale),
        pieces: fc.constant(pieces),
        order: shuffled(pieces),
        other: shuffled(pieces),
      }),
    ),
  );

  it('is the same in any order of telling, and repetition adds nothing', () => {
    let restated = 0;
    fc.assert(
      fc.property(anyStory, ({ sale, order, other }) => {
        const [one, two] = [order, [...other, ...other]].map((pieces) =>
          told(paid(sale), ...pieces.map((piece) => taken(sale, piece))),
        );
        expect(two?.state.recorded.lines().map(textOf).sort()).toEqual(
          one?.state.recorded.lines().map(textOf).sort(),
        );
        restated += one?.events.some(({ type }) => type === 'CommissionRestated') ? 1 : 0;
      }),
      RUNS,
    );
    expect(restated).toBeGreaterThan(200);
  });

  it('is never more than the sale, nor leaves any share below zero, and sums to its shares', () => {
    let exhausted = 0;
    fc.assert(
      fc.property(anyStory, ({ sale, order }) => {
        const lines = linesAfter(paid(sale), ...order.map((piece) => taken(sale, piece)));
        const whole = lines.find(({ kind }) => kind === 'sale');
        const back = lines
          .filter(({ kind }) => kind === 'reversal')
          .sort((a, b) => a.at - b.at || (a.sourceId < b.sourceId ? -1 : 1));
        const columns = ['saleMinor', 'memberMinor', 'creatorMinor', 'platformMinor'] as const;
        const left = columns.map((column) => whole?.[column] ?? 0n);
        for (const line of back) {
          columns.forEach((column, n) => {
            left[n] = (left[n] ?? 0n) - line[column];
          });
          expect(left.every((amount) => amount >= 0n)).toBe(true);
          expect(line.saleMinor).toBeGreaterThan(0n);
          expect(line.memberMinor + line.creatorMinor + line.platformMinor).toBe(line.saleMinor);
        }
        const total = order.reduce((sum, { minor }) => sum + minor, 0);
        expect(left[0]).toBe(BigInt(Math.max(0, sale.minor - total)));
        const reversed = lines.filter(({ kind }) => kind === 'reversedConversion');
        const undone = left[0] === 0n && sale.referrer !== undefined;
        expect(reversed.map(({ sourceId }) => sourceId)).toEqual(
          undone ? [back.at(-1)?.sourceId] : [],
        );
        exhausted += undone ? 1 : 0;
      }),
      RUNS,
    );
    expect(exhausted).toBeGreaterThan(100);
  });

  it('leaves nothing behind when it fails or is won: as if it had never been', () => {
    let mattered = 0;
    fc.assert(
      fc.property(anyStory, fc.nat(), fc.nat(), ({ sale, order }, which, when) => {
        const gone = order[which % order.length] as Piece;
        const rest = order.filter((piece) => piece !== gone);
        const undo = taken(sale, gone, gone.id.startsWith('rf') ? 'failed' : 'won');
        const tellings = order.map((piece) => taken(sale, piece));
        // Its end may be told before its success, between or after all.
        tellings.splice(when % (tellings.length + 1), 0, undo);
        const never = booksAfter(paid(sale), ...rest.map((piece) => taken(sale, piece)));
        expect(booksAfter(paid(sale), ...tellings)).toEqual(never);
        mattered +=
          booksAfter(paid(sale), ...order.map((piece) => taken(sale, piece))).join() ===
          never.join()
            ? 0
            : 1;
      }),
      RUNS,
    );
    expect(mattered).toBeGreaterThan(500);
  });

  it('is cancelled in its own month, whenever that is learned', () => {
    fc.assert(
      fc.property(anySale, anywhere, (sale, at) => {
        const piece = { id: 'rf_1', minor: sale.minor, at };
        const { events } = told(paid(sale), taken(sale, piece), taken(sale, piece, 'canceled'));
        const carried = linesCarriedBy(events, MEMBER_STREAM);
        const back = carried.filter(({ kind }) => kind.startsWith('revers'));
        expect(back.length).toBe(sale.referrer === undefined ? 2 : 4);
        expect(new Set(back.map(({ month, day }) => `${month} ${day}`)).size).toBe(1);
        expect(back.map(({ count }) => count).sort()).toEqual(
          back.map((_, n) => (n < back.length / 2 ? -1n : 1n)),
        );
      }),
      RUNS,
    );
  });
});

describe('a member with payments and what was taken of them', () => {
  interface Told {
    readonly payments: readonly { id: string; minor: number; day: number; status: boolean }[];
    readonly pieces: readonly (Piece & { payment: number; states: readonly ReversalState[] })[];
    readonly settings: Settings;
  }
  const anyLife: fc.Arbitrary<Told> = fc.record({
    settings: anySettings,
    payments: fc
      .array(fc.record({ minor: fc.nat(99), day: fc.nat(60), status: fc.boolean() }), {
        minLength: 1,
        maxLength: 4,
      })
      .map((all) => all.map((one, n) => ({ ...one, id: `pay_${n}` }))),
    pieces: fc
      .array(
        fc.record({
          minor: fc.nat(99),
          at: anywhere,
          payment: fc.nat(3),
          states: fc.array(
            fc.constantFrom<ReversalState>(
              ...(['pending', 'requires_action', 'succeeded', 'succeeded'] as const),
              ...(['canceled', 'failed'] as const),
            ),
            { minLength: 1, maxLength: 3 },
          ),
        }),
        { maxLength: 5 },
      )
      .map((all) => all.map((one, n) => ({ ...one, id: `rf_${n}` }))),
  });
  const commandsOf = ({ payments, pieces, settings }: Told): MemberCommand[] => [
    recordMembership({ referrer: 'rui', settings, joinedAt: iso(MARCH - 60 * DAY) }),
    ...payments.map(({ id, minor, day }) =>
      recordPayment({
        payment: id,
        amount: decimalOf(minor, 'usd'),
        paidAt: iso(MARCH - 20 * DAY + day * DAY),
        settings,
      }),
    ),
    ...pieces.flatMap((piece) =>
      piece.states.map((state) =>
        recordReversal({
          id: piece.id,
          payment: payments[piece.payment % payments.length]?.id ?? null,
          amount: decimalOf(piece.minor, 'usd'),
          createdAt: iso(piece.at),
          state,
          settings,
        }),
      ),
    ),
  ];
  /** As the intake does: a refund whose payment has not come yet is told again after it. */
  const inOrder = (commands: readonly MemberCommand[]): MemberCommand[] => [
    ...commands.filter(({ type }) => type === 'RecordPayment' || type === 'RecordMembership'),
    ...commands.filter(({ type }) => type === 'RecordReversal'),
  ];

  it('has in its stream lines whose sum is the books of its facts, in any order', () => {
    const seen = { reversed: 0, moved: 0 };
    fc.assert(
      fc.property(
        anyLife.chain((life) =>
          fc.record({ life: fc.constant(life), order: shuffled(commandsOf(life)) }),
        ),
        ({ life, order }) => {
          const { state, events } = told(...inOrder(order));
          const books = booksOf(state.facts, life.settings);
          const columns = (lines: readonly Line[]) => {
            const sums = new Map<string, bigint>();
            for (const line of lines) {
              const key = [line.kind, line.month, line.referrerId, line.currency].join(' ');
              const { count, saleMinor, memberMinor, creatorMinor, platformMinor } = line;
              [count, saleMinor, memberMinor, creatorMinor, platformMinor].forEach((value, n) => {
                sums.set(`${key} ${n}`, (sums.get(`${key} ${n}`) ?? 0n) + value);
              });
            }
            return Object.fromEntries([...sums].filter(([, sum]) => sum !== 0n).sort());
          };
          expect(columns(linesCarriedBy(events, MEMBER_STREAM))).toEqual(columns(books));
          expect(state.recorded.lines().map(textOf).sort()).toEqual(
            booksAfter(...inOrder(commandsOf(life))),
          );
          seen.reversed += books.some(({ kind }) => kind === 'reversedConversion') ? 1 : 0;
          seen.moved += events.some(({ type }) => type === 'CommissionRestated') ? 1 : 0;
        },
      ),
      RUNS,
    );
    expect(seen.reversed).toBeGreaterThan(50);
    expect(seen.moved).toBeGreaterThan(200);
  });
});
