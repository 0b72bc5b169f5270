import { describe, expect, it } from '@jest/globals';
import type { RecordedEvent } from './event-store.js';
import { type UpcastStep, upcastersOf } from './upcasters.js';

const withUnit: UpcastStep = ({ weight, ...data }) => ({ ...data, grams: weight });
const withColours: UpcastStep = ({ colour, ...data }) => ({ ...data, colours: [colour ?? 'none'] });
const { upcast, stamped } = upcastersOf({ ParcelSent: [withUnit, withColours] });

const stored = (type: string, data: object, metadata: object = {}): RecordedEvent => ({
  position: 7n,
  stream: 'parcel-a',
  revision: 2n,
  id: '0198f2c4-7a1b-7c3d-9e5f-a0b1c2d3e4f5',
  type,
  effectiveAt: 1_775_010_600,
  recordedAt: 1_775_010_600_123,
  data: data as RecordedEvent['data'],
  metadata: metadata as RecordedEvent['metadata'],
});

describe('an event in an old shape', () => {
  it('is read in today’s shape, from whichever version it was stored in', () => {
    const today = { colours: ['red'], grams: 40 };
    const first = upcast(stored('ParcelSent', { weight: 40, colour: 'red' }, { actor: 'a' }));
    expect(first.data).toEqual(today);
    expect(first.metadata).toEqual({ actor: 'a', v: 3 });
    expect(upcast(stored('ParcelSent', { grams: 40, colour: 'red' }, { v: 2 })).data).toEqual(
      today,
    );
  });

  it('keeps its place, its time and its stored form', () => {
    const old = stored('ParcelSent', { weight: 40 });
    const copy = structuredClone(old);
    const { data: _, metadata: __, ...header } = upcast(old);
    expect(old).toEqual(expect.objectContaining(header));
    expect(old).toEqual(copy);
  });

  it('is left alone when its shape is today’s, so upcasting twice is upcasting once', () => {
    const native = stored('ParcelSent', { grams: 40, colours: ['red'] }, { v: 3 });
    expect(upcast(native)).toBe(native);
    const unchanged = stored('ParcelLost', {});
    expect(upcast(unchanged)).toBe(unchanged);
    const once = upcast(stored('ParcelSent', { weight: 1 }));
    expect(upcast(once)).toBe(once);
  });

  it.each([
    ['ParcelSent', 4],
    ['ParcelLost', 2],
    ['ParcelSent', 0],
    ['ParcelSent', '2'],
    ['ParcelSent', 1.5],
  ])('is refused when this build does not know %s of version %j', (type, v) => {
    expect(() => upcast(stored(type, {}, { v }))).toThrow(
      expect.objectContaining({ code: 'unknown_event_version' }),
    );
  });

  it('is told apart from a new one, which says its version when that is not the first', () => {
    expect(stamped(stored('ParcelSent', {}, { actor: 'a' })).metadata).toEqual({
      actor: 'a',
      v: 3,
    });
    expect(stamped(stored('ParcelLost', {})).metadata).toEqual({});
  });
});
