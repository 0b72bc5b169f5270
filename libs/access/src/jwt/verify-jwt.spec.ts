import { describe, expect, it } from '@jest/globals';
import {
  AUDIENCE,
  GOOD_CLAIMS,
  hmacToken,
  ISSUER,
  keysIn,
  NOW,
  part,
  signingKey,
  tokenOf,
  verification,
} from './issuer.fixture.js';
import { JwtRefused, type RefusalReason } from './jwt-parts.js';
import { CLOCK_SKEW_SECONDS, verifyJwt } from './verify-jwt.js';

const ec = signingKey('ec-1', 'ES256');
const otherEc = signingKey('ec-2', 'ES256');
const rsa = signingKey('rsa-1', 'RS256');
const ed = signingKey('ed-1', 'EdDSA');
const p384 = signingKey('p384', 'ES384');
const stranger = signingKey('ec-1', 'ES256');
const how = verification(keysIn([ec, otherEc, rsa, ed, p384]));

const HEADER = { alg: 'ES256', kid: 'ec-1', typ: 'JWT' };
const header = (changes: object) => ({ ...HEADER, ...changes });
const claims = (changes: object) => ({ ...GOOD_CLAIMS, ...changes });
const without = (name: string) =>
  Object.fromEntries(Object.entries(GOOD_CLAIMS).filter(([key]) => key !== name));
const signed = (changes: object): string => tokenOf(HEADER, claims(changes), ec);
const withHeader = (changes: object): string => tokenOf(header(changes), GOOD_CLAIMS, ec);

const good = tokenOf(HEADER, GOOD_CLAIMS, ec);
const [head = '', body = '', mark = ''] = good.split('.');
const publicPem = (): string => {
  const { n = '' } = rsa.jwk;
  return n;
};
const flipped = (text: string): string =>
  text.slice(0, 10) + (text[10] === 'A' ? 'B' : 'A') + text.slice(11);
/** The last letter of 64 bytes holds four bits that mean nothing: the same bytes in other letters. */
const sameBytes = (text: string): string => {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return text.slice(0, -1) + letters[letters.indexOf(text.at(-1) ?? '') + 1];
};

/** What each is, how it is refused. Every one of them is well signed unless its name says otherwise. */
const CORPUS: Readonly<Record<string, readonly [token: string, reason: RefusalReason]>> = {
  'alg none, no signature': [`${part(header({ alg: 'none' }))}.${body}.`, 'malformed'],
  'alg none, with the old signature': [
    `${part(header({ alg: 'none' }))}.${body}.${mark}`,
    'algorithm',
  ],
  'alg NONE': [withHeader({ alg: 'NONE' }), 'algorithm'],
  'no alg': [withHeader({ alg: undefined }), 'algorithm'],
  'alg as a list': [withHeader({ alg: ['ES256'] }), 'algorithm'],
  'HS256 with the public key': [
    hmacToken(header({ alg: 'HS256', kid: 'rsa-1' }), GOOD_CLAIMS, publicPem()),
    'algorithm',
  ],
  'HS256 with the JWK as its secret': [
    hmacToken(header({ alg: 'HS256' }), GOOD_CLAIMS, JSON.stringify(ec.jwk)),
    'algorithm',
  ],
  'ES384, which the key set has and we do not take': [
    tokenOf(header({ alg: 'ES384', kid: 'p384' }), GOOD_CLAIMS, p384),
    'algorithm',
  ],
  'ES256 of the key of RS256': [withHeader({ kid: 'rsa-1' }), 'key_unknown'],
  'RS256 of the key of ES256': [tokenOf(header({ alg: 'RS256' }), GOOD_CLAIMS, rsa), 'key_unknown'],
  'key of another kid': [tokenOf(HEADER, GOOD_CLAIMS, otherEc), 'signature'],
  'key of a stranger under our kid': [tokenOf(HEADER, GOOD_CLAIMS, stranger), 'signature'],
  'kid that nobody has': [withHeader({ kid: 'ec-9' }), 'key_unknown'],
  'kid as a path': [withHeader({ kid: '../../../../dev/null' }), 'key_unknown'],
  'kid as SQL': [withHeader({ kid: "' union select 'key' -- " }), 'key_unknown'],
  'kid of 10,000 characters': [withHeader({ kid: 'k'.repeat(5000) }), 'header_refused'],
  'empty kid': [withHeader({ kid: '' }), 'header_refused'],
  'kid as a number': [withHeader({ kid: 1 }), 'header_refused'],
  'no kid among several keys': [withHeader({ kid: undefined }), 'key_unknown'],
  jku: [withHeader({ jku: 'https://evil.example/keys' }), 'header_refused'],
  x5u: [withHeader({ x5u: 'https://evil.example/cert' }), 'header_refused'],
  'jwk that signs for itself': [
    tokenOf(header({ jwk: stranger.jwk }), GOOD_CLAIMS, stranger),
    'header_refused',
  ],
  x5c: [withHeader({ x5c: ['MIIB'] }), 'header_refused'],
  'unknown crit': [withHeader({ crit: ['exp'], exp: NOW + 60 }), 'header_refused'],
  'empty crit': [withHeader({ crit: [] }), 'header_refused'],
  'b64 false': [withHeader({ b64: false, crit: ['b64'] }), 'header_refused'],
  'a token within a token': [withHeader({ cty: 'JWT' }), 'header_refused'],
  encrypted: [withHeader({ enc: 'A256GCM' }), 'header_refused'],
  'wrong typ': [withHeader({ typ: 'logout+jwt' }), 'type'],
  'typ of a proof of possession': [withHeader({ typ: 'application/dpop+jwt' }), 'type'],
  'typ as a number': [withHeader({ typ: 1 }), 'type'],
  'wrong issuer': [signed({ iss: 'https://login.example.com' }), 'issuer'],
  'issuer that begins like ours': [signed({ iss: `${ISSUER}evil` }), 'issuer'],
  'issuers as a list': [signed({ iss: [ISSUER] }), 'issuer'],
  'no issuer': [tokenOf(HEADER, without('iss'), ec), 'issuer'],
  'wrong audience': [signed({ aud: 'another' }), 'audience'],
  'audiences without ours': [signed({ aud: ['another', 'third'] }), 'audience'],
  'audience as an object': [signed({ aud: { [AUDIENCE]: true } }), 'audience'],
  'audience that contains ours': [signed({ aud: `${AUDIENCE} another` }), 'audience'],
  'no audience': [tokenOf(HEADER, without('aud'), ec), 'audience'],
  'nbf to come': [signed({ nbf: NOW + CLOCK_SKEW_SECONDS + 1 }), 'not_yet'],
  'iat to come': [signed({ iat: NOW + CLOCK_SKEW_SECONDS + 1 }), 'not_yet'],
  'nbf as a text': [signed({ nbf: '1' }), 'claims'],
  expired: [signed({ iat: NOW - 800, exp: NOW - 100 }), 'expired'],
  'expired by the skew': [signed({ exp: NOW - CLOCK_SKEW_SECONDS }), 'expired'],
  'no exp': [tokenOf(HEADER, without('exp'), ec), 'claims'],
  'exp null': [signed({ exp: null }), 'claims'],
  'exp as a text': [signed({ exp: String(NOW + 60) }), 'claims'],
  'exp without end': [
    tokenOf(HEADER, JSON.stringify(GOOD_CLAIMS).replace(/"exp":\d+/, '"exp":1e999'), ec),
    'claims',
  ],
  'exp below zero': [signed({ exp: -1 }), 'claims'],
  'no iat': [tokenOf(HEADER, without('iat'), ec), 'claims'],
  'iat as a text': [signed({ iat: String(NOW) }), 'claims'],
  'a life of 16 minutes': [signed({ iat: NOW - 60, exp: NOW + 900 }), 'lifetime'],
  'a life of a year': [signed({ exp: NOW + 31_536_000 }), 'lifetime'],
  'a life of a year that begins in a year': [
    signed({ iat: NOW + 31_536_000, exp: NOW + 31_536_600 }),
    'not_yet',
  ],
  'no subject': [tokenOf(HEADER, without('sub'), ec), 'claims'],
  'subject as a number': [signed({ sub: 17 }), 'claims'],
  'subject of 300 characters': [signed({ sub: 's'.repeat(300) }), 'claims'],
  'payload changed after it was signed': [
    `${head}.${part(claims({ flywheel_role: 'admin' }))}.${mark}`,
    'signature',
  ],
  'one letter of the signature changed': [`${head}.${body}.${flipped(mark)}`, 'signature'],
  'signature too short': [
    `${head}.${body}.${Buffer.from(mark, 'base64url').subarray(0, 63).toString('base64url')}`,
    'signature',
  ],
  'signature too long': [
    `${head}.${body}.${Buffer.concat([Buffer.from(mark, 'base64url'), Buffer.from([0])]).toString('base64url')}`,
    'signature',
  ],
  'signature of zeros': [`${head}.${body}.${Buffer.alloc(64).toString('base64url')}`, 'signature'],
  'signature in other letters of the same bytes': [
    `${head}.${body}.${sameBytes(mark)}`,
    'malformed',
  ],
  'signature with padding': [`${good}==`, 'malformed'],
  'standard base64': [`${head}.${body}.${mark.slice(0, -1)}+`, 'malformed'],
  'a space before': [` ${good}`, 'malformed'],
  'a line break after': [`${good}\n`, 'malformed'],
  'two parts': [`${head}.${body}`, 'malformed'],
  'four parts': [`${good}.${mark}`, 'malformed'],
  'five parts, as an encrypted token has': [`${good}.${mark}.${mark}`, 'malformed'],
  nothing: ['', 'malformed'],
  dots: ['..', 'malformed'],
  'header as a list': [tokenOf([HEADER], GOOD_CLAIMS, ec), 'malformed'],
  'payload as a list': [tokenOf(HEADER, [GOOD_CLAIMS], ec), 'malformed'],
  'payload null': [tokenOf(HEADER, null, ec), 'malformed'],
  'payload that is no JSON': [tokenOf(HEADER, 'role=admin', ec), 'malformed'],
  'payload with a byte that is no UTF-8': [
    `${head}.${Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]).toString('base64url')}.${mark}`,
    'malformed',
  ],
  'role given twice': [
    tokenOf(
      HEADER,
      `{"flywheel_role":"creator",${JSON.stringify(claims({ flywheel_role: 'admin' })).slice(1)}`,
      ec,
    ),
    'name_twice',
  ],
  'exp given twice': [
    tokenOf(HEADER, `{"exp":${NOW + 9e9},${JSON.stringify(GOOD_CLAIMS).slice(1)}`, ec),
    'name_twice',
  ],
  'a name given twice within': [
    tokenOf(HEADER, `{"act":{"a":1,"a":2},${JSON.stringify(GOOD_CLAIMS).slice(1)}`, ec),
    'name_twice',
  ],
  'a name given twice, once in escapes': [
    tokenOf(HEADER, `{"\\u0065xp":1,${JSON.stringify(GOOD_CLAIMS).slice(1)}`, ec),
    'name_twice',
  ],
  'alg given twice': [
    tokenOf('{"alg":"none","alg":"ES256","kid":"ec-1"}', GOOD_CLAIMS, ec),
    'name_twice',
  ],
  '10 MB': [signed({ filler: 'x'.repeat(10_000_000) }), 'too_long'],
  'a little more than 8 KB': [signed({ filler: 'x'.repeat(6000) }), 'too_long'],
};

const reasonOf = async (token: string): Promise<RefusalReason | 'believed'> => {
  try {
    await verifyJwt(token, how);
    return 'believed';
  } catch (error) {
    if (error instanceof JwtRefused) return error.reason;
    throw error;
  }
};

describe('a signed token', () => {
  it.each([
    ['ES256', tokenOf(HEADER, GOOD_CLAIMS, ec)],
    ['RS256', tokenOf({ alg: 'RS256', kid: 'rsa-1', typ: 'at+jwt' }, GOOD_CLAIMS, rsa)],
    ['EdDSA without typ', tokenOf({ alg: 'EdDSA', kid: 'ed-1' }, GOOD_CLAIMS, ed)],
    ['an audience among others', signed({ aud: ['another', AUDIENCE] })],
    ['colons, braces and quotes in its texts', signed({ x: '{"a":1,"a":2}', y: '\\":' })],
    ['the whole quarter of an hour', signed({ iat: NOW, exp: NOW + 900 })],
    ['a clock that is ahead by the skew', signed({ iat: NOW + 30, nbf: NOW + 30, exp: NOW + 930 })],
    ['an end that the skew still covers', signed({ exp: NOW - CLOCK_SKEW_SECONDS + 1 })],
  ])('is believed: %s', async (_, token) => {
    const { subject, all } = await verifyJwt(token, how);
    expect(subject).toBe('person-17');
    expect(all.flywheel_role).toBe('creator');
  });

  it.each(Object.entries(CORPUS))('is refused: %s', async (_, [token, reason]) => {
    expect(await reasonOf(token)).toBe(reason);
  });

  it('is refused whichever of its bits is another', async () => {
    const bytes = Buffer.from(good);
    const believed: number[] = [];
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const other = Buffer.from(bytes);
      other[bit >> 3] = (other[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      if ((await reasonOf(other.toString('latin1'))) === 'believed') believed.push(bit);
    }
    expect(believed).toEqual([]);
  });

  it('does not decode what is too long', async () => {
    const before = process.memoryUsage().heapUsed;
    const long = 'x'.repeat(10_000_000);
    expect(await reasonOf(`${long}.${long}.${long}`)).toBe('too_long');
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(64_000_000);
  });
});
