/** Ids and headers that no sender of ours would send. */
import { type Changes, hmac, signatureHeader, standardText } from './genuine.js';

export const CHANGED_HEADERS: Changes = {
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
    const name = signatureHeader(of);
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
