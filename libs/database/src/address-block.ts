import { isIP } from 'node:net';

/**
 * Whether a text names machines: `10.0.0.7`, `10.0.0.0/8`, `fd00::/8`. A length of 0 is none: it
 * would believe whatever anybody sends.
 */
export function isAddressBlock(text: string): boolean {
  const [address = '', length, ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return false;
  if (length === undefined) return true;
  return /^[1-9]\d{0,2}$/.test(length) && Number(length) <= (version === 4 ? 32 : 128);
}
