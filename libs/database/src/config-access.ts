/**
 * The part of the configuration that says under which address people come, and which others may say
 * who they are: an OpenID Connect issuer, and Whop inside its frame.
 */
import { type DeclaredVariable, holds, says } from './config-rules.js';

export interface AccessConfig {
  /** An origin: `https://ledger.example.com`. Absent: the address that we listen on. */
  readonly publicUrl: string | undefined;
  /** With its audience, or neither. */
  readonly oidcIssuer: string | undefined;
  readonly oidcAudience: string | undefined;
  readonly oidcJwksUrl: string | undefined;
  /** Absent: nobody is known by Whop's word. */
  readonly whopAppId: string | undefined;
  readonly whopJwksUrl: string | undefined;
  /** The text of one public key, in place of an address of keys. */
  readonly whopJwk: string | undefined;
}

const ADDRESS_OF_KEYS =
  'must be an https:// address without a password; http:// on this machine only';

/** 32 bytes of base64url. */
const COORDINATE = /^[A-Za-z0-9_-]{43}$/;

export const accessVariables: readonly DeclaredVariable<keyof AccessConfig>[] = [
  {
    name: 'PUBLIC_URL',
    key: 'publicUrl',
    doc: 'Origin under which people open the dashboard, the only one that may change anything from a browser; unset: HOST and PORT.',
    example: 'https://ledger.example.com',
    parse: (text) => text.replace(/\/$/, ''),
    rules: [
      holds(isOrigin, 'must be an origin such as https://ledger.example.com, without a path'),
    ],
  },
  {
    name: 'OIDC_ISSUER',
    key: 'oidcIssuer',
    doc: 'OpenID Connect issuer whose signed tokens are bearer tokens here, letter for letter as in `iss`.',
    example: 'https://login.example.com/',
    rules: [holds(isSafeAddress, ADDRESS_OF_KEYS)],
  },
  {
    name: 'OIDC_AUDIENCE',
    key: 'oidcAudience',
    doc: 'What `aud` of those tokens must name.',
    example: 'flywheel',
    rules: [says(/^\S{1,255}$/, 'must be a word without spaces')],
  },
  {
    name: 'OIDC_JWKS_URL',
    key: 'oidcJwksUrl',
    doc: "Address of the issuer's keys; unset: /.well-known/jwks.json below OIDC_ISSUER. Nothing is discovered.",
    example: 'https://login.example.com/.well-known/jwks.json',
    rules: [holds(isSafeAddress, ADDRESS_OF_KEYS)],
  },
  {
    name: 'WHOP_APP_ID',
    key: 'whopAppId',
    doc: 'App whose x-whop-user-token shows members themselves; unset: the header is not read.',
    example: 'app_xxxxxxxxxxxxxx',
    rules: [says(/^app_[A-Za-z0-9_]{1,64}$/, 'must be the id of an app, app_…')],
  },
  {
    name: 'WHOP_JWKS_URL',
    key: 'whopJwksUrl',
    doc: "Address of Whop's keys; unset: https://api.whop.com/.well-known/jwks.json.",
    example: 'https://api.whop.com/.well-known/jwks.json',
    rules: [holds(isSafeAddress, ADDRESS_OF_KEYS)],
  },
  {
    name: 'WHOP_JWK',
    key: 'whopJwk',
    doc: "Whop's public key itself, as a JWK, in place of an address.",
    example: '{"kty":"EC","crv":"P-256","x":"…","y":"…"}',
    rules: [holds(isPublicP256, 'must be the JWK of a public P-256 key, without `d`')],
  },
];

/** What each variable for itself cannot know. */
export function contradictionsOfAccess(
  found: Readonly<Record<string, unknown>>,
): { readonly variable: string; readonly problem: string }[] {
  const needs = (variable: string, of: string) =>
    found[of] !== undefined && found[variable] === undefined
      ? [{ variable, problem: `is needed by ${of}` }]
      : [];
  return [
    ...needs('OIDC_AUDIENCE', 'OIDC_ISSUER'),
    ...needs('OIDC_ISSUER', 'OIDC_AUDIENCE'),
    ...needs('OIDC_ISSUER', 'OIDC_JWKS_URL'),
    ...needs('WHOP_APP_ID', 'WHOP_JWKS_URL'),
    ...needs('WHOP_APP_ID', 'WHOP_JWK'),
    ...(found.WHOP_JWK !== undefined && found.WHOP_JWKS_URL !== undefined
      ? [{ variable: 'WHOP_JWK', problem: 'and WHOP_JWKS_URL are two answers: set one of them' }]
      : []),
  ];
}

function isOrigin(value: unknown): boolean {
  const text = value as string;
  if (!URL.canParse(text)) return false;
  const { origin, protocol } = new URL(text);
  return origin === text && (protocol === 'https:' || protocol === 'http:');
}

/** What signs for people must not come from somebody on the way. */
function isSafeAddress(value: unknown): boolean {
  const text = value as string;
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password, hash } = new URL(text);
  const isHere = hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]';
  const plain = username === '' && password === '' && hash === '';
  return plain && (protocol === 'https:' || (protocol === 'http:' && isHere));
}

function isPublicP256(value: unknown): boolean {
  try {
    const { kty, crv, x, y, d } = JSON.parse(value as string) as Record<string, unknown>;
    const isPoint = [x, y].every((one) => typeof one === 'string' && COORDINATE.test(one));
    return kty === 'EC' && crv === 'P-256' && isPoint && d === undefined;
  } catch {
    return false;
  }
}
