/** Addresses of machines: whom one is counted as, and whether it is a proxy that we believe. */
import { BlockList, isIP, isIPv4 } from 'node:net';

const MAPPED = '::ffff:';
/** Groups of an IPv6 address that its owner cannot choose: whoever has a /64 has all below it. */
const NETWORK_GROUPS = 4;

/**
 * Who an address stands for when it is counted: an IPv4 address as it is, also where it is mapped
 * into IPv6; of IPv6 the network of 64 bits; what is no address is one for all of them.
 */
export function addressKey(address: string): string {
  const version = isIP(address);
  // A proxy that is believed can still pass on nonsense, of any length.
  if (version === 0) return 'unknown';
  if (version === 4) return address;
  if (address.toLowerCase().startsWith(MAPPED) && address.includes('.'))
    return address.slice(MAPPED.length);
  const [before = '', after] = address.split('::');
  const head = before === '' ? [] : before.split(':');
  // What `::` leaves out is zeros; what follows it counts from the end, and is cut off with the rest.
  const tail = after === undefined || after === '' ? [] : after.split(':');
  const zeros = after === undefined ? 0 : 8 - head.length - tail.length;
  const groups = [...head, ...Array<string>(Math.max(0, zeros)).fill('0'), ...tail];
  return `${groups
    .slice(0, NETWORK_GROUPS)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::`;
}

/** Whether a peer is one of these addresses and CIDR blocks. */
export function blocksOf(blocks: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const block of blocks) {
    const [network = '', length] = block.split('/');
    const family = isIPv4(network) ? 'ipv4' : 'ipv6';
    list.addSubnet(network, Number(length ?? (family === 'ipv4' ? 32 : 128)), family);
  }
  return (address) => {
    const plain = address.startsWith(MAPPED) ? address.slice(MAPPED.length) : address;
    const version = isIP(plain);
    return version !== 0 && list.check(plain, version === 4 ? 'ipv4' : 'ipv6');
  };
}
