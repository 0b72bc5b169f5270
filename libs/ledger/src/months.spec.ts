import { describe, expect, it } from '@jest/globals';
import {
  at,
  closeMonth,
  givenMonths,
  monthClosed,
  monthRestated,
  restateMonth,
  sealData,
  settingsWith,
} from '#libs/testing';
import { closableAt, dueMonth, monthsDecider, statusOf } from './index.js';

describe('a month that is closed', () => {
  it('is sealed once its grace is over', () => {
    givenMonths().when(closeMonth()).then(monthClosed());
  });

  it('is closed already when it is closed again, whatever is ordered and known by then', () => {
    const again = closeMonth({ blockers: ['a check'], earliestMonth: '2025-01' });
    givenMonths(monthClosed())
      .when({ ...again, seal: sealData({ earnedMinor: 1n }), force: true })
      .then();
    givenMonths(monthClosed(), monthClosed({ month: '2026-03' }))
      .when(closeMonth())
      .then();
  });

  it('is the earliest with an event, and then each in its turn, empty ones too', () => {
    const march = { month: '2026-03', now: '2026-04-04T00:00:00Z', earliestMonth: '2026-02' };
    givenMonths().when(closeMonth(march)).thenRefused('month_out_of_order');
    givenMonths(monthClosed())
      .when(closeMonth(march))
      .then(monthClosed({ month: '2026-03', at: '2026-04-04T00:00:00Z' }));
    givenMonths(monthClosed())
      .when(closeMonth({ ...march, month: '2026-04', now: '2026-06-01T00:00:00Z' }))
      .thenRefused('month_out_of_order');
  });

  it('is none before the first one, even when something of an earlier one is learned later', () => {
    const january = { month: '2026-01', earliestMonth: '2025-12' };
    givenMonths(monthClosed()).when(closeMonth(january)).thenRefused('month_unknown');
    givenMonths()
      .when(closeMonth({ month: '2026-01', earliestMonth: '2026-02' }))
      .thenRefused('month_unknown');
    givenMonths()
      .when(closeMonth({ earliestMonth: undefined }))
      .thenRefused('nothing_to_close');
  });

  it.each(['2026-13', '2026-00', '2026-2', '', 'February', '2026-02-01'])('is not %j', (month) => {
    givenMonths()
      .when({ ...closeMonth(), month })
      .thenRefused('month_malformed');
    givenMonths()
      .when({ ...restateMonth(), month })
      .thenRefused('month_malformed');
  });

  it('has begun', () => {
    for (const force of [false, true])
      givenMonths(monthClosed())
        .when(closeMonth({ month: '2026-04', force, reason: 'now' }))
        .thenRefused('month_in_future');
  });
});

describe('a month that is still running, or in its grace', () => {
  const early = [
    ['month_not_ended', '2026-02-28T23:59:59Z'],
    ['month_in_grace', '2026-03-01T00:00:00Z'],
    ['month_in_grace', '2026-03-03T23:59:59Z'],
  ] as const;

  it.each(early)('is refused with %s at %s, and closed by force with a reason', (code, now) => {
    givenMonths().when(closeMonth({ now })).thenRefused(code);
    givenMonths()
      .when(closeMonth({ now, force: true }))
      .thenRefused('reason_required');
    givenMonths()
      .when(closeMonth({ now, force: true, reason: ' ' }))
      .thenRefused('reason_required');
    givenMonths()
      .when(closeMonth({ now, force: true, reason: 'paid out early' }))
      .then(monthClosed({ at: now, forced: true, reason: 'paid out early' }));
  });

  it('is not said to be forced when force was not needed', () => {
    givenMonths()
      .when(closeMonth({ force: true, reason: 'to be sure' }))
      .then(monthClosed({ reason: 'to be sure' }));
  });

  it('has the grace that was set when it ended', () => {
    const graceHours = [
      { at: 0, value: 72 },
      { at: at('2026-03-01T00:00:01Z'), value: 0 },
    ];
    const settings = settingsWith({ graceHours });
    expect(closableAt(settings, '2026-02')).toBe(at('2026-03-04T00:00:00Z'));
    expect(closableAt(settings, '2026-03')).toBe(at('2026-04-01T00:00:00Z'));
    const now = at('2026-03-02T00:00:00Z');
    expect(statusOf({ month: '2026-02', now, settings }, false)).toBe('closing');
    expect(statusOf({ month: '2026-03', now, settings }, false)).toBe('open');
    expect(statusOf({ month: '2026-02', now, settings }, true)).toBe('closed');
  });

  it('passes 72 elapsed hours, also where the clock is put forward', () => {
    const zones = [{ fromMonth: null, timeZone: 'America/New_York' }];
    // In 2026 that is March 8 in New York: inside of February's grace when it is ten days.
    const settings = settingsWith({ zones, graceHours: [{ at: 0, value: 240 }] });
    expect(closableAt(settings, '2026-02')).toBe(at('2026-03-01T05:00:00Z') + 240 * 3600);
  });
});

describe('a month that is closed by a plan', () => {
  it('is sealed as it was planned, or not at all', () => {
    const { digest } = sealData();
    givenMonths()
      .when({ ...closeMonth(), expectedDigest: digest })
      .then(monthClosed());
    givenMonths()
      .when({ ...closeMonth(), expectedDigest: 'f'.repeat(64) })
      .thenRefused('digest_differs');
  });

  it('is closed already, whatever the plan said', () => {
    givenMonths(monthClosed())
      .when({ ...closeMonth(), expectedDigest: 'f'.repeat(64) })
      .then();
  });
});

describe('what stands in the way of a month', () => {
  it('is not overridden by force', () => {
    for (const force of [false, true])
      givenMonths()
        .when(closeMonth({ force, reason: 'anyway', blockers: ['delivery 7 is parked'] }))
        .thenRefused('month_blocked');
    givenMonths(monthClosed())
      .when(restateMonth({ blockers: ['a check fails'] }))
      .thenRefused('month_blocked');
  });

  it('is told, the first five of it', () => {
    const blockers = ['one', 'two', 'three', 'four', 'five', 'six', 'seven'];
    const state = monthsDecider.initial('months-biz_a');
    const order = () => monthsDecider.decide(closeMonth({ blockers }), state);
    expect(order).toThrow('one; two; three; four; five; and 2 more');
  });
});

describe('a month that is restated', () => {
  it('has a version more, and says which one it replaces and why', () => {
    const { state } = givenMonths(monthClosed()).when(restateMonth()).then(monthRestated());
    expect(state.months.get('2026-02')).toMatchObject({
      seal: { version: 2 },
      closedAt: at('2026-03-04T00:00:00Z'),
      sealedAt: at('2026-03-20T00:00:00Z'),
    });
    expect(dueMonth(state, undefined)).toBe('2026-03');
  });

  it('is restated already when the same is ordered again', () => {
    givenMonths(monthClosed(), monthRestated()).when(restateMonth()).then();
  });

  it('stays as it is when nothing else is known', () => {
    givenMonths(monthClosed())
      .when(restateMonth({ seal: sealData({ version: 2 }) }))
      .then();
  });

  it('is closed, and its present statement known to whoever orders', () => {
    givenMonths().when(restateMonth()).thenRefused('month_not_closed');
    givenMonths(monthClosed())
      .when(restateMonth({ expectedDigest: 'f'.repeat(64) }))
      .thenRefused('digest_differs');
    givenMonths(monthClosed(), monthRestated())
      .when(restateMonth({ reason: 'another one' }))
      .thenRefused('digest_differs');
    givenMonths(monthClosed())
      .when(restateMonth({ reason: '' }))
      .thenRefused('reason_required');
  });
});
