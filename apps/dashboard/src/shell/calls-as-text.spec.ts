import { describe, expect, it } from '@jest/globals';
import { addressOf, commandOf, curlOf } from './calls-as-text.js';

describe('a question of a page, as what one types', () => {
  it('is a curl whose token stands in a variable, and whose address is one word', () => {
    expect(curlOf('http://here', '/api/audit/events?limit=1&q=a')).toBe(
      'curl -H "Authorization: Bearer $FLYWHEEL_ADMIN_TOKEN" \'http://here/api/audit/events?limit=1&q=a\'',
    );
  });

  it('is a command that says whose it is, and asks for the same', () => {
    expect(commandOf('/api/creators/biz_demo/top-referrers?month=2025-10&limit=10')).toBe(
      'npx flywheel top --creator biz_demo --month 2025-10 --limit 10',
    );
    expect(commandOf('/api/creators/biz_demo/explain?figure=referrals&throughDay=2025-10-03')).toBe(
      'npx flywheel explain biz_demo referrals --through-day 2025-10-03',
    );
  });

  it('quotes what a shell would read otherwise', () => {
    expect(commandOf('/api/creators/biz_demo/members?q=O%27Brien+%26+co')).toBe(
      "npx flywheel members --creator biz_demo --search 'O'\\''Brien & co'",
    );
  });

  it('is no command where none asks just that', () => {
    expect(commandOf('/api/creators/biz_demo/earnings?by=day')).toBeUndefined();
    expect(commandOf('/api/creators/biz_demo/payments?status=reversed')).toBeUndefined();
    expect(commandOf('/api/creators/biz_demo/explain')).toBeUndefined();
  });

  it('is known by the key of an answer that still stands, where that says all of it', () => {
    const path = { creator: 'biz_demo' };
    const top = '/api/creators/{creator}/top-referrers';
    const init = { params: { path, query: { month: undefined, limit: 10 } } };
    expect(addressOf(['get', top, init])).toBe('/api/creators/biz_demo/top-referrers?limit=10');
    expect(addressOf(['get', top, {}])).toBeUndefined();
    expect(addressOf(['get', top, init, { q: 'more' }])).toBeUndefined();
    expect(addressOf(['me'])).toBeUndefined();
  });
});
