import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { ConfigInvalid, loadConfig } from './config.js';

const problemsOf = (environment: Record<string, string>): string[] => {
  try {
    loadConfig(environment);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigInvalid)) throw error;
    return error.problems.map(({ variable }) => variable);
  }
};
const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const WHOP_JWK = JSON.stringify(pair.publicKey.export({ format: 'jwk' }));
const WHOP_APP_ID = 'app_1';
const OIDC_ISSUER = 'https://login.example.com/';
const OIDC_AUDIENCE = 'flywheel';

describe('the configuration of access', () => {
  it('says where people come from, and who else may say who they are', () => {
    const jwks = 'http://127.0.0.1:9000/keys';
    expect(
      loadConfig({
        PUBLIC_URL: 'https://ledger.example.com/',
        OIDC_ISSUER,
        OIDC_AUDIENCE,
        OIDC_JWKS_URL: jwks,
        WHOP_APP_ID,
        WHOP_JWK,
      }),
    ).toMatchObject({
      publicUrl: 'https://ledger.example.com',
      oidcIssuer: OIDC_ISSUER,
      oidcAudience: OIDC_AUDIENCE,
      oidcJwksUrl: jwks,
      whopAppId: WHOP_APP_ID,
      whopJwk: WHOP_JWK,
    });
  });

  it.each([
    'ledger.example.com',
    'https://ledger.example.com/app',
    'https://ledger.example.com:443',
    'https://me@ledger.example.com',
    'https://LEDGER.example.com',
    'ftp://ledger.example.com',
    'null',
  ])('refuses PUBLIC_URL=%s, which no browser would send as an origin', (PUBLIC_URL) => {
    expect(problemsOf({ PUBLIC_URL })).toEqual(['PUBLIC_URL']);
  });

  it.each([
    'http://login.example.com/keys',
    'http://127.0.0.1.example.com/keys',
    'https://user:password@login.example.com/keys',
    'https://login.example.com/keys#here',
    'file:///etc/keys',
    'login.example.com',
  ])('refuses keys from %s', (url) => {
    expect(problemsOf({ OIDC_ISSUER, OIDC_AUDIENCE, OIDC_JWKS_URL: url })).toEqual([
      'OIDC_JWKS_URL',
    ]);
    expect(problemsOf({ WHOP_APP_ID, WHOP_JWKS_URL: url })).toEqual(['WHOP_JWKS_URL']);
  });

  it.each([
    ['a private key', JSON.stringify(pair.privateKey.export({ format: 'jwk' }))],
    ['a secret', '{"kty":"oct","k":"AAAA"}'],
    ['the example', '{"kty":"EC","crv":"P-256","x":"…","y":"…"}'],
    ['null', 'null'],
    ['no JSON', 'MFkwEwYHKoZIzj0CAQYI'],
  ])('refuses %s as the key of Whop', (_, key) => {
    expect(problemsOf({ WHOP_APP_ID, WHOP_JWK: key })).toEqual(['WHOP_JWK']);
  });

  it.each([
    [{ OIDC_ISSUER }, 'OIDC_AUDIENCE'],
    [{ OIDC_AUDIENCE }, 'OIDC_ISSUER'],
    [{ OIDC_JWKS_URL: 'https://login.example.com/keys' }, 'OIDC_ISSUER'],
    [{ WHOP_JWK }, 'WHOP_APP_ID'],
    [{ WHOP_APP_ID, WHOP_JWK, WHOP_JWKS_URL: 'https://api.whop.com/keys' }, 'WHOP_JWK'],
    [{ WHOP_APP_ID: 'biz_1' }, 'WHOP_APP_ID'],
  ])('refuses half of an arrangement: %j', (environment, variable) => {
    expect(problemsOf(environment as Record<string, string>)).toEqual([variable]);
  });
});
