/**
 * Paging against a plain filter over the whole log, with limits so small that every way of looking,
 * every window and every cut is walked, while others append.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { sql } from 'kysely';
import { PostgresEventStore, type RecordedEvent } from '#libs/event-store';
import { type TestDatabase, testDatabase } from '#libs/testing';
import { Browser } from './browse.js';
import { countOf } from './count.js';
import { Exports, lineOf, MAX_EXPORTS } from './export.js';
import type { EventFilter } from './filter.js';
import { positionOfMoment, revisionsAt } from './places.js';
import { COMMON_TYPES, type Order, type ScanLimits } from './scan.js';

const CREATORS = ['biz_a', 'biz_a_b', 'biz_b'];
const MEMBERS = ['user_1', 'user_2'];
const STREAMS = CREATORS.flatMap((creator) => [
  ...MEMBERS.map((member) => `member-${creator}.${member}`),
  `creator-${creator}`,
  `months-${creator}`,
  `snapshot-${creator}_2026-03_v1_00ff`,
]).concat('code-ABCD-2345', 'membership-mem_1');
const TYPES = [
  'PaymentReceived',
  'ClaimResolved',
  'TierPinned',
  'RatesSet',
  'MonthClosed',
] as const;

const SMALL: ScanLimits = {
  lookedAt: 11,
  firstWindow: 3,
  largestWindow: 6,
  fewEvents: 5,
  shortSpan: 4n,
};
const LARGE: ScanLimits = { ...SMALL, lookedAt: 1_000, fewEvents: 1_000 };

describe('paging through the log', () => {
  let test: TestDatabase;
  let store: PostgresEventStore;
  let all: RecordedEvent[];
  beforeAll(async () => {
    test = await testDatabase();
    store = new PostgresEventStore({ db: test.db, url: test.url });
  });
  afterAll(() => test.drop());

  let made = 0;
  /** One append to each stream named, of one event each; each append has a moment of its own. */
  const append = async (chosen: readonly (readonly [stream: string, type: string])[]) => {
    for (const [stream, type] of chosen) {
      made += 1;
      const known = all.filter((event) => event.stream === stream).length;
      const { events } = await store.append([
        {
          stream,
          expectedRevision: known === 0 ? 'no_stream' : BigInt(known - 1),
          events: [
            {
              id: `00000000-0000-4000-8000-${made.toString(16).padStart(12, '0')}`,
              type,
              effectiveAt: 1_775_010_600,
              data: { n: made, lines: [] },
              metadata: { delivery: String(made) },
            },
          ],
        },
      ]);
      all.push(...events);
    }
  };
  // Most of them one person's, in several communities: their streams outgrow a window.
  const whoever = fc.oneof(
    { weight: 2, arbitrary: fc.constantFrom(...CREATORS.map((one) => `member-${one}.user_1`)) },
    { weight: 1, arbitrary: fc.constantFrom(...STREAMS) },
  );
  const written = fc.array(fc.tuple(whoever, fc.constantFrom(...TYPES)), {
    minLength: 1,
    maxLength: 12,
  });

  const matches = (filter: EventFilter, event: RecordedEvent): boolean => {
    const { after = 0n, through = 10n ** 9n, from = 0, before = Infinity } = filter;
    const { position, recordedAt, stream, type } = event;
    const [, creator = '', member] =
      /^(?:member-([^.]+)\.(.+)|creator-(.+)|months-(.+)|snapshot-(.+)_\d{4}-\d\d_v.*)$/
        .exec(stream)
        ?.filter((part) => part !== undefined) ?? [];
    return (
      position > after &&
      position <= through &&
      recordedAt >= from &&
      recordedAt < before &&
      (filter.type === undefined || type === filter.type) &&
      (filter.stream === undefined || stream === filter.stream) &&
      (filter.creatorId === undefined || creator === filter.creatorId) &&
      (filter.memberId === undefined || member === filter.memberId)
    );
  };

  const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 2 });
  const asked = fc.record({
    type: optional(fc.constantFrom(...TYPES)),
    whose: fc.oneof(
      fc.constant({}),
      fc.record({ stream: fc.constantFrom(...STREAMS, 'creator-nobody') }),
      fc.record({ creatorId: fc.constantFrom(...CREATORS, 'biz') }),
      fc.record({ memberId: fc.constantFrom(...MEMBERS, 'user_nobody') }),
      fc.record({ creatorId: fc.constantFrom(...CREATORS), memberId: fc.constantFrom(...MEMBERS) }),
    ),
    after: optional(fc.nat(60).map(BigInt)),
    through: optional(fc.nat(90).map(BigInt)),
    from: optional(fc.nat(100)),
    before: optional(fc.nat(100)),
    order: fc.constantFrom<Order>('newest', 'oldest'),
    limit: fc.integer({ min: 1, max: 7 }),
    limits: fc.constantFrom(SMALL, LARGE),
    meanwhile: written,
  });

  it('shows what a filter lets pass, each once and in order, whatever is appended meanwhile', async () => {
    all = [];
    for (const creator of CREATORS) await append([[`creator-${creator}`, 'RatesSet']]);
    let cuts = 0;
    let pages = 0;
    await fc.assert(
      fc.asyncProperty(asked, async (given) => {
        const { whose, type, after, through, order, limit, limits, meanwhile } = given;
        if (all.length < 60) await append(meanwhile);
        const momentAt = (share: number | undefined) =>
          share === undefined ? undefined : all[Math.floor((share / 101) * all.length)]?.recordedAt;
        const [from, before] = [momentAt(given.from), momentAt(given.before)];
        if (from !== undefined && before !== undefined && from >= before) return;
        const filter: EventFilter = { ...whose, type, after, through, from, before };
        const browser = new Browser(test.db, limits);
        const expected = all.filter((event) => matches(filter, event)).map(({ id }) => id);
        if (order === 'newest') expected.reverse();
        const counted = await browser.count(filter);
        if (counted.isAll) expect(counted.events).toBe(BigInt(expected.length));
        else {
          expect(limits).toBe(SMALL);
          expect(counted.events).toBeLessThanOrEqual(BigInt(expected.length));
        }
        const seen: string[] = [];
        for (let cursor: bigint | undefined, more = true, n = 0; more; n++) {
          const page = await browser.page(filter, { order, limit, cursor });
          expect(page.items.length).toBeLessThanOrEqual(limit);
          if (page.scannedTo !== undefined) {
            cuts += 1;
            expect(page.next).toBe(page.scannedTo);
          } else if (page.next !== undefined) expect(page.items).toHaveLength(limit);
          seen.push(...page.items.map(({ recorded }) => recorded.id));
          pages += 1;
          if (n === 0 && order === 'newest' && all.length < 90) await append(meanwhile.slice(0, 2));
          cursor = page.next;
          more = cursor !== undefined;
        }
        expect(seen).toEqual(expected);
      }),
      { numRuns: 150, seed: 7, endOnFailure: true },
    );
    // The limits were met, and pages were turned.
    expect(cuts).toBeGreaterThan(20);
    expect(pages).toBeGreaterThan(300);
  }, 120_000);

  it('counts no further than it may, and says that there are more', async () => {
    const { scanner } = new Browser(test.db, LARGE);
    const span = { above: 0n, through: BigInt(all.length) };
    const found = all.filter((event) => matches({ memberId: 'user_1' }, event)).length;
    expect(found).toBeGreaterThan(3);
    const most = (n: number) => countOf(scanner, { memberId: 'user_1' }, span, n);
    expect(await most(found)).toEqual({ events: BigInt(found), isAll: true });
    expect(await most(found - 1)).toEqual({ events: BigInt(found - 1), isAll: false });
  });

  it('finds where a moment or a position begins', async () => {
    for (const { position, recordedAt, stream } of all) {
      const first = all.find((event) => event.recordedAt === recordedAt);
      expect(await positionOfMoment(test.db, recordedAt)).toBe(first?.position);
      const before = all.filter((event) => event.stream === stream && event.position < position);
      const [revision] = await revisionsAt(test.db, [stream], position);
      expect(revision).toBe(BigInt(before.length));
    }
    const head = BigInt(all.length);
    expect(await positionOfMoment(test.db, (all.at(-1)?.recordedAt ?? 0) + 1)).toBe(head + 1n);
    expect(await positionOfMoment(test.db, 0)).toBe(1n);
    expect(await revisionsAt(test.db, ['code-NONE', STREAMS[0] ?? ''], 0n)).toEqual([0n, 0n]);
  });

  it('knows which types the index leaves out', async () => {
    const { rows } = await sql<{ indexdef: string }>`
      select indexdef from pg_indexes where indexname = 'events_of_rare_types'`.execute(test.db);
    const named = [...(rows[0]?.indexdef ?? '').matchAll(/'(\w+)'/g)].map(([, type]) => type);
    expect(named.sort()).toEqual([...COMMON_TYPES].sort());
  });

  describe('exports', () => {
    const textOf = async (
      filter: EventFilter,
      exports = new Exports(new Browser(test.db, SMALL)),
    ) => {
      let text = '';
      const { chunks } = await exports.start(filter);
      for await (const chunk of chunks) text += chunk;
      return text;
    };

    it('are the log, and any part of it, whatever the limits', async () => {
      expect(await textOf({})).toBe(all.map(lineOf).join(''));
      for (const filter of [
        { creatorId: 'biz_a' },
        { type: 'TierPinned', after: 5n },
        { memberId: 'user_2', through: 40n },
      ] as const)
        expect(await textOf(filter)).toBe(
          all
            .filter((event) => matches(filter, event))
            .map(lineOf)
            .join(''),
        );
    });

    it('end at the head as it was, and go on behind it', async () => {
      const { chunks, asOf } = await new Exports(new Browser(test.db)).start({});
      await append([['code-ABCD-2345', 'TierPinned']]);
      let text = '';
      for await (const chunk of chunks) text += chunk;
      expect(text.trimEnd().split('\n')).toHaveLength(all.length - 1);
      expect(await textOf({ after: asOf.position })).toBe(all.slice(-1).map(lineOf).join(''));
    });

    it('are few at a time, and each makes room when it is over or left', async () => {
      const exports = new Exports(new Browser(test.db));
      const open = await Promise.all(Array.from({ length: MAX_EXPORTS }, () => exports.start({})));
      await expect(exports.start({})).rejects.toMatchObject({ code: 'exports_busy' });
      open[0]?.close();
      open[0]?.close();
      expect(await textOf({ through: 1n }, exports)).not.toBe('');
      await exports.start({});
      await expect(exports.start({})).rejects.toMatchObject({ code: 'exports_busy' });
    });
  });
});
