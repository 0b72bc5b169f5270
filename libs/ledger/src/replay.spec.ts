import { describe, expect, it } from '@jest/globals';
import { type PromoteReplay, replayDecider } from './replay.js';
import { replayStream } from './values/ids.js';

const promote: PromoteReplay = {
  type: 'PromoteReplay',
  at: 1_775_275_203,
  reason: 'a row was edited by hand',
  found: {
    position: '41',
    differenceHash: 'a0'.repeat(32),
    tables: [['member_months', '1', '0', '2']],
  },
};
const fresh = () => replayDecider.initial('replay-7');

describe('a replay', () => {
  it('that is promoted says what was found and why it took the place of what served', () => {
    expect(replayDecider.decide(promote, fresh())).toEqual([
      {
        type: 'ReplayPromoted',
        effectiveAt: 1_775_275_203,
        data: { ...promote.found, reason: 'a row was edited by hand' },
      },
    ]);
  });

  it('is promoted once', () => {
    const [event] = replayDecider.decide(promote, fresh());
    if (event === undefined) throw new Error('nothing was decided');
    expect(replayDecider.decide(promote, replayDecider.evolve(fresh(), event))).toEqual([]);
  });

  it.each(['', '  ', 'two\nlines'])('is not promoted for no reason (%j)', (reason) => {
    expect(() => replayDecider.decide({ ...promote, reason }, fresh())).toThrow('reason_required');
  });

  it('has a stream of its own', () => {
    expect(replayStream('7')).toBe('replay-7');
    for (const id of ['', '0', '07', 'x', '-1']) expect(() => replayStream(id)).toThrow('replay');
  });
});
