/**
 * The session's cookie, read and written as strictly as it is made: its value is base64url, so that
 * nothing is ever decoded, and of two that came nobody can say which is ours.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from './problem.js';

export const SESSION_COOKIE = 'flywheel_session';
/** Strict: no other site's link or form brings it along. Host-only: no `Domain`. */
const ATTRIBUTES = 'Path=/; HttpOnly; SameSite=Strict';

/** All that came under its name. */
export const sessionCookies = ({ headers }: FastifyRequest): string[] =>
  (headers.cookie ?? '').split(';').flatMap((pair) => {
    const [name = '', ...value] = pair.split('=');
    return name.trim() === SESSION_COOKIE ? [value.join('=').trim()] : [];
  });

/** Undefined: none came. Throws 401 `unauthorized` when several did. */
export function sessionCookie(request: FastifyRequest): string | undefined {
  const values = sessionCookies(request);
  if (values.length > 1)
    throw new Problem(401, 'unauthorized', `Send one cookie called ${SESSION_COOKIE}.`);
  return values[0] === '' ? undefined : values[0];
}

export function setSessionCookie(
  reply: FastifyReply,
  secret: string,
  { maxAgeMs, secure }: { readonly maxAgeMs: number; readonly secure: boolean },
): void {
  const age = `Max-Age=${Math.max(0, Math.floor(maxAgeMs / 1000))}`;
  const parts = [`${SESSION_COOKIE}=${secret}`, ATTRIBUTES, age, ...(secure ? ['Secure'] : [])];
  void reply.header('set-cookie', parts.join('; '));
}

/** The browser forgets it. */
export const clearSessionCookie = (reply: FastifyReply, secure: boolean): void =>
  setSessionCookie(reply, '', { maxAgeMs: 0, secure });
