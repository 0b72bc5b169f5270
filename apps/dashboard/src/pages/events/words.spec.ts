import { describe, expect, it } from '@jest/globals';
import { causeText, exportCli, lateText, wantedOf } from './words.js';

describe('what somebody wants to see of the log', () => {
  it.each([
    ['#6183', { kind: 'position', name: '6183' }],
    [' 6183 ', { kind: 'position', name: '6183' }],
    ['#6\u202f183', { kind: 'position', name: '6183' }],
    ['#1 204', { kind: 'position', name: '1204' }],
    [
      '56DA3B60-f786-8fde-9ae2-1d2a6da31e5d',
      { kind: 'event', name: '56da3b60-f786-8fde-9ae2-1d2a6da31e5d' },
    ],
    ['2025-10', { kind: 'moment', name: '2025-10' }],
    ['2025-10-25', { kind: 'moment', name: '2025-10-25' }],
    ['2025-10-25 21:14', { kind: 'moment', name: '2025-10-25T21:14Z' }],
    ['2025-10-25T21:14:07.5Z', { kind: 'moment', name: '2025-10-25T21:14:07.5Z' }],
    ['paymentreceived', { kind: 'type', name: 'PaymentReceived' }],
    ['user_9c1e', { kind: 'member', name: 'user_9c1e' }],
    ['mem_4X', { kind: 'fact', name: 'mem_4X' }],
    ['member-biz_a.user_b', { kind: 'stream', name: 'member-biz_a.user_b' }],
  ])('%j is understood', (text, wanted) => {
    expect(wantedOf(text)).toEqual(wanted);
  });

  it.each(['', '#', '#0', 'nicole', '2025-10-25T', '9'.repeat(16), 'biz_a'])(
    '%j is none of it',
    (text) => {
      expect(wantedOf(text)).toBeUndefined();
    },
  );
});

describe('words about events', () => {
  it('say what made them', () => {
    const nothing = { delivery: null, command: null, actor: null, reason: null };
    expect([
      causeText({ ...nothing, kind: 'delivery', delivery: 3827 }),
      causeText({ ...nothing, kind: 'command', command: 'PinTier', actor: 'admin' }),
      causeText({ ...nothing, kind: 'unknown' }),
    ]).toEqual(['delivery 3\u202f827', 'PinTier by admin', 'of no known cause']);
  });

  it.each([
    ['2025-10-25T12:00:01.400Z', '1.4 s'],
    ['2025-10-25T12:03:59Z', '3 min'],
    ['2025-10-26T11:00:00Z', '23 h'],
    ['2025-10-30T12:00:00Z', '5 days'],
    ['2025-10-25T11:59:59Z', undefined],
  ])('say how late it was recorded: %s', (recordedAt, text) => {
    expect(lateText('2025-10-25T12:00:00Z', recordedAt)).toBe(text);
  });

  it('ask the command line for the same events', () => {
    expect(exportCli({ creator: 'biz_a', type: 'RefundTold', from: '2025-10' })).toBe(
      'npx flywheel events export --creator biz_a --type RefundTold --since 2025-10',
    );
    expect(exportCli({ creator: 'biz_a', stream: 'member-biz_a.user_b' })).toBe(
      'npx flywheel events export --stream member-biz_a.user_b',
    );
  });
});
