import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  applySettings,
  at,
  booksAfter,
  given,
  type PastOfMember,
  recordMembership,
  recordPayment,
  resolving,
  restatedBy,
  settingsWith,
} from '#libs/testing';
import { DEFAULT_RATES, Settings, type SettingsTimeline, withDated, withZone } from './index.js';

const before = settingsWith();
const other = { memberBps: 3000, creatorBps: 5000, platformBps: 2000 };

describe('settings that changed after a payment was recorded', () => {
  it('divide it by the rates in force at its time', () => {
    const rates = withDated(before.timeline.rates, at('2026-02-01T00:00:00Z'), other);
    const { events } = given(recordPayment({ referrer: 'user_rui' })).when(
      applySettings(settingsWith({ rates })),
    );
    expect(restatedBy(events)).toEqual([
      '-2026-02-01 sale pay_1 by user_rui, first: -4999 usd = -500 + -3499 + -1000',
      '2026-02-01 sale pay_1 by user_rui, first: 4999 usd = 1500 + 2499 + 1000',
    ]);
    expect(events.map(({ data }) => 'because' in data && data.because)).toEqual(['settings']);
  });

  it('leave alone what they do not reach', () => {
    const rates = withDated(before.timeline.rates, at('2026-02-02T00:00:00Z'), other);
    given(recordPayment({ referrer: 'user_rui' }))
      .when(applySettings(settingsWith({ rates })))
      .then();
  });

  it('give it the currency that nobody told, and leave one that was told', () => {
    const currency = withDated(before.timeline.currency, at('2026-02-01T00:00:00Z'), 'kwd');
    const after = settingsWith({ currency });
    const assumed = recordPayment({ currency: null, amount: '49.9' });
    expect(booksAfter(assumed, applySettings(after))).toContain(
      '2026-02-01 sale pay_1 by nobody, first: 49900 kwd = 0 + 49900 + 0',
    );
    given(recordPayment()).when(applySettings(after)).then();
    // Told later, it is what was told.
    expect(
      booksAfter(assumed, applySettings(after), recordPayment({ amount: '49.9', settings: after })),
    ).toEqual(booksAfter(recordPayment({ amount: '49.9' })));
  });

  it('leave it in its currency where the new one has no such amount', () => {
    const currency = withDated(before.timeline.currency, at('2026-02-01T00:00:00Z'), 'jpy');
    given(recordPayment({ currency: null }))
      .when(applySettings(settingsWith({ currency })))
      .then();
  });

  it.each([
    // The month that ends late: the first of April in Auckland is still March for New York.
    ['Pacific/Auckland', 'America/New_York', '2026-03-31T18:00:00Z', '2026-04-01', '2026-03-31'],
    ['America/New_York', 'Pacific/Auckland', '2026-03-31T18:00:00Z', '2026-03-31', '2026-04-01'],
  ])('put it into the month that ends in %s and begins in %s', (old, zone, paidAt, day, now) => {
    const zones = [{ fromMonth: null, timeZone: old }];
    const then = settingsWith({ zones });
    const after = settingsWith({
      zones: withZone(zones, { fromMonth: '2026-04', timeZone: zone }),
    });
    const payment = recordPayment({ paidAt, settings: then });
    expect(booksAfter(payment)[0]).toContain(`${day} sale`);
    expect(booksAfter(payment, applySettings(after))[0]).toContain(`${now} sale`);
    expect(booksAfter(payment, applySettings(after))).toEqual(
      booksAfter(recordPayment({ paidAt, settings: after })),
    );
    // And back, when the zone is ordered to stay.
    const back = settingsWith({ zones: withZone(zones, { fromMonth: '2026-04', timeZone: old }) });
    expect(booksAfter(payment, applySettings(after), applySettings(back))).toEqual(
      booksAfter(payment),
    );
    const late = recordPayment({ paidAt, settings: after });
    expect(booksAfter(late, applySettings(back))).toEqual(booksAfter(payment));
  });

  it('give the same books in any order relative to what is told', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 4 }), fc.array(telling, { maxLength: 5 }), shuffle),
      { numRuns: 200 },
    );
    function shuffle(changes: readonly Change[], tellings: readonly Told[]): void {
      const last = changes.reduce((settings, apply) => apply(settings), before);
      const expected = booksAfter(...tellings.map((tell) => tell(last)));
      // Each telling under what is set by then, each change applied when it comes.
      for (let split = 0; split <= tellings.length; split++) {
        const past: PastOfMember[] = [];
        let settings = before;
        const pending = [...changes];
        tellings.forEach((tell, n) => {
          past.push(tell(settings));
          if (n < split) return;
          const next = pending.shift();
          if (next === undefined) return;
          settings = next(settings);
          past.push(applySettings(settings));
        });
        for (const next of pending) {
          settings = next(settings);
          past.push(applySettings(settings));
        }
        expect(booksAfter(...past)).toEqual(expected);
      }
    }
  });
});

type Change = (settings: Settings) => Settings;
type Told = (settings: Settings) => PastOfMember;

const changed =
  (part: (timeline: SettingsTimeline) => Partial<SettingsTimeline>): Change =>
  ({ timeline }) =>
    new Settings({ ...timeline, ...part(timeline) });
/** Around the end of March, wherever that is. */
const instant = fc.integer({ min: at('2026-03-29T00:00:00Z'), max: at('2026-04-03T00:00:00Z') });
const change: fc.Arbitrary<Change> = fc.oneof(
  fc
    .tuple(instant, fc.constantFrom(DEFAULT_RATES, other))
    .map(([from, rates]) => changed((t) => ({ rates: withDated(t.rates, from, rates) }))),
  fc
    .tuple(instant, fc.constantFrom('usd', 'eur', 'kwd'))
    .map(([from, c]) => changed((t) => ({ currency: withDated(t.currency, from, c) }))),
  fc
    .constantFrom('UTC', 'Pacific/Auckland', 'America/New_York', 'Pacific/Kiritimati')
    .map((timeZone) =>
      changed((t) => ({ zones: withZone(t.zones, { fromMonth: '2026-04', timeZone }) })),
    ),
);
const telling: fc.Arbitrary<Told> = fc
  .tuple(instant, fc.constantFrom('1', '2', '3'), fc.boolean(), fc.boolean())
  .map(([paidAt, id, isTold, isReferred]) => (settings) => {
    const claimed = isReferred
      ? { referrer: 'user_rui' }
      : { claims: [], resolving: [resolving('user_rui')] };
    const iso = new Date(paidAt * 1000).toISOString();
    return id === '3'
      ? recordMembership({ membership: `mem_${paidAt}`, joinedAt: iso, settings, ...claimed })
      : recordPayment({
          payment: `pay_${paidAt}`,
          paidAt: iso,
          currency: isTold ? 'gbp' : null,
          amount: '12.5',
          settings,
          ...claimed,
        });
  });
