import { describe, expect, it } from '@jest/globals';
import { topTable } from './commands/top.command.js';
import { count, duration, instant, money, monthName } from './format.js';
import { Terminal } from './terminal.js';

const plain = new Terminal({ json: false, quiet: false, verbose: false, color: false });

describe('what people read', () => {
  it('writes money in its own currency', () => {
    expect(money(9991, 'usd')).toBe('$99.91');
    expect(money(0, 'usd')).toBe('$0.00');
    expect(money(-50, 'eur')).toBe('-€0.50');
    expect(money(5000, 'jpy')).toBe('5,000 JPY');
  });

  it('writes durations in the unit that fits', () => {
    expect([0.4, 412, 999.4, 999.6, 2449, 59_940, 59_951, 65_000, 3_600_000].map(duration)).toEqual(
      [
        '0 ms',
        '412 ms',
        '999 ms',
        '1.0 s',
        '2.4 s',
        '59.9 s',
        '1 min 00 s',
        '1 min 05 s',
        '60 min 00 s',
      ],
    );
  });

  it('sets thousands apart', () => {
    expect([7, 999, 11_820, 1_000_000].map(count)).toEqual([
      '7',
      '999',
      '11\u202f820',
      '1\u202f000\u202f000',
    ]);
  });

  it('shows instants in the zone that is asked for, whatever the machine’s', () => {
    expect(instant('2025-10-01T03:58:00Z', 'America/New_York')).toBe('2025-09-30 23:58:00 EDT');
    expect(instant('2025-10-01T03:58:00Z', 'UTC')).toBe('2025-10-01 03:58:00 UTC');
    expect(instant(null, 'UTC')).toBe('—');
    expect(monthName('2025-10')).toBe('October 2025');
  });

  it('aligns the table of referrers', () => {
    const row = {
      memberId: 'user_a',
      referralCode: 'ABCD-EFGH',
      currency: 'usd',
      tier: 'Gold',
      pinned: false,
    };
    const table = topTable(plain, [
      {
        ...row,
        rank: 1,
        name: 'Nicole King',
        totalReferrals: 52,
        monthlyReferrals: 3,
        monthlyEarningsMinor: 9991,
      },
      {
        ...row,
        rank: 10,
        name: 'Carolyn Rodriguez',
        totalReferrals: 43,
        monthlyReferrals: 0,
        monthlyEarningsMinor: 0,
      },
    ]);
    expect(table.split('\n')).toEqual([
      ' #  name               total  this month  earned this month  tier',
      ' 1  Nicole King           52           3             $99.91  Gold',
      '10  Carolyn Rodriguez     43           0              $0.00  Gold',
    ]);
  });
});
