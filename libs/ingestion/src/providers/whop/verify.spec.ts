import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { Headers } from '../../provider.js';
import { signLegacy, signStandard } from './sign.js';
import { whopProvider } from './whop.provider.js';

// The vectors published with the reference.
const secret = `ws_${'0123456789abcdef'.repeat(4)}`;
const text =
  '{"id":"msg_test","type":"payment.succeeded","api_version":"v1","timestamp":"2025-10-31T23:59:59.999Z","company_id":"biz_1","data":{"id":"pay_1"}}';
const body = Buffer.from(text);
const timestamp = 1_761_955_199;
const V1 = 'i2Gu27DlLlVhsxNwhvOGFmvnYRxvdjBeolr5BRRa4t8=';
const LEGACY = '5ced46650f96022dd75eda50188c30ca5bdeebddad6719c794a76ccf6821ab26';

const standard: Headers = {
  'webhook-id': 'msg_test',
  'webhook-timestamp': String(timestamp),
  'webhook-signature': `v1,${V1}`,
};
const legacy: Headers = { 'x-whop-signature': `t=${timestamp},v1=${LEGACY}` };

const verified = (
  headers: Headers,
  request: { body?: Buffer; secrets?: string[]; at?: number } = {},
) =>
  whopProvider({ secrets: request.secrets ?? [secret] }).verify({
    headers,
    body: request.body ?? body,
    now: (request.at ?? timestamp) * 1000 + 999,
  });
const code = (...args: Parameters<typeof verified>): string => {
  const result = verified(...args);
  return result.ok ? 'ok' : result.code;
};
/** Standard headers, signed right, whatever id and timestamp they carry. */
const signedAs = (id: string, at: string): Headers => {
  const digest = createHmac('sha256', secret).update(`${id}.${at}.`).update(body).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': `v1,${digest}` };
};

describe('a signature', () => {
  it('of the published vectors holds, and names the delivery', () => {
    expect(verified(standard)).toEqual({ ok: true, deliveryId: 'msg_test', generation: 'v1' });
    expect(verified(legacy)).toEqual({
      ok: true,
      deliveryId: 'sha256:14eaa0d0d9cee10aec7a1e9f6ca0232be7174cce4aecd49f2ca86bfeeba23f3b',
      generation: 'legacy',
    });
  });

  it('is made as it is published', () => {
    expect(signStandard({ secret, id: 'msg_test', timestamp, body })).toMatchObject(standard);
    expect(signLegacy({ secret, timestamp, body: text })).toMatchObject(legacy);
  });

  it('covers every byte of the body, as bytes', () => {
    for (let at = 0; at < body.length; at += 7) {
      const changed = Buffer.from(body);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(code(standard, { body: changed })).toBe('signature_mismatch');
      expect(code(legacy, { body: changed })).toBe('signature_mismatch');
    }
    // Both decode to U+FFFD, which is all that a reader of text would see.
    const { 'content-type': _, ...headers } = signStandard({
      secret,
      id: 'msg_test',
      timestamp,
      body: Buffer.from('"\ufffd"'),
    });
    expect(code(headers, { body: Buffer.from([0x22, 0xff, 0x22]) })).toBe('signature_mismatch');
  });

  it('covers the id and the timestamp', () => {
    expect(code({ ...standard, 'webhook-id': 'msg_other' })).toBe('signature_mismatch');
    expect(code({ ...standard, 'webhook-timestamp': '1761955198' })).toBe('signature_mismatch');
    expect(code({ 'x-whop-signature': `t=1761955198,v1=${LEGACY}` })).toBe('signature_mismatch');
  });

  it('may be made with any of the secrets in force', () => {
    expect(code(standard, { secrets: ['new', secret] })).toBe('ok');
    expect(code(legacy, { secrets: [secret, 'new'] })).toBe('ok');
    expect(code(standard, { secrets: ['new', 'newer'] })).toBe('signature_mismatch');
    expect(code(standard, { secrets: [] })).toBe('signature_mismatch');
    expect(() => verified(standard, { secrets: ['whsec_'] })).toThrow(RangeError);
  });

  it('takes the whole ws_ secret as its key, and decodes a whsec_ one', () => {
    const raw = Buffer.from('0123456789abcdef0123456789abcdef');
    const whsec = `whsec_${raw.toString('base64')}`;
    const headers = signStandard({ secret: whsec, id: 'msg_1', timestamp, body });
    const digest = createHmac('sha256', raw).update(`msg_1.${timestamp}.${text}`).digest('base64');
    expect(headers['webhook-signature']).toBe(`v1,${digest}`);
    expect(code(headers, { secrets: [whsec] })).toBe('ok');
    expect(code(headers, { secrets: [raw.toString()] })).toBe('ok');
    expect(code(standard, { secrets: [secret.slice(3)] })).toBe('signature_mismatch');
  });

  it('stands among others while secrets change', () => {
    const other = `v1,${Buffer.alloc(32).toString('base64')}`;
    const among = (...parts: string[]): Headers => ({
      ...standard,
      'webhook-signature': parts.join(' '),
    });
    expect(code(among(other, 'v1a,AAAA', 'v2,x', `v1,${V1}`))).toBe('ok');
    expect(code(among(...Array<string>(7).fill(other), `v1,${V1}`))).toBe('ok');
    expect(code(among(...Array<string>(8).fill(other), `v1,${V1}`))).toBe('signature_malformed');
    expect(code(among(`v1,${V1}`, 'x'.repeat(2_048)))).toBe('signature_malformed');
    expect(code(among(other))).toBe('signature_mismatch');
    expect(code({ 'x-whop-signature': `t=${timestamp}, v1=${'0'.repeat(64)}, v1=${LEGACY}` })).toBe(
      'ok',
    );
  });

  it('has one spelling', () => {
    // The last letter of 32 bytes in base64 has two bits that no decoder looks at.
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
    const same = [...alphabet]
      .map((letter) => `${V1.slice(0, 42)}${letter}=`)
      .filter((one) => Buffer.from(one, 'base64').equals(Buffer.from(V1, 'base64')));
    expect(same).toHaveLength(4);
    expect(
      same.map((one) => code({ ...standard, 'webhook-signature': `v1,${one}` })).sort(),
    ).toEqual(['ok', ...Array<string>(3).fill('signature_malformed')]);
    const capitals = { 'x-whop-signature': `t=${timestamp},v1=${LEGACY.toUpperCase()}` };
    expect(code(capitals)).toBe('signature_malformed');
  });

  it.each<[string, Headers]>([
    ['signature_missing', {}],
    ['signature_missing', { ...standard, 'webhook-signature': undefined }],
    ['signature_missing', { ...standard, 'webhook-id': undefined }],
    ['signature_missing', { ...standard, 'webhook-timestamp': undefined }],
    ['signature_malformed', { ...standard, 'webhook-signature': [`v1,${V1}`, `v1,${V1}`] }],
    ['signature_malformed', { ...standard, 'webhook-id': ['msg_test', 'msg_test'] }],
    ['timestamp_malformed', { ...standard, 'webhook-timestamp': [String(timestamp)] }],
    ['signature_malformed', { 'x-whop-signature': [`t=${timestamp},v1=${LEGACY}`] }],
    ['signature_malformed', { ...standard, 'webhook-signature': '' }],
    ['signature_malformed', { ...standard, 'webhook-signature': V1 }],
    ['signature_malformed', { ...standard, 'webhook-signature': `v1a,${V1}` }],
    ['signature_malformed', { ...standard, 'webhook-signature': `v1,${V1.slice(0, -1)}` }],
    ['signature_malformed', { ...standard, 'webhook-signature': `v1,${LEGACY}` }],
    ['signature_malformed', signedAs('', String(timestamp))],
    ['signature_malformed', signedAs('msg_é', String(timestamp))],
    ['signature_malformed', signedAs('x'.repeat(256), String(timestamp))],
    ['timestamp_malformed', signedAs('msg_1', '1761955199junk')],
    ['timestamp_malformed', signedAs('msg_1', '1761955199.9')],
    ['timestamp_malformed', signedAs('msg_1', ' 1761955199')],
    ['timestamp_malformed', signedAs('msg_1', '+761955199')],
    ['timestamp_malformed', signedAs('msg_1', '')],
    ['timestamp_malformed', { 'x-whop-signature': `v1=${LEGACY}` }],
    ['timestamp_malformed', { 'x-whop-signature': `t=1,t=${timestamp},v1=${LEGACY}` }],
    ['signature_malformed', { 'x-whop-signature': `t=${timestamp}` }],
    ['signature_malformed', { 'x-whop-signature': `t=${timestamp},v1=${V1}` }],
  ])('is refused, never an error: %s %j', (expected, headers) => {
    expect(code(headers)).toBe(expected);
  });

  it('is good for 300 seconds, before and after', () => {
    for (const headers of [standard, legacy]) {
      expect(code(headers, { at: timestamp + 300 })).toBe('ok');
      expect(code(headers, { at: timestamp + 301 })).toBe('timestamp_too_old');
      expect(code(headers, { at: timestamp - 300 })).toBe('ok');
      expect(code(headers, { at: timestamp - 301 })).toBe('timestamp_too_new');
    }
  });
});
