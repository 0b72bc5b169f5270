/**
 * The laws of one member's decisions, without a store: order and repetition cannot matter, what is
 * recorded equals the books, asked twice is answered nothing, and every event can be stored.
 */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { checkedAppends, type JsonObject } from '#libs/event-store';
import {
  booksOf,
  calendarOf,
  claimKeysOf,
  DomainError,
  expandLines,
  type Line,
  type MemberEvent,
  type MemberState,
  memberDecider,
  NetLines,
  type Resolving,
  restated,
} from '#libs/ledger';
import { aLine, MEMBER_STREAM, settingsWith, textOf } from '#libs/testing';
import { linesCarriedBy } from './carried.js';
import {
  anyStory,
  anyTelling,
  type Story,
  settingsOfLaws as settings,
  type TellingOfLaws,
} from './stories.js';

const RUNS = { numRuns: 1000 };

interface Life {
  readonly state: MemberState;
  readonly events: readonly MemberEvent[];
  /** After how many decisions its lines named another referrer than before. */
  readonly referrerChanges: number;
  readonly restatements: number;
  readonly conflicts: number;
}

/** Decides commands one after another, as they come of a function that sees the state; refusals are passed over. */
function live(count: number, commandAt: (n: number, state: MemberState) => TellingOfLaws): Life {
  let state = memberDecider.initial(MEMBER_STREAM);
  const events: MemberEvent[] = [];
  let referrerChanges = 0;
  let referrer = referrerOf(state);
  for (let n = 0; n < count; n += 1) {
    const decided = attempt(commandAt(n, state), state);
    events.push(...decided);
    state = decided.reduce((now, event) => memberDecider.evolve(now, event), state);
    const next = referrerOf(state);
    if (referrer !== undefined && next !== referrer) referrerChanges += 1;
    referrer = next;
  }
  const countOf = (type: string): number => events.filter((event) => event.type === type).length;
  const restatements = countOf('CommissionRestated');
  return { state, events, referrerChanges, restatements, conflicts: countOf('ConflictFound') };
}

function attempt(telling: TellingOfLaws, state: MemberState): readonly MemberEvent[] {
  try {
    return memberDecider.decide({ ...telling, settings }, state);
  } catch (error) {
    if (error instanceof DomainError) return [];
    throw error;
  }
}

const referrerOf = (state: MemberState): string | null | undefined =>
  state.recorded.lines()[0]?.referrerId;
const booksText = (state: MemberState): string[] => state.recorded.lines().map(textOf).sort();

/** Tells a story: tellings in the order of `order`, with repetitions, names becoming known on the way. */
function tellStory(story: Story, order: readonly number[]): Life {
  const known = new Map<string, Resolving>();
  const learned = new Map<string, number>();
  const { tellings, names } = story;
  const all = tellings.length + names.length;
  // The rest of the order, so that each telling and each name comes at least once.
  const steps = [...order.map((n) => n % all), ...Array.from({ length: all }, (_, n) => n)];
  const pending = names.flatMap(({ key, history }) => history.map(() => key));
  const knownOf = (keys: readonly string[]): Resolving[] =>
    keys.map((key) => known.get(key) ?? { key, memberId: null });
  const learn = (key: string): void => {
    const history = names.find((name) => name.key === key)?.history ?? [];
    const place = Math.min(learned.get(key) ?? 0, history.length - 1);
    const latest = history[place];
    if (latest !== undefined) known.set(key, { key, ...latest });
    learned.set(key, place + 1);
  };
  return live(steps.length + pending.length, (n, state) => {
    const step = steps[n];
    const telling = step === undefined ? undefined : tellings[step];
    if (telling !== undefined) {
      return { ...telling, resolving: knownOf(telling.claims.map(([, key]) => key)) };
    }
    const name = step === undefined ? undefined : names[step - tellings.length];
    const key = name?.key ?? pending[n - steps.length] ?? '';
    learn(key);
    // As intake does: only those who claim a name are told whose it is.
    const watched = claimKeysOf(state.facts).filter((claimed) => claimed === key);
    return { type: 'ResolveClaims', at: 2_000_000_000, resolving: knownOf(watched) };
  });
}

const anyOrder = fc.array(fc.nat({ max: 1000 }), { maxLength: 20 });

/** Counts in how many runs something happened: a law over stories in which nothing does proves nothing. */
function shares(): {
  note: (name: string, happened: boolean) => void;
  of: (name: string) => number;
} {
  const counts = new Map<string, { runs: number; hits: number }>();
  return {
    note: (name, happened) => {
      const { runs, hits } = counts.get(name) ?? { runs: 0, hits: 0 };
      counts.set(name, { runs: runs + 1, hits: hits + (happened ? 1 : 0) });
    },
    of: (name) => (counts.get(name)?.hits ?? 0) / (counts.get(name)?.runs ?? 1),
  };
}

describe('tellings that do not contradict each other', () => {
  it('give the same books in any order, however often repeated', () => {
    const share = shares();
    fc.assert(
      fc.property(anyStory, anyOrder, anyOrder, (story, order, other) => {
        const [one, two] = [tellStory(story, order), tellStory(story, other)];
        expect(booksText(two.state)).toEqual(booksText(one.state));
        expect(one.conflicts + two.conflicts).toBe(0);
        share.note('referrer changes', one.referrerChanges > 0);
        share.note('restatements', one.restatements > 0);
        share.note('different events', one.events.length !== two.events.length);
        const kinds = one.state.recorded.lines().map((line) => line.kind);
        share.note('conversions', kinds.includes('conversion'));
        share.note('organic sales', kinds.includes('sale') && !kinds.includes('conversion'));
      }),
      RUNS,
    );
    expect(share.of('referrer changes')).toBeGreaterThan(0.05);
    expect(share.of('restatements')).toBeGreaterThan(0.2);
    expect(share.of('different events')).toBeGreaterThan(0.2);
    expect(share.of('conversions')).toBeGreaterThan(0.1);
    expect(share.of('organic sales')).toBeGreaterThan(0.1);
  });
});

describe('any tellings, contradictions too', () => {
  const anyTellings = fc.array(anyTelling, { minLength: 1, maxLength: 14 });

  it('record lines whose sum is the books of the facts, after every decision', () => {
    const share = shares();
    fc.assert(
      fc.property(anyTellings, (tellings) => {
        const { state, events, conflicts, restatements } = live(tellings.length, (n, before) => {
          expect(before.recorded.differenceTo(booksOf(before.facts, settings))).toEqual([]);
          return tellings[n] as TellingOfLaws;
        });
        const carried = linesCarriedBy(events, MEMBER_STREAM);
        expect(sumsOf(carried)).toEqual(sumsOf(booksOf(state.facts, settings)));
        const net = new NetLines();
        for (const line of carried) net.add(line);
        expect(net.differenceTo(booksOf(state.facts, settings))).toEqual([]);
        expect(net.lines().map(textOf).sort()).toEqual(booksText(state));
        share.note('conflicts', conflicts > 0);
        share.note('restatements', restatements > 0);
        share.note(
          'reversals',
          carried.some(({ kind }) => kind === 'reversal'),
        );
      }),
      RUNS,
    );
    expect(share.of('reversals')).toBeGreaterThan(0.01);
    expect(share.of('conflicts')).toBeGreaterThan(0.1);
    expect(share.of('restatements')).toBeGreaterThan(0.1);
  });

  it('asked again are answered nothing, and a refusal stays one', () => {
    const share = shares();
    fc.assert(
      fc.property(anyTellings, (tellings) => {
        const askAgain = (n: number, state: MemberState): void => {
          const told = tellings[n];
          if (told !== undefined) expect(attempt(told, state)).toEqual([]);
        };
        const { state, events } = live(tellings.length, (n, before) => {
          askAgain(n - 1, before);
          return tellings[n] as TellingOfLaws;
        });
        askAgain(tellings.length - 1, state);
        share.note('several events', events.length > 2);
      }),
      RUNS,
    );
    expect(share.of('several events')).toBeGreaterThan(0.3);
  });

  it('make events that the store takes and gives back as they were', () => {
    fc.assert(
      fc.property(anyTellings, (tellings) => {
        const { events } = live(tellings.length, (n) => tellings[n] as TellingOfLaws);
        const [checked] = checkedAppends([
          { stream: MEMBER_STREAM, expectedRevision: 'no_stream', events: events.map(stored) },
        ]);
        const read = checked?.events.map(({ type, effectiveAt, data }) => ({
          ...{ type, effectiveAt, data },
        }));
        expect(read).toEqual(events);
        expect(JSON.parse(JSON.stringify(events))).toEqual(events);
        for (const event of events) {
          if (event.type === 'CommissionRestated') {
            expect(event.data.lines.length).toBeGreaterThan(0);
            expect(event.data.lines.length).toBeLessThanOrEqual(200);
          }
        }
      }),
      RUNS,
    );
  });
});

/** Every column summed by kind, month, referrer and currency, as read models do: added up, not netted. */
function sumsOf(lines: readonly Line[]): Record<string, readonly bigint[]> {
  const sums: Record<string, readonly bigint[]> = {};
  for (const line of lines) {
    const key = [line.kind, line.month, line.referrerId, line.currency].join(' ');
    const amounts = [line.saleMinor, line.memberMinor, line.creatorMinor, line.platformMinor];
    sums[key] = [line.count, ...amounts].map((amount, n) => amount + (sums[key]?.[n] ?? 0n));
  }
  const standing = Object.entries(sums).filter(([, columns]) => columns.some((sum) => sum !== 0n));
  return Object.fromEntries(standing);
}

const stored = ({ type, effectiveAt, data }: MemberEvent, n: number) => ({
  id: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
  type,
  effectiveAt,
  data: data as JsonObject,
  metadata: {},
});

const anyAmount = fc.bigInt({ min: 0n, max: 30n });
const anyLine: fc.Arbitrary<Line> = fc
  .record({
    kind: fc.constantFrom('signUp', 'sale', 'conversion', 'reversal', 'reversedConversion'),
    sourceId: fc.constantFrom('pay_1', 'pay_2', 'mem_1'),
    paymentId: fc.constantFrom('pay_1', 'pay_2', ''),
    first: fc.boolean(),
    at: fc.integer({ min: 0, max: 4_000_000_000 }),
    referrerId: fc.constantFrom(null, 'ana', 'rui'),
    currency: fc.constantFrom(null, 'usd', 'jpy'),
    saleMinor: anyAmount,
    memberMinor: anyAmount,
    creatorMinor: anyAmount,
    platformMinor: anyAmount,
    back: fc.boolean(),
  })
  .map(({ back, ...line }) => {
    const day = calendarOf([{ fromMonth: null, timeZone: 'UTC' }]).dayOf(line.at);
    const whole = aLine({ ...line, day } as Partial<Line>);
    if (!back) return whole;
    return expandLines(
      { type: 'CommissionRestated', effectiveAt: 0, data: { because: '', lines: [backOf(whole)] } },
      whole,
    )[0] as Line;
  });

/** Written out, not negated(): the law of its arithmetic must not lean on it. */
const backOf = (line: Line): ReturnType<typeof restated> => {
  const [kind, source, payment, first, at, day, referrer, currency] = restated(line);
  const minus = (minor: bigint): string => (minor === 0n ? '0' : `-${minor}`);
  return [
    ...([kind, source, payment, first, at, day, referrer, currency, -1] as const),
    minus(line.saleMinor),
    minus(line.memberMinor),
    minus(line.creatorMinor),
    minus(line.platformMinor),
  ];
};

describe('lines', () => {
  it('expand to what they were before they were stored', () => {
    fc.assert(
      fc.property(fc.array(anyLine, { maxLength: 20 }), (lines) => {
        const data = { because: 'pay_1', lines: lines.map(restated) };
        const read = JSON.parse(JSON.stringify(data)) as typeof data;
        const event = { type: 'CommissionRestated', effectiveAt: 0, data: read } as const;
        expect(expandLines(event, aLine())).toEqual(lines);
      }),
      RUNS,
    );
  });

  // A small world of lines, so that the same one comes often.
  const few = fc.array(
    fc.constantFrom(1, 2, 3, 4).map((n) => aLine({ sourceId: `pay_${n}` })),
    { maxLength: 8 },
  );
  const netOf = (...lines: readonly Line[]): NetLines => {
    const net = new NetLines();
    for (const line of lines) net.add(line);
    return net;
  };
  const countsOf = (lines: readonly Line[]): Record<string, number> => {
    const counts: Record<string, number> = {};
    for (const { sourceId, count } of lines) {
      counts[sourceId] = (counts[sourceId] ?? 0) + Number(count);
    }
    return counts;
  };

  it('with their difference to others are those others, and nothing is taken back in vain', () => {
    fc.assert(
      fc.property(few, few, (have, want) => {
        const difference = netOf(...have).differenceTo(want);
        expect(netOf(...have, ...difference).differenceTo(want)).toEqual([]);
        expect(netOf(...want).differenceTo([...have, ...difference])).toEqual([]);
        const [had, wanted] = [countsOf(have), countsOf(want)];
        const least = ['pay_1', 'pay_2', 'pay_3', 'pay_4'].reduce(
          (sum, id) => sum + Math.abs((had[id] ?? 0) - (wanted[id] ?? 0)),
          0,
        );
        expect(difference).toHaveLength(least);
        const signs = difference.map(({ count }) => count);
        expect(signs).toEqual([...signs].sort((a, b) => Number(a - b)));
      }),
      RUNS,
    );
  });

  it('differ in nothing from themselves, in any order', () => {
    fc.assert(
      fc.property(fc.array(anyLine, { maxLength: 12 }), (lines) => {
        expect(netOf(...lines).differenceTo([...lines].reverse())).toEqual([]);
      }),
      RUNS,
    );
  });
});

describe('the books', () => {
  it('of nobody are empty', () => {
    expect(booksOf(memberDecider.initial(MEMBER_STREAM).facts, settingsWith())).toEqual([]);
  });
});
