/** SCRAM-SHA-256 (RFC 5802, RFC 7677) as PostgreSQL keeps it: the server never sees the password itself. */
import { createHash, createHmac, pbkdf2Sync, timingSafeEqual } from 'node:crypto';

const ITERATIONS = 4096;
const STORED = /^SCRAM-SHA-256\$(\d{1,7}):([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/=]+):([A-Za-z0-9+/=]+)$/;

/** What is put where a password goes: `alter role … password '<verifier>'`. The password is ASCII. */
export function scramVerifier(password: string, salt: Buffer, iterations = ITERATIONS): string {
  const salted = pbkdf2Sync(password, salt, iterations, 32, 'sha256');
  const keyed = (text: string): Buffer => createHmac('sha256', salted).update(text).digest();
  const stored = createHash('sha256').update(keyed('Client Key')).digest('base64');
  const server = keyed('Server Key').toString('base64');
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${stored}:${server}`;
}

/** Whether the server keeps this password, from what it keeps (pg_authid.rolpassword). */
export function isPasswordOf(kept: string | null, password: string): boolean {
  const [, iterations = '', salt = ''] = STORED.exec(kept ?? '') ?? [];
  if (kept === null || salt === '') return false;
  const expected = scramVerifier(password, Buffer.from(salt, 'base64'), Number(iterations));
  return (
    expected.length === kept.length && timingSafeEqual(Buffer.from(expected), Buffer.from(kept))
  );
}
