import { describe, expect, it } from '@jest/globals';
import { durabilityRefusal, type ServerSettings } from './durability.js';

const safe: ServerSettings = {
  fsync: 'on',
  synchronousCommit: 'on',
  fullPageWrites: 'on',
  version: 150_000,
};

describe('a server that must keep what it acknowledges', () => {
  it.each([['on'], ['remote_apply'], ['remote_write'], ['local']])(
    'is accepted with synchronous_commit = %s',
    (synchronousCommit) => {
      expect(durabilityRefusal({ ...safe, synchronousCommit })).toBeUndefined();
    },
  );

  it.each([
    ['fsync', { fsync: 'off' }],
    ['synchronous_commit', { synchronousCommit: 'off' }],
    ['full_page_writes', { fullPageWrites: 'off' }],
  ])('is refused without %s, and told so', (name, change) => {
    const refusal = durabilityRefusal({ ...safe, ...change });
    expect(refusal?.code).toBe('not_durable');
    expect(refusal?.message).toContain(`switch on ${name} (`);
  });

  it('is refused when it is older than PostgreSQL 15', () => {
    expect(durabilityRefusal({ ...safe, version: 140_012 })?.code).toBe('server_too_old');
  });
});
