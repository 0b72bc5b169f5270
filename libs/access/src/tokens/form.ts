/**
 * What a token looks like: `fw_m_<43 characters of base64url>_<6 of base62>`. The first part says to
 * people and to secret scanners what it is (a letter of the role), the second is 256 random bits, the
 * third a CRC-32 of all before it: a slip of the pen is told without asking the database. None of it
 * is a claim: what a token opens is said by its row alone.
 */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Role } from '../principal.js';

/** Roles that a token can have. */
export const TOKEN_ROLES = [
  'admin',
  'creator',
  'member',
  'auditor',
  'cron',
] as const satisfies readonly Role[];
export type TokenRole = (typeof TOKEN_ROLES)[number];

const LETTERS: Readonly<Record<TokenRole, string>> = {
  admin: 'a',
  creator: 'c',
  member: 'm',
  auditor: 'u',
  cron: 's',
};

export const TOKEN_BYTES = 32;
const FORM = /^(fw_[acmus]_[A-Za-z0-9_-]{43}_)([0-9A-Za-z]{6})$/;
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const CHECKSUM_DIGITS = 6;

/** From 32 random bytes. Throws RangeError for any other number of them. */
export function tokenText(role: TokenRole, random: Uint8Array): string {
  if (random.length !== TOKEN_BYTES)
    throw new RangeError(`a token is made of ${TOKEN_BYTES} bytes`);
  const head = `fw_${LETTERS[role]}_${Buffer.from(random).toString('base64url')}_`;
  return head + checksum(head);
}

/** Whether the text could be a token of ours: of its form, and its checksum is right. */
export function isTokenText(text: string): boolean {
  const [, head, sum] = FORM.exec(text) ?? [];
  return head !== undefined && checksum(head) === sum;
}

/** What is kept of it. 256 random bits need no slow hash: nobody can try them all. */
export const tokenDigest = (text: string): Buffer => createHash('sha256').update(text).digest();

function checksum(head: string): string {
  let rest = crc32(head);
  let digits = '';
  for (let n = 0; n < CHECKSUM_DIGITS; n += 1) {
    digits = (DIGITS[rest % DIGITS.length] ?? '') + digits;
    rest = Math.floor(rest / DIGITS.length);
  }
  return digits;
}
