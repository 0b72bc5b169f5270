import { describe, expect, it } from '@jest/globals';
import { type Cell, csvHeader, csvRows } from './csv.js';
import { fileName, wantsCsv } from './exports.js';
import { Problem } from './problem.js';

const columns = {
  one: ([value]: readonly [Cell, Cell]) => value,
  two: ([, value]: readonly [Cell, Cell]) => value,
};
const lineOf = (one: Cell, two: Cell = 'x'): string => csvRows(columns, [[one, two]]);

describe('a line of CSV', () => {
  it('follows a header, and ends with CR LF', () => {
    expect(csvHeader(columns)).toBe('one,two\r\n');
    expect(lineOf('a', 'b')).toBe('a,b\r\n');
    expect(csvRows(columns, [])).toBe('');
  });

  it.each<[Cell, string]>([
    ['plain', 'plain'],
    ['Águas', 'Águas'],
    ['a,b', '"a,b"'],
    ['say "a"', '"say ""a"""'],
    ['two\nlines', '"two\nlines"'],
    ['two\r\nlines', '"two\r\nlines"'],
    [' kept ', '" kept "'],
    ['\u001b[31mred\u0007', '\ufffd[31mred\ufffd'],
    ['\u0085\u009b', '\ufffd\ufffd'],
    ['\u0000=1+1', '\ufffd=1+1'],
    ['', ''],
    [null, ''],
    [true, 'true'],
    [4999, '4999'],
    [-500, '-500'],
    [-9_007_199_254_740_993n, '-9007199254740993'],
  ])('holds %j as %j', (cell, written) => {
    expect(lineOf(cell)).toBe(`${written},x\r\n`);
  });

  it.each([
    ['=1+1', "'=1+1"],
    ['+49 170', "'+49 170"],
    ['-500', "'-500"],
    ['@sum', "'@sum"],
    ['  =1+1', "'  =1+1"],
    ['\t=1', "'\t=1"],
    ['\rcmd', '"\'\rcmd"'],
    ['\ncmd', '"\'\ncmd"'],
    ['＝1+1', "'＝1+1"],
    ['Bob;=1+1', "Bob;'=1+1"],
    ['Bob\t =1+1', "Bob\t '=1+1"],
    ['Bob\n@sum', '"Bob\n\'@sum"'],
    ['=HYPERLINK("http://x","y")', `"'=HYPERLINK(""http://x"",""y"")"`],
  ])('holds no formula: %j is %j', (cell, written) => {
    expect(lineOf(cell)).toBe(`${written},x\r\n`);
  });
});

describe('CSV is asked for', () => {
  const asked = (
    accept: string | undefined,
    format?: 'csv' | 'json',
    query: object = {},
  ): boolean => wantsCsv({ request: { headers: { accept }, query } } as never, format);

  it.each<[string | undefined, boolean]>([
    [undefined, false],
    ['*/*', false],
    ['application/json', false],
    ['text/html,application/xhtml+xml,*/*;q=0.8', false],
    ['text/csv', true],
    ['Text/CSV; charset=utf-8', true],
    ['text/csv;q=0.9, */*;q=0.1', true],
    ['text/csv;q=0', false],
    ['application/json, text/csv', false],
    ['application/json;q=0.5, text/csv', true],
  ])('by the header %s: %s', (accept, expected) => {
    expect(asked(accept)).toBe(expected);
  });

  it('by the parameter, whatever the header says', () => {
    expect(asked('application/json', 'csv')).toBe(true);
    expect(asked('text/csv', 'json')).toBe(false);
  });

  it('as a whole, never by the page', () => {
    for (const query of [{ limit: '10' }, { cursor: 'x' }]) {
      expect(() => asked('text/csv', undefined, query)).toThrow(Problem);
      expect(asked(undefined, 'json', query)).toBe(false);
    }
  });

  it('and comes in a file that says what it is', () => {
    expect(fileName(['biz_a', 'payments', '2026-03', undefined, 'usd'])).toBe(
      'flywheel-biz_a-payments-2026-03-usd.csv',
    );
  });
});
