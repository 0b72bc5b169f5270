/**
 * What comes with a request without anybody's doing: a browser adds the session's cookie, Whop's
 * frame a token of its own. Who else's page made the browser ask can only be told by the browser.
 */
import type { FastifyRequest } from 'fastify';
import type { Authenticator, Credentials, Principal } from '#libs/access';
import { countHeader } from './headers.js';
import { changesSomething, type OwnOrigins, requireOwnPage } from './origin.js';
import { Problem } from './problem.js';
import { sessionCookie } from './session-cookie.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** For answers that go on: whether who was let in would be let in now; null on anybody's routes. */
    stillLetIn: (() => Promise<boolean>) | null;
  }
}

const WHOP_HEADER = 'x-whop-user-token';

/** Throws 401 `unauthorized` where one of them came twice. */
export function ambientCredentials(
  request: FastifyRequest,
): Pick<Credentials, 'cookie' | 'whopUserToken'> {
  const whopUserToken = request.headers[WHOP_HEADER];
  if (whopUserToken === undefined) return { cookie: sessionCookie(request) };
  if (typeof whopUserToken !== 'string' || countHeader(request.raw.rawHeaders, WHOP_HEADER) > 1)
    throw new Problem(401, 'unauthorized', `Send one ${WHOP_HEADER}.`, {
      headers: { 'www-authenticate': 'Bearer realm="flywheel"' },
    });
  return { cookie: sessionCookie(request), whopUserToken };
}

/**
 * A session changes something for a page of ours alone (403 `origin_refused`). Whom Whop vouches for
 * is shown themselves, in whichever community a path names, and nothing else (403 `forbidden`).
 */
export function requireOwnDoing(
  principal: Principal,
  request: FastifyRequest,
  own: OwnOrigins,
): void {
  const changes = changesSomething(request);
  if (principal.by === 'session' && changes) requireOwnPage(request, own);
  if (principal.role !== 'member' || principal.creatorId !== undefined) return;
  const { member } = request.params as Readonly<Record<string, string | undefined>>;
  const isAboutThem = member !== undefined || request.routeOptions.url === '/api/me';
  if (changes || !isAboutThem)
    throw new Problem(
      403,
      'forbidden',
      "Whop's token shows a member themselves, below /api/creators/:creator/members/:member, and changes nothing.",
    );
}

/** Asks again who it is, in a way that keeps no session awake; false too when nobody can say. */
export const stillLetIn =
  (whoIs: Authenticator, credentials: Credentials, was: Principal) =>
  async (): Promise<boolean> => {
    const now = await whoIs({ ...credentials, again: true }).catch(() => undefined);
    return (
      now !== undefined &&
      now.role === was.role &&
      now.creatorId === was.creatorId &&
      now.memberId === was.memberId
    );
  };
