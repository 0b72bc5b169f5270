import { describe, expect, it } from '@jest/globals';
import { addressKey, blocksOf } from './address.js';

describe('an address is counted', () => {
  it.each([
    ['203.0.113.9', '203.0.113.9'],
    ['::ffff:203.0.113.9', '203.0.113.9'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::'],
    ['2001:db8:1:2::1', '2001:db8:1:2::'],
    ['2001:0DB8:0001:0002:ffff:ffff:ffff:ffff', '2001:db8:1:2::'],
    ['2001:db8::1', '2001:db8:0:0::'],
    ['::1', '0:0:0:0::'],
    ['::', '0:0:0:0::'],
    ['1::', '1:0:0:0::'],
    ['', 'unknown'],
    ['x'.repeat(10_000), 'unknown'],
    ['203.0.113.9, 10.0.0.1', 'unknown'],
  ])('%s as %s', (address, key) => {
    expect(addressKey(address)).toBe(key);
  });
});

describe('blocks of addresses', () => {
  const isProxy = blocksOf(['10.0.0.7', '192.168.4.0/24', 'fd00::/8']);

  it.each(['10.0.0.7', '::ffff:10.0.0.7', '192.168.4.255', 'fd12::9'])('hold %s', (address) => {
    expect(isProxy(address)).toBe(true);
  });

  it.each(['10.0.0.8', '192.168.5.1', 'fe80::1', '', 'proxy'])('do not hold %s', (address) => {
    expect(isProxy(address)).toBe(false);
  });

  it('that are none hold nobody', () => {
    expect(blocksOf([])('127.0.0.1')).toBe(false);
  });
});
