import { describe, expect, it } from '@jest/globals';
import { aLine } from '#libs/testing';
import { type Line, NetLines, negated } from './lines.js';

const netOf = (...lines: readonly Line[]): NetLines => {
  const net = new NetLines();
  for (const line of lines) net.add(line);
  return net;
};
const signUp = aLine({
  kind: 'signUp',
  paymentId: '',
  first: false,
  currency: null,
  saleMinor: 0n,
  creatorMinor: 0n,
});

describe('lines', () => {
  it('and their negations leave nothing, whichever comes first', () => {
    const line = aLine();
    expect(netOf(line, negated(line)).lines()).toEqual([]);
    expect(netOf(negated(line), line).lines()).toEqual([]);
    expect(negated(negated(line))).toEqual(line);
  });

  it('are taken back with every amount', () => {
    const line = aLine({ saleMinor: 10n, memberMinor: 1n, creatorMinor: 7n, platformMinor: 2n });
    const { count, saleMinor, memberMinor, creatorMinor, platformMinor } = negated(line);
    expect([count, saleMinor, memberMinor, creatorMinor, platformMinor]).toEqual([
      ...[-1n, -10n, -1n, -7n, -2n],
    ]);
  });

  it.each<[string, Partial<Line>]>([
    ['kind', { kind: 'reversal' }],
    ['source', { sourceId: 'pay_2' }],
    ['payment', { paymentId: 'pay_2' }],
    ['being first', { first: false }],
    ['time', { at: 1 }],
    ['day', { day: '2026-01-31' }],
    ['referrer', { referrerId: 'rui' }],
    ['currency', { currency: 'eur' }],
    ['sale', { saleMinor: 1n }],
    ['member share', { memberMinor: 1n }],
    ['creator share', { creatorMinor: 1n }],
    ['platform share', { platformMinor: 1n }],
  ])('that differ in %s are two', (_, other) => {
    const missing = netOf(aLine()).differenceTo([aLine(other)]);
    expect(missing).toEqual([negated(aLine()), aLine(other)]);
  });

  it('miss what was never recorded and take back what does not stand, that first', () => {
    expect(netOf().differenceTo([aLine(), signUp])).toEqual([aLine(), signUp]);
    expect(netOf(aLine(), signUp).differenceTo([])).toEqual([negated(aLine()), negated(signUp)]);
    expect(netOf(signUp).differenceTo([aLine()])).toEqual([negated(signUp), aLine()]);
    expect(netOf(aLine(), signUp).differenceTo([signUp, aLine()])).toEqual([]);
  });

  it('that stand twice are taken back twice', () => {
    expect(netOf(aLine(), aLine()).differenceTo([aLine()])).toEqual([negated(aLine())]);
    expect(netOf(negated(aLine())).differenceTo([aLine()])).toEqual([aLine(), aLine()]);
  });
});
