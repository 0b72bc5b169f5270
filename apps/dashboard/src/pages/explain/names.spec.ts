import { describe, expect, it } from '@jest/globals';
import type { Explanation } from '../../api/reads.js';
import { cliOf } from './names.js';

const found = {
  subject: { creatorId: 'biz_demo', memberId: 'user_a' },
  figure: 'monthlyEarningsMinor',
  ...{ month: '2025-09', day: null, throughDay: null, currency: 'usd', state: 'closed' },
  ...{ origin: '2025-08', source: null },
} as unknown as Explanation;

describe('an explanation for the command line', () => {
  it('asks for the same version and origin', () => {
    expect(cliOf(found, '2')).toBe(
      'npx flywheel explain user_a monthlyEarningsMinor --creator biz_demo --month 2025-09 ' +
        '--currency usd --state closed --version 2 --origin 2025-08',
    );
  });

  it('asks for the days up to the same one', () => {
    const soFar = { ...found, origin: null, state: 'known', throughDay: '2025-09-26' } as const;
    expect(cliOf(soFar, undefined)).toContain(' --month 2025-09 --through-day 2025-09-26 ');
  });

  it('asks for the latest version when none was asked for', () => {
    expect(cliOf({ ...found, origin: null }, undefined)).not.toMatch(/--(version|origin)/);
  });
});
