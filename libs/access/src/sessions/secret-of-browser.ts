/** What a browser holds for us, in a cookie or behind the # of an address: 256 random bits, kept as SHA-256. */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const BYTES = 32;
const LETTERS = 43;

/** As it goes into the cookie or the link; nobody can be told it again. */
export const newSecret = (): string => randomBytes(BYTES).toString('base64url');

/** Whether it may be one at all: everything else is refused before the database is asked. */
export const hasFormOfSecret = (text: string): boolean =>
  text.length === LETTERS && /^[A-Za-z0-9_-]+$/.test(text);

export const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

/**
 * Binds a session or link to the admin's configured token: whoever changes FLYWHEEL_ADMIN_TOKEN
 * because it became known ends what was opened with it. Undefined without such a token.
 */
export type Binding = (digest: Buffer) => Buffer | undefined;

export const bindingTo =
  (adminToken: string | undefined): Binding =>
  (digest) =>
    adminToken === undefined || adminToken === ''
      ? undefined
      : createHmac('sha256', adminToken).update('flywheel session\0').update(digest).digest();

/** Whether `proof`, where there is one, is of the token that is configured now. */
export function stillBound(binding: Binding, digest: Buffer, proof: Buffer | null): boolean {
  if (proof === null) return true;
  const now = binding(digest);
  return now !== undefined && now.length === proof.length && timingSafeEqual(now, proof);
}
