import { describe, expect, it } from '@jest/globals';
import { addition, merging, recomputation } from './apply.js';
import { latestOf, sumsOf, text } from './projection.js';
import { shapeOf } from './shape.js';
import { entries, greetings, guests, shops } from './shop.fixture.js';
import { createIndexes, createTable } from './tables.js';

describe('the table of a projection', () => {
  it('of sums has its key as primary key and room to grow in', () => {
    expect(createTable('rm_7', shapeOf(guests), { logged: true })).toBe(
      `create table "rm_7"."guests" (
  shop text collate "C" not null,
  guest text collate "C" not null,
  visits bigint not null,
  spent_minor bigint not null,
  reached_at bigint,
  primary key (shop, guest)
) with (fillfactor = 85)`,
    );
  });

  it('of latest rows may have nulls', () => {
    expect(createTable('rm_7', shapeOf(greetings), { logged: true })).toContain(
      'greeting text collate "C",\n  regular boolean not null,',
    );
  });

  it('of lines gets its key with the indexes, when it is full', () => {
    expect(createTable('rm_7', shapeOf(entries), { logged: false })).toBe(
      `create unlogged table "rm_7"."entries" (
  position bigint not null,
  n integer not null,
  shop text collate "C" not null,
  guest text collate "C" not null,
  at bigint not null,
  count bigint not null,
  spent_minor bigint not null
)`,
    );
    expect(createIndexes('rm_7', shapeOf(entries))).toEqual([
      'alter table "rm_7"."entries" add primary key (position, n)',
      'create index entries_1 on "rm_7"."entries" (shop, guest, at desc)',
    ]);
  });

  it('has the declared indexes, over some rows only where it says so', () => {
    expect(createIndexes('rm_7', shapeOf(guests))).toEqual([
      'create index guests_1 on "rm_7"."guests" (shop, visits desc, reached_at, guest) where visits <> 0',
    ]);
  });
});

describe('the statement of a projection', () => {
  it('adds to sums', () => {
    expect(addition('rm_7', shapeOf(guests))).toBe(
      'insert into "rm_7"."guests" as t (shop, guest, visits, spent_minor)' +
        ' select unnest($1::text[]), unnest($2::text[]), unnest($3::bigint[]), unnest($4::bigint[])' +
        ' on conflict (shop, guest) do update set' +
        ' visits = t.visits + excluded.visits, spent_minor = t.spent_minor + excluded.spent_minor',
    );
  });

  it('replaces what is latest', () => {
    expect(addition('rm_7', shapeOf(greetings))).toContain(
      ' on conflict (shop, guest) do update set' +
        ' greeting = excluded.greeting, regular = excluded.regular, at = excluded.at',
    );
  });

  it('appends lines without looking', () => {
    expect(addition('rm_7', shapeOf(entries))).not.toContain('conflict');
  });

  it('merges the parts of a replay: sums are added up, latest rows are the last, lines are whole', () => {
    expect(merging('rm_7', shapeOf(shops))).toContain(
      'insert into "rm_7"."shops" select t.* from (select shop, sum(visits)::bigint as visits,' +
        ' sum(spent_minor)::bigint as spent_minor from "rm_7"."shops_parts" group by shop' +
        ' having sum(visits) <> 0 or sum(spent_minor) <> 0) as t',
    );
    expect(merging('rm_7', shapeOf(greetings)).join()).toContain(
      '(select distinct on (shop, guest) shop, guest, greeting, regular, at' +
        ' from "rm_7"."greetings_parts" order by shop, guest, flywheel_part desc) as t',
    );
    expect(merging('rm_7', shapeOf(entries))).toEqual(['alter table "rm_7"."entries" set logged']);
  });

  it('recomputes a column for the touched keys', () => {
    expect(recomputation('rm_7', shapeOf(guests))).toMatch(
      /^update "rm_7"."guests" as t set reached_at = \(select max\(v\.at\) from "rm_7"\.visits v[\s\S]*\) from unnest\(\$1::text\[\], \$2::text\[\]\) as k\(shop, guest\) where t\.shop = k\.shop and t\.guest = k\.guest$/,
    );
  });
});

describe('a declaration', () => {
  const sums = sumsOf<object>();

  it('is refused with a key that may be null', () => {
    const declared = latestOf<object>()({
      name: 'a',
      version: 1,
      key: { a: 'optional' },
      columns: { b: text },
      rows: () => [],
    });
    expect(() => shapeOf(declared)).toThrow('cannot be null');
  });

  it('is refused with a name that needs quotes, without a key, and with a column twice', () => {
    const rows = () => [];
    expect(() =>
      shapeOf(sums({ name: 'A b', version: 1, key: { a: text }, sums: {}, rows })),
    ).toThrow('not a snake_case identifier');
    expect(() => shapeOf(sums({ name: 'a', version: 1, key: {}, sums: {}, rows }))).toThrow(
      'no key',
    );
    expect(() =>
      shapeOf(sums({ name: 'a', version: 1, key: { a: text }, sums: { a: 'count' }, rows })),
    ).toThrow('two columns');
  });

  it('is refused with an index that is more than columns and directions', () => {
    const declared = sums({
      name: 'a',
      version: 1,
      key: { a: text },
      sums: {},
      indexes: [{ columns: ['lower(a) desc nulls last'] }],
      rows: () => [],
    });
    expect(() => createIndexes('rm_7', shapeOf(declared))).toThrow('an index column');
  });
});
