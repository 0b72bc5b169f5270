/**
 * Deliveries that were forged, or genuine ones that were changed on their way: from a seed, without
 * end. None of them may be accepted, so no change is made that leaves a signature right.
 */
import { createHash, createHmac } from 'node:crypto';
import type { HistoryDelivery } from '../reference/histories.js';
import { type Random, randomOf } from '../reference/random.js';
import { paid } from '../reference/told.js';
import { requestOf } from '../reference/wire.js';

export interface Forged {
  /** What was done to it. */
  readonly how: string;
  readonly body: Buffer;
  /** Names as they are sent; a list is the header sent several times. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
}

interface Genuine {
  readonly body: Buffer;
  readonly headers: Record<string, string>;
  readonly id: string;
  readonly timestamp: number;
  readonly isLegacy: boolean;
}

export interface Forging {
  readonly secret: string;
  /** Unix seconds, now. */
  readonly timestamp: number;
}

const GENERATIONS: readonly HistoryDelivery['generation'][] = ['v1', 'v1-pinned', 'v2', 'v5'];

/** A delivery as Whop would send it, the n-th. */
export function genuine(n: number, { secret, timestamp }: Forging): Genuine {
  const generation = GENERATIONS[n % GENERATIONS.length] ?? 'v1';
  const telling = paid(`f${n}`, '2025-05-01T00:00:00Z', { userId: `user_f${n}` });
  const delivery = { deliveryId: `msg_f${n}`, generation, telling };
  const { body, headers } = requestOf(delivery, { secret, timestamp });
  const isLegacy = generation === 'v2' || generation === 'v5';
  return { body: Buffer.from(body), headers: { ...headers }, id: `msg_f${n}`, timestamp, isLegacy };
}

/** The n-th forgery of a seed. */
export function forgery(n: number, seed: number, forging: Forging): Forged {
  const random = randomOf(seed + Math.imul(n, 0x9e3779b1));
  const true_ = genuine(n, forging);
  const name = random.pick(NAMES);
  const changed = CHANGES[name]?.(true_, random, forging) ?? {};
  const headers = { ...true_.headers, ...changed.headers };
  const kept = Object.entries(headers).filter(([, value]) => value !== undefined);
  return {
    how: `${name} of ${true_.isLegacy ? 'legacy' : 'standard'}`,
    body: changed.body ?? true_.body,
    headers: Object.fromEntries(kept) as Forged['headers'],
  };
}

interface Change {
  readonly body?: Buffer;
  readonly headers?: Readonly<Record<string, string | readonly string[] | undefined>>;
}
type Changing = (of: Genuine, random: Random, forging: Forging) => Change;

const hmac = (key: string | Buffer, text: string | Buffer, algorithm = 'sha256'): Buffer =>
  createHmac(algorithm, key).update(text).digest();
const standardText = ({ id, timestamp, body }: Genuine): Buffer =>
  Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body]);
const legacyText = ({ timestamp, body }: Genuine): Buffer =>
  Buffer.concat([Buffer.from(`${timestamp}.`), body]);
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

const bodyOf = (of: Genuine, change: (text: string) => string): Change => {
  const text = of.body.toString('utf8');
  const changed = change(text);
  return { body: Buffer.from(changed === text ? `${text} ` : changed) };
};

const flip = (bytes: Buffer, at: number, bit: number): Buffer => {
  const changed = Buffer.from(bytes);
  changed[at] = (changed[at] ?? 0) ^ (1 << bit);
  return changed;
};

/** Another letter of the same alphabet in its place. */
const swapLetter = (text: string, at: number, random: Random, alphabet: string): string => {
  const others = [...alphabet].filter((letter) => letter !== text[at]);
  return text.slice(0, at) + random.pick(others) + text.slice(at + 1);
};

const HEX = '0123456789abcdef';
const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

const CHANGES: Readonly<Record<string, Changing>> = {
  'a bit of the body': ({ body }, random) => ({
    body: flip(body, random.below(body.length), random.below(8)),
  }),
  'a byte less': ({ body }, random) => {
    const at = random.below(body.length);
    return { body: Buffer.concat([body.subarray(0, at), body.subarray(at + 1)]) };
  },
  'a byte more': ({ body }, random) => {
    const at = random.below(body.length + 1);
    const more = Buffer.from([random.below(256)]);
    return { body: Buffer.concat([body.subarray(0, at), more, body.subarray(at)]) };
  },
  truncated: ({ body }, random) => ({ body: body.subarray(0, random.below(body.length)) }),
  'a splice of two': (of, random, forging) => {
    const other = genuine(random.below(1_000_000) + 4_000_000, forging).body;
    const at = random.between(1, Math.min(of.body.length, other.length) - 1);
    return { body: Buffer.concat([of.body.subarray(0, at), other.subarray(at)]) };
  },
  'another body': (_of, random, forging) => ({
    body: genuine(random.below(1_000_000) + 4_000_000, forging).body,
  }),
  'the same JSON, written otherwise': (of, random) =>
    bodyOf(of, (text) =>
      random.pick([
        JSON.stringify(JSON.parse(text), null, 1),
        text.replace(':', ': '),
        `${text}\n`,
        ` ${text}`,
        `\ufeff${text}`,
        text.replace('a', '\\u0061'),
      ]),
    ),
  'letters that look alike': (of, random) =>
    bodyOf(of, (text) =>
      random.pick([
        text.replace('a', '\u0430'),
        text.replace('e', 'e\u0301'),
        text.replace('"', '\u201c'),
        text.replace(/\d/, '\u0661'),
        text.replace(/[a-z]/, '\ufffd'),
      ]),
    ),
  'bytes that decode to the same': (of) => ({
    body: Buffer.concat([of.body, Buffer.from([0xff])]),
  }),
  'a larger amount': (of, random) =>
    bodyOf(of, (text) => text.replaceAll(/10\b/g, String(random.between(11, 1_000_000)))),
  'a letter of the signature': (of, random) => {
    const name = of.isLegacy ? 'x-whop-signature' : 'webhook-signature';
    const value = of.headers[name] ?? '';
    // Behind `v1=` or `v1,`, before the sign that fills up.
    const at = value.indexOf('v1') + 3 + random.below(of.isLegacy ? 64 : 43);
    const alphabet = of.isLegacy ? HEX : BASE64;
    return { headers: { [name]: swapLetter(value, at, random, alphabet) } };
  },
  'a signature in capitals': (of) => {
    const name = of.isLegacy ? 'x-whop-signature' : 'webhook-signature';
    const [head = '', digest = ''] = (of.headers[name] ?? '').split(of.isLegacy ? 'v1=' : 'v1,');
    const upper = digest.toUpperCase();
    return upper === digest
      ? { headers: { [name]: 'v1' } }
      : { headers: { [name]: `${head}${of.isLegacy ? 'v1=' : 'v1,'}${upper}` } };
  },
  'a signature cut off': (of, random) => {
    const name = of.isLegacy ? 'x-whop-signature' : 'webhook-signature';
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
  'another id': (of, random) =>
    of.isLegacy
      ? { headers: { 'webhook-id': 'msg_other', 'webhook-signature': 'v1,' } }
      : { headers: { 'webhook-id': `msg_f${random.below(1e9) + 1e7}` } },
  'an id that is none, signed rightly': (of, random, { secret }) => {
    const id = random.pick(['', 'x'.repeat(256), 'x'.repeat(4_000)]);
    const digest = hmac(secret, standardText({ ...of, id })).toString('base64');
    return {
      headers: {
        'webhook-id': id,
        'webhook-timestamp': String(of.timestamp),
        'webhook-signature': `v1,${digest}`,
      },
    };
  },
  'headers missing': (of, random) => {
    const names = Object.keys(of.headers).filter((name) => name !== 'content-type');
    return { headers: { [random.pick(names)]: undefined } };
  },
  'headers twice': (of, random) => {
    const names = Object.keys(of.headers).filter((name) => name !== 'content-type');
    const name = random.pick(names);
    const value = of.headers[name] ?? '';
    return {
      headers: {
        [name]: random.pick([
          [value, value],
          [value, 'x'],
          ['x', value],
        ]),
      },
    };
  },
  'a header too long': (of, random) => {
    const name = of.isLegacy ? 'x-whop-signature' : 'webhook-signature';
    const padding = `${of.isLegacy ? ',' : ' '}v9${'x'.repeat(random.between(2_048, 6_000))}`;
    return { headers: { [name]: `${of.headers[name]}${padding}` } };
  },
  'another type': (_of, random) => ({
    headers: {
      'content-type': random.pick([
        'text/plain',
        'application/json; charset=utf-16',
        'application/x-www-form-urlencoded',
        'application/vnd.whop+json',
        'multipart/form-data; boundary=x',
      ]),
    },
  }),
  'said to be compressed': (_of, random) => ({
    headers: { 'content-encoding': random.pick(['gzip', 'br', 'deflate', 'identity, gzip']) },
  }),
};

const NAMES = Object.keys(CHANGES);
