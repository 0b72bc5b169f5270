/** The part of the configuration that says how often anybody may ask, and whose word says who asks. */
import { isIP } from 'node:net';
import { choice, type DeclaredVariable, holds } from './config-rules.js';

export interface LimitsConfig {
  /** Off: only what bounds memory refuses. */
  readonly rateLimit: 'on' | 'off';
  /** Addresses and CIDR blocks whose X-Forwarded-For is believed; empty: nobody's. */
  readonly trustedProxies: readonly string[];
}

export const limitVariables: readonly DeclaredVariable<keyof LimitsConfig>[] = [
  {
    name: 'FLYWHEEL_RATE_LIMIT',
    key: 'rateLimit',
    doc: 'Limits of requests per token and per address: on, or off for a measurement.',
    default: 'on',
    rules: [choice(['on', 'off'])],
  },
  {
    name: 'TRUSTED_PROXIES',
    key: 'trustedProxies',
    doc: 'Proxies whose X-Forwarded-For and -Proto are believed: addresses or CIDR blocks, comma-separated.',
    example: '10.0.0.7, 192.168.4.0/24',
    parse: (text) => text.split(',').map((block) => block.trim()),
    rules: [
      holds(
        (value) => (value as string[]).every(isAddressBlock),
        'must be IP addresses or CIDR blocks, comma-separated; a block of everybody trusts nobody',
      ),
    ],
  },
];

/** `10.0.0.7`, `10.0.0.0/8`, `fd00::/8`. A length of 0 would believe whatever anybody sends. */
function isAddressBlock(text: string): boolean {
  const [address = '', length, ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return false;
  if (length === undefined) return true;
  return /^[1-9]\d{0,2}$/.test(length) && Number(length) <= (version === 4 ? 32 : 128);
}
