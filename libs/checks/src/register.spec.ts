import { describe, expect, it } from '@jest/globals';
import { columnNames, type Shape, shapeOf } from '#libs/projector';
import { register } from '#projections';
import { recomputations } from './checks/read-models.check.js';
import { checks, checksNamed } from './register.js';

const keyOf = (shape: Shape): string[] =>
  shape.kind === 'lines' ? ['position', 'n'] : shape.key.map(({ name }) => name);

describe('the register of checks', () => {
  it('recomputes every column of every read model', () => {
    const declared = register.map(shapeOf).map((shape) => ({
      table: shape.name,
      key: keyOf(shape).sort(),
      values: columnNames(shape)
        .filter((name) => !keyOf(shape).includes(name))
        .sort(),
      sums: shape.kind === 'sums',
    }));
    const recomputed = recomputations.map(({ table, key, values, sums = false }) => ({
      table,
      key: [...key].sort(),
      values: [...values].sort(),
      sums,
    }));
    const byTable = (a: { table: string }, b: { table: string }) => (a.table < b.table ? -1 : 1);
    expect(recomputed.sort(byTable)).toEqual(declared.sort(byTable));
  });

  it('names each check once and says what holds in a sentence', () => {
    expect(new Set(checks.map(({ name }) => name)).size).toBe(checks.length);
    for (const { why } of checks) expect(why).toMatch(/^\S.*\.$/);
  });

  it('knows the read model of each check that a table has, and that a replay repairs it', () => {
    const compared = checks.filter(({ table }) => table !== undefined);
    expect(compared.map(({ table }) => table).sort()).toEqual(
      register.map(({ name }) => name).sort(),
    );
    for (const { remedy } of compared) expect(remedy).toBe('replay');
    const beyondReplay = checks.filter(({ remedy }) => remedy !== 'replay');
    expect(beyondReplay.map(({ name }) => name)).toEqual([
      ...['positions-without-gap', 'revisions-without-gap', 'deliveries-accounted-for'],
      ...['snapshots-as-sealed', 'referrer-loops', 'unresolved-deliveries', 'conflicting-tellings'],
    ]);
  });

  it('finds checks by name, in its own order, and says which there are', () => {
    const names = ['table-lines', 'no-negative'];
    expect(checksNamed(names).map(({ name }) => name)).toEqual(['no-negative', 'table-lines']);
    expect(checksNamed([])).toBe(checks);
    expect(() => checksNamed(['table-lines', 'nonsense'])).toThrow(
      /^check_unknown: there is no check nonsense: there are monthly-referrals, /,
    );
  });
});
