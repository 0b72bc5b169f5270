/** Referral codes: how they are drawn, read and compared (product.md, "People"). */
import { hash } from 'node:crypto';

/**
 * Thirty signs. Left out: 0 and O, 1, I and L, which are read for one another, and U, which is read
 * for V and spells words.
 */
export const CODE_ALPHABET = '23456789ABCDEFGHJKMNPQRSTVWXYZ';
const BASE = BigInt(CODE_ALPHABET.length);
const LENGTH = 8;

/**
 * The code `XXXX-YYYY` of a member's nth draw (from 0), a function of nothing but its arguments, so
 * that replaying or asking twice draws the same. When the code is another member's, draw the next.
 */
export function drawCode(creatorId: string, userId: string, attempt: number): string {
  const digest = hash('sha256', `${creatorId}\u0000${userId}\u0000${attempt}`, 'hex');
  // 2^256 is so far above 30^8 that the remainder favours no code measurably.
  let rest = BigInt(`0x${digest}`);
  let signs = '';
  for (let n = 0; n < LENGTH; n += 1) {
    signs += CODE_ALPHABET.charAt(Number(rest % BASE));
    rest /= BASE;
  }
  return `${signs.slice(0, LENGTH / 2)}-${signs.slice(LENGTH / 2)}`;
}

/**
 * The form in which codes are compared: trimmed, upper case. Only `a` to `z` are raised: a foreign
 * letter that Unicode folds to one of ours (`ſ` to `S`) is not that code.
 */
export function normalCode(text: string): string {
  return text.trim().replace(/[a-z]+/g, (letters) => letters.toUpperCase());
}

/** Whether a member or an admin may choose this code, given in its normal form. */
export const isVanityCode = (code: string): boolean => /^[A-Z0-9-]{4,24}$/.test(code);

/**
 * The drawn code that people would read this one for: dashes are overlooked, and U is read for V,
 * which no drawn code holds. Undefined: it looks like none.
 */
export function drawnCodeLike(code: string): string | undefined {
  const signs = code.replaceAll('-', '').replaceAll('U', 'V');
  if (signs.length !== LENGTH || ![...signs].every((sign) => CODE_ALPHABET.includes(sign))) {
    return undefined;
  }
  return `${signs.slice(0, LENGTH / 2)}-${signs.slice(LENGTH / 2)}`;
}
