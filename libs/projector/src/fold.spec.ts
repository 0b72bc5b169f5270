import { describe, expect, it } from '@jest/globals';
import { Folder, ProjectionFailed } from './fold.js';
import { sumsOf, text } from './projection.js';
import { register, type ShopEvent, type Visit } from './shop.fixture.js';

const visit = (changes: Partial<Visit> = {}): Visit => ({
  shop: 'A',
  guest: 'g',
  at: 10,
  count: 1n,
  spentMinor: 5n,
  ...changes,
});
const visited = (...visits: Visit[]): ShopEvent => ({ type: 'Visited', visits });
const greeted = (greeting: string | null, at: number): ShopEvent => ({
  type: 'Greeted',
  shop: 'A',
  guest: 'g',
  greeting,
  regular: true,
  at,
});

function fold(...events: ShopEvent[]) {
  const folder = new Folder(register);
  for (const [i, event] of events.entries()) folder.add(event, BigInt(i + 1));
  const folded = folder.take();
  const table = (name: string) => {
    const found = folded.tables.find(({ shape }) => shape.name === name);
    if (found === undefined) throw new Error(`no table ${name}`);
    return found;
  };
  return { folded, table, folder };
}

describe('folding', () => {
  it('adds up sums to one row per key', () => {
    const { table } = fold(
      visited(visit(), visit({ guest: 'h' })),
      visited(visit({ spentMinor: 10_000_000_000_000_000n })),
    );
    expect(table('guests').columns).toEqual([
      '{"A","A"}',
      '{"g","h"}',
      '{2,1}',
      '{10000000000000005,5}',
    ]);
  });

  it('keeps keys apart whose columns only look alike when joined', () => {
    const { table } = fold(
      visited(visit({ shop: 'a', guest: 'bc' }), visit({ shop: 'ab', guest: 'c' })),
    );
    expect(table('guests').rows).toBe(2);
  });

  it('writes no row for sums that cancel out, but still recomputes it', () => {
    const { table } = fold(
      visited(visit(), visit({ guest: 'h' }), visit({ count: -1n, spentMinor: -5n })),
    );
    expect(table('guests').columns).toEqual(['{"A"}', '{"h"}', '{1}', '{5}']);
    expect(table('guests').touched).toEqual(['{"A","A"}', '{"g","h"}']);
    expect(table('shops').touched).toEqual([]);
  });

  it('keeps the latest of a key, whole', () => {
    const { table } = fold(greeted('hello', 1), greeted(null, 2));
    expect(table('greetings').columns).toEqual(['{"A"}', '{"g"}', '{NULL}', '{true}', '{2}']);
  });

  it('numbers lines within their event', () => {
    const { table } = fold(visited(visit(), visit()), visited(visit({ at: 11 })));
    expect(table('entries').columns.slice(0, 2)).toEqual(['{1,1,2}', '{0,1,0}']);
    expect(table('entries').columns[4]).toBe('{10,10,11}');
  });

  it('begins anew after a take', () => {
    const { folder } = fold(visited(visit()));
    expect(folder.rows).toBe(0);
    expect(folder.take()).toMatchObject({ rows: 0, events: 0 });
  });

  it('names the event and the projection that failed', () => {
    const broken = sumsOf<ShopEvent>()({
      name: 'broken',
      version: 1,
      key: { a: text },
      sums: {},
      rows: () => {
        throw new Error('cannot divide a visit');
      },
    });
    const folder = new Folder([broken]);
    expect(() => folder.add(visited(), 7n)).toThrow(ProjectionFailed);
    expect(() => folder.add(visited(), 7n)).toThrow(
      'broken failed at position 7: cannot divide a visit',
    );
  });

  it('refuses rows that lack a column or sum something else than whole numbers', () => {
    const folder = new Folder(register);
    const incomplete = { ...visit(), at: undefined } as unknown as Visit;
    expect(() => folder.add(visited(incomplete), 1n)).toThrow('at is missing');
    const fraction = { ...visit(), count: 0.5 } as unknown as Visit;
    expect(() =>
      new Folder([register[1] as (typeof register)[number]]).add(visited(fraction), 1n),
    ).toThrow('count is not a bigint');
  });
});
