import { describe, expect, it } from '@jest/globals';
import picocolors from 'picocolors';
import { eventsOf } from '../event-stream.js';
import { Pace, progressText } from './replay.progress.js';
import { differenceText, type ReplayFound } from './replay.said.js';

const terminal = { colors: picocolors.createColors(false) };
const found: ReplayFound = {
  id: '7',
  state: 'running',
  projections: ['rankings'],
  until: null,
  actor: 'admin',
  reason: null,
  orderedAt: '2026-03-14T12:00:00.000Z',
  errors: 0,
  code: null,
  detail: null,
  progress: {
    phase: 'events',
    table: null,
    position: 11_820,
    head: 18_234,
    eventsPerSecond: 38_200,
  },
  difference: null,
  promotion: null,
};
const plain = (text: string): string => text.replaceAll('\u202f', ' ');

describe('the progress of a replay', () => {
  it('is one line: what, how far, how fast, how long still, and the errors', () => {
    const text = progressText(found, { etaMs: 200, isAtLeast: false });
    expect(plain(text)).toBe(
      'replay rankings  11 820/18 234  64 %  38.2k ev/s  ETA 200 ms  errors 0',
    );
  });

  it('says what it does when no events are read any more, and that nobody has begun', () => {
    const progress = { ...found, progress: { ...found.progress, phase: 'tables', table: 'lines' } };
    expect(progressText(progress as ReplayFound)).toBe('replay rankings  tables  lines  errors 0');
    expect(progressText({ ...found, state: 'ordered', projections: null })).toBe(
      'replay all  waits for a worker  errors 0',
    );
  });

  it('estimates nothing in the first two seconds, then by the pace of the last ten', () => {
    const pace = new Pace();
    expect(pace.estimate(0, 100_000, 0)).toBeUndefined();
    expect(pace.estimate(1_000, 100_000, 1_000)).toBeUndefined();
    expect(pace.estimate(2_000, 100_000, 2_000)).toEqual({ etaMs: 98_000, isAtLeast: false });
    // Ten times as fast from then on: the slow beginning is forgotten.
    let last: ReturnType<Pace['estimate']>;
    for (let second = 3; second <= 14; second++)
      last = pace.estimate(2_000 + (second - 2) * 5_000, 100_000, second * 1_000);
    expect(last?.etaMs).toBeCloseTo((100_000 - 62_000) / 5, 0);
  });

  it('says that it is at least so much while the log grows', () => {
    const pace = new Pace();
    pace.estimate(0, 100, 0);
    const estimate = pace.estimate(50, 110, 4_000);
    expect(estimate).toEqual({ etaMs: 4_800, isAtLeast: true });
    expect(progressText(found, estimate)).toContain('ETA ≥ 4.8 s');
  });
});

describe('the difference of a replay', () => {
  const column = { column: 'earnedMinor', rows: 1, delta: '-9800' };
  const table = { table: 'member_months', compared: 175, missing: 0, extra: 0, changed: 0 };
  const difference = { hash: 'a0', position: 6_239, livePosition: 6_239, rows: 0, stored: 0 };

  it('is a sentence where there is none', () => {
    const none = { ...difference, tables: [{ ...table, columns: [] }] };
    expect(plain(differenceText(terminal, found, none, []))).toBe(
      'Replay 7: nothing differs: 175 rows in 1 tables are what the log says, at position 6 239.',
    );
  });

  it('shows what serves beside what the log says', () => {
    const tables = [{ ...table, changed: 1, missing: 1, columns: [column] }];
    const some = { ...difference, rows: 2, stored: 2, tables };
    const key = { creatorId: 'biz_a', memberId: 'user_b', month: '2025-09', currency: '' };
    const values = { earnedMinor: '15759', referrals: '0' };
    const row = { n: 1, table: 'member_months', kind: 'changed', key, explain: null } as const;
    const rows = [
      { ...row, live: { earnedMinor: '20659' }, replayed: values, columns: ['earnedMinor'] },
      {
        ...{ ...row, n: 2, kind: 'missing' as const, live: null, replayed: values },
        columns: ['earnedMinor', 'referrals'],
      },
    ];
    const text = plain(differenceText(terminal, found, some, rows));
    expect(text).toContain('2 of 175 rows differ from what the log says, at position 6 239:');
    expect(text).toMatch(/member_months +1 +0 +1 +earnedMinor -9800/);
    expect(text).toContain('biz_a user_b 2025-09 —  earnedMinor 20659 → 15759');
    expect(text).toContain('no row → earnedMinor 15759\n'.trim());
    expect(text).not.toContain('referrals 0');
  });
});

describe('a stream of events', () => {
  const chunks = async function* (...texts: string[]): AsyncGenerator<Uint8Array> {
    for (const text of texts) yield Buffer.from(text);
  };

  it('is read however it is cut, without its comments', async () => {
    const whole = 'retry: 2000\n\nid: 4\nevent: progress\ndata: {"name":"Zoë"}\n\n: still here\n\n';
    for (let cut = 1; cut < whole.length; cut++) {
      const bytes = Buffer.from(`${whole}data: 1\ndata: 2\n\ndata: never whole`);
      const parts = async function* (): AsyncGenerator<Uint8Array> {
        yield bytes.subarray(0, cut);
        yield bytes.subarray(cut);
      };
      const events = [];
      for await (const event of eventsOf(parts())) events.push(event);
      expect(events).toEqual([
        { id: '4', event: 'progress', data: '{"name":"Zoë"}' },
        { id: undefined, event: 'message', data: '1\n2' },
      ]);
    }
  });

  it('takes line breaks of either kind', async () => {
    const events = [];
    for await (const event of eventsOf(chunks('event: x\r\ndata: 1\r\n\r\n'))) events.push(event);
    expect(events).toEqual([{ id: undefined, event: 'x', data: '1' }]);
  });
});
