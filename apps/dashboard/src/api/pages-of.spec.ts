import { describe, expect, it } from '@jest/globals';
import { pageOf } from './pages-of.js';

describe('the page of an address of the interface', () => {
  it('of an explanation asks the same question', () => {
    expect(
      pageOf('/api/creators/biz_a/members/user_b/explain?figure=referrals&month=2026-03'),
    ).toBe('/explain?creator=biz_a&member=user_b&figure=referrals&month=2026-03');
    expect(pageOf('/api/creators/biz_a/explain?figure=signUps&state=closed&version=2')).toBe(
      '/explain?creator=biz_a&figure=signUps&state=closed&version=2',
    );
  });

  it('of an event, a stream and a delivery shows it', () => {
    expect(pageOf('/api/audit/events/4711')).toBe('/events/4711');
    expect(pageOf('/api/audit/streams/member-biz_a.user_b')).toBe(
      '/events?stream=member-biz_a.user_b',
    );
    expect(pageOf('/api/admin/deliveries/12')).toBe('/ops/quarantine/12');
  });

  it('keeps whatever an id contains inside of one part', () => {
    expect(pageOf('/api/audit/streams/a%2Fb%26c')).toBe('/events?stream=a%2Fb%26c');
    expect(pageOf('/api/creators/biz_a%3F/explain?figure=tier')).toBe(
      '/explain?creator=biz_a%3F&figure=tier',
    );
  });

  it('of anything else is none', () => {
    expect(pageOf('/api/creators/biz_a')).toBeUndefined();
    expect(pageOf('https://elsewhere.example/api/audit/events/1')).toBeUndefined();
  });
});
