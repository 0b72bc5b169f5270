/**
 * Which pages may change something in a browser's name: our own. What a browser adds to a request by
 * itself (the session's cookie) is believed only beside an `Origin` that is ours, which no page can
 * choose for itself (RFC 6454; Fetch, "Origin header"). Programs that show a token are not asked.
 */
import type { FastifyRequest } from 'fastify';
import { countHeader } from './headers.js';
import { Problem } from './problem.js';

export interface OriginParts {
  /** PUBLIC_URL: then the only one. */
  readonly publicUrl?: string | undefined;
  /** HOST and PORT; the port that a request came to counts more. */
  readonly host?: string | undefined;
  readonly port?: number | undefined;
}

/** Our origins, the first of them for links to us. */
export type OwnOrigins = (request: FastifyRequest) => readonly string[];

const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]'] as const;
const ANYWHERE = ['0.0.0.0', '::', '127.0.0.1', 'localhost'];

export function ownOrigins({ publicUrl, host = '127.0.0.1', port = 0 }: OriginParts): OwnOrigins {
  if (publicUrl !== undefined) return () => [publicUrl];
  const literal = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
  const hosts = ANYWHERE.includes(host) ? LOOPBACK : [literal, ...LOOPBACK];
  return ({ socket }) => {
    const here = socket.localPort ?? port;
    return [...new Set(hosts)].map((name) => new URL(`http://${name}:${here}`).origin);
  };
}

/** Whether a browser may keep the cookie for encrypted connections only. */
export const isSecure = ({ publicUrl }: OriginParts): boolean =>
  publicUrl?.startsWith('https:') === true;

const SAFE_METHODS = new Set(['GET', 'HEAD']);
export const changesSomething = (request: FastifyRequest): boolean =>
  !SAFE_METHODS.has(request.method);

/** For what a cookie lets in. Throws 403 `origin_refused`. */
export function requireOwnPage(request: FastifyRequest, own: OwnOrigins): void {
  if (!isOwnPage(request, own)) throw refused(own(request));
}

/** For a sign-in, which shows what it has: programs name no page, and need not. Throws 403 `origin_refused`. */
export function refuseOtherPage(request: FastifyRequest, own: OwnOrigins): void {
  const { origin, 'sec-fetch-site': site } = request.headers;
  if (origin === undefined && site === undefined) return;
  requireOwnPage(request, own);
}

function isOwnPage(request: FastifyRequest, own: OwnOrigins): boolean {
  const { origin, 'sec-fetch-site': site } = request.headers;
  if (origin === undefined) return site === 'same-origin';
  return countHeader(request.raw.rawHeaders, 'origin') === 1 && own(request).includes(origin);
}

const refused = (origins: readonly string[]): Problem =>
  new Problem(
    403,
    'origin_refused',
    `A browser may ask for this from our own pages alone, at ${origins.join(' or ')}. ` +
      'Where people open another address, PUBLIC_URL names it.',
  );
