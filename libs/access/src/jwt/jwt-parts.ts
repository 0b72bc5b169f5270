/**
 * A signed token as it is written (RFC 7515, compact form), read more strictly than the standard
 * asks: exactly one way to write the same bytes, and no name twice in an object, so that nobody
 * else's parser can have seen another token than ours.
 */

/** Bounded before anything is decoded. */
export const MAX_TOKEN_CHARACTERS = 8 * 1024;

/** Why a token opens nothing. Said in logs and tests; whoever showed it is told only that it is not valid. */
export type RefusalReason =
  | 'too_long'
  | 'malformed'
  | 'name_twice'
  | 'header_refused'
  | 'type'
  | 'algorithm'
  | 'key_unknown'
  | 'signature'
  | 'issuer'
  | 'audience'
  | 'expired'
  | 'not_yet'
  | 'lifetime'
  | 'claims';

export class JwtRefused extends Error {
  override readonly name = 'JwtRefused';

  constructor(
    readonly reason: RefusalReason,
    options?: ErrorOptions,
  ) {
    super(`the token is refused: ${reason}`, options);
  }
}

export type JsonObject = Readonly<Record<string, unknown>>;

export interface JwtParts {
  readonly header: JsonObject;
  readonly payload: JsonObject;
}

/** Three parts with dots between, none of them checked yet: whether somebody meant it to be one. */
export const looksLikeJwt = (text: string): boolean => /^[^.]+\.[^.]*\.[^.]*$/.test(text);

/** Reads header and payload, believes neither. Throws JwtRefused. */
export function partsOfJwt(token: string): JwtParts {
  if (token.length > MAX_TOKEN_CHARACTERS) throw new JwtRefused('too_long');
  const parts = token.split('.');
  const [header, payload, signature] = parts;
  if (parts.length !== 3 || header === undefined || payload === undefined)
    throw new JwtRefused('malformed');
  bytesOf(signature ?? '');
  return { header: objectOf(bytesOf(header)), payload: objectOf(bytesOf(payload)) };
}

/** Base64url without padding, and only as an encoder writes it: no stray letters, no loose last bits. */
function bytesOf(part: string): Buffer {
  const bytes = Buffer.from(part, 'base64url');
  if (part === '' || bytes.toString('base64url') !== part) throw new JwtRefused('malformed');
  return bytes;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function objectOf(bytes: Buffer): JsonObject {
  const text = decoded(bytes);
  const value = parsed(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new JwtRefused('malformed');
  // JSON.parse keeps the last of a name that is given twice; others keep the first.
  if (membersWritten(text) !== membersKept(value)) throw new JwtRefused('name_twice');
  return value as JsonObject;
}

function decoded(bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw new JwtRefused('malformed', { cause });
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new JwtRefused('malformed', { cause });
  }
}

/** Colons outside of strings, of which valid JSON has one for each member. */
const membersWritten = (text: string): number =>
  text.replaceAll(/"(?:[^"\\]|\\.)*"/g, '').split(':').length - 1;

/** Without recursion: how deep it goes is up to whoever wrote it. */
function membersKept(root: object): number {
  let members = 0;
  for (const left: object[] = [root]; left.length > 0; ) {
    const one = left.pop() ?? {};
    if (!Array.isArray(one)) members += Object.keys(one).length;
    for (const value of Object.values(one) as unknown[])
      if (typeof value === 'object' && value !== null) left.push(value);
  }
  return members;
}
