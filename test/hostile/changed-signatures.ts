/** Signatures and times that do not hold for the body, however right they look. */
import { createHash } from 'node:crypto';
import type { Random } from '../reference/random.js';
import {
  type Change,
  type Changes,
  type Genuine,
  hmac,
  legacyText,
  signatureHeader,
  standardText,
} from './genuine.js';

const textOf = (of: Genuine): Buffer => (of.isLegacy ? legacyText(of) : standardText(of));

/** The signature header of its generation, with another digest. */
const signedWith = (
  of: Genuine,
  digest: Buffer,
  timestamp: number | string = of.timestamp,
): Change => ({
  headers: of.isLegacy
    ? { 'x-whop-signature': `t=${timestamp},v1=${digest.toString('hex')}` }
    : {
        'webhook-timestamp': String(timestamp),
        'webhook-signature': `v1,${digest.toString('base64')}`,
      },
});

/** Another letter of the same alphabet in its place. */
const swapLetter = (text: string, at: number, random: Random, alphabet: string): string => {
  const others = [...alphabet].filter((letter) => letter !== text[at]);
  return text.slice(0, at) + random.pick(others) + text.slice(at + 1);
};

const HEX = '0123456789abcdef';
const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

export const CHANGED_SIGNATURES: Changes = {
  'a letter of the signature': (of, random) => {
    const name = signatureHeader(of);
    const value = of.headers[name] ?? '';
    // Behind `v1=` or `v1,`, before the sign that fills up.
    const at = value.indexOf('v1') + 3 + random.below(of.isLegacy ? 64 : 43);
    const alphabet = of.isLegacy ? HEX : BASE64;
    return { headers: { [name]: swapLetter(value, at, random, alphabet) } };
  },
  'a signature in capitals': (of) => {
    const name = signatureHeader(of);
    const [head = '', digest = ''] = (of.headers[name] ?? '').split(of.isLegacy ? 'v1=' : 'v1,');
    const upper = digest.toUpperCase();
    return upper === digest
      ? { headers: { [name]: 'v1' } }
      : { headers: { [name]: `${head}${of.isLegacy ? 'v1=' : 'v1,'}${upper}` } };
  },
  'a signature cut off': (of, random) => {
    const name = signatureHeader(of);
    const value = of.headers[name] ?? '';
    return { headers: { [name]: value.slice(0, random.below(value.length)) } };
  },
  'signatures that are none': (of, random) => {
    const none = () =>
      random.pick([
        `v1,${Buffer.alloc(32, random.below(256)).toString('base64')}`,
        'v1,',
        'v1a,AAAA',
        `v0,${hmac('x', of.body).toString('base64')}`,
        'v1,null',
        `v1=${'0'.repeat(64)}`,
      ]);
    const list = Array.from({ length: random.between(1, 9) }, none);
    return of.isLegacy
      ? { headers: { 'x-whop-signature': `t=${of.timestamp},${list.join(',')}` } }
      : { headers: { 'webhook-signature': list.join(' ') } };
  },
  'the right one as the ninth': (of) => {
    const none = of.isLegacy ? `v1=${'0'.repeat(64)}` : `v1,${Buffer.alloc(32).toString('base64')}`;
    const many = Array<string>(8).fill(none);
    if (!of.isLegacy) {
      const list = [...many, of.headers['webhook-signature'] ?? ''];
      return { headers: { 'webhook-signature': list.join(' ') } };
    }
    const [time = '', right = ''] = (of.headers['x-whop-signature'] ?? '').split(',');
    return { headers: { 'x-whop-signature': [time, ...many, right].join(',') } };
  },
  'another secret': (of, random, { secret }) => {
    const keys: readonly (string | Buffer)[] = [
      '',
      secret.slice(3),
      secret.slice(0, -1),
      `${secret}\n`,
      secret.toUpperCase(),
      [...secret].reverse().join(''),
      Buffer.from(secret.slice(3), 'hex'),
      Buffer.from(secret.slice(3), 'base64'),
      Buffer.from(secret, 'base64'),
      Buffer.from(secret).toString('base64'),
      `whsec_${secret}`,
      'undefined',
      'null',
      `ws_${random.below(1e9)}`,
    ];
    return signedWith(of, hmac(random.pick(keys), textOf(of)));
  },
  'another algorithm': (of, random, { secret }) => {
    const plain = createHash('sha256').update(secret).update(textOf(of)).digest();
    const after = createHash('sha256').update(textOf(of)).update(secret).digest();
    const sha512 = hmac(secret, textOf(of), 'sha512').subarray(0, 32);
    const sha1 = Buffer.concat([hmac(secret, textOf(of), 'sha1'), Buffer.alloc(12)]);
    const twice = hmac(secret, hmac(secret, textOf(of)));
    return signedWith(of, random.pick([plain, after, sha512, sha1, twice]));
  },
  'the signature of another generation': (of, random, { secret }) => {
    const standard = hmac(secret, standardText(of));
    const legacy = hmac(secret, legacyText(of));
    return random.pick<Change>([
      signedWith(of, of.isLegacy ? standard : legacy),
      {
        headers: {
          'webhook-id': of.id,
          'webhook-timestamp': String(of.timestamp),
          'webhook-signature': `v1,${legacy.toString('base64')}`,
          'x-whop-signature': undefined,
        },
      },
      {
        headers: {
          'webhook-id': undefined,
          'webhook-timestamp': undefined,
          'webhook-signature': undefined,
          'x-whop-signature': `t=${of.timestamp},v1=${standard.toString('hex')}`,
        },
      },
      signedWith(of, hmac(secret, of.body)),
      signedWith(
        of,
        hmac(secret, Buffer.concat([Buffer.from(`${of.id}${of.timestamp}`), of.body])),
      ),
      signedWith(of, hmac(secret, Buffer.concat([Buffer.from(`${of.id}.`), of.body]))),
    ]);
  },
  'a forgery before a genuine one': (of, _random, { secret }) => {
    const none = Buffer.alloc(32).toString('base64');
    const right = hmac(secret, legacyText(of)).toString('hex');
    return {
      headers: {
        'webhook-id': of.id,
        'webhook-timestamp': String(of.timestamp),
        'webhook-signature': `v1,${none}`,
        'x-whop-signature': `t=${of.timestamp},v1=${right}`,
      },
    };
  },
  'too long ago, or too soon': (of, random, { secret }) => {
    const seconds = random.pick([400, 3_600, 86_400, 1_000_000, -400, -86_400, -1_000_000]);
    const timestamp = of.timestamp - seconds;
    return signedWith(of, hmac(secret, textOf({ ...of, timestamp })), timestamp);
  },
  'another time': (of, random) => {
    const timestamp = of.timestamp + random.between(1, 200) * random.pick([1, -1]);
    return of.isLegacy
      ? {
          headers: {
            'x-whop-signature': (of.headers['x-whop-signature'] ?? '').replace(
              String(of.timestamp),
              String(timestamp),
            ),
          },
        }
      : { headers: { 'webhook-timestamp': String(timestamp) } };
  },
  'a time that is none, signed rightly': (of, random, { secret }) => {
    const text = random.pick([
      `${of.timestamp}junk`,
      `${of.timestamp}.5`,
      `+${of.timestamp}`,
      `0${of.timestamp}`,
      `${of.timestamp}000`,
      `0x${of.timestamp.toString(16)}`,
      `${of.timestamp / 1e9}e9`,
      '',
      'NaN',
      'null',
      '-1',
    ]);
    const head = of.isLegacy ? `${text}.` : `${of.id}.${text}.`;
    return signedWith(of, hmac(secret, Buffer.concat([Buffer.from(head), of.body])), text);
  },
};
