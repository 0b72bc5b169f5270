/** Headers that tell browsers how little to trust an answer. TLS and its headers are the proxy's. */
import type { FastifyInstance } from 'fastify';

const COMMON = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
} as const;
const MACHINES = {
  ...COMMON,
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
};
/** Swagger UI: its own scripts and styles, inline styles, images as data; nothing from elsewhere. */
const DOCS = {
  ...COMMON,
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; " +
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; " +
    "frame-ancestors 'none'",
};

/** The dashboard: everything from this server, no inline script; styles that it inserts carry the nonce. */
export const pagePolicy = (nonce: string): string =>
  `default-src 'self'; script-src 'self'; style-src 'self' 'nonce-${nonce}'; img-src 'self'; ` +
  "font-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; " +
  "frame-ancestors 'none'";
/** Its files, opened by themselves. */
export const ASSET_POLICY = "default-src 'none'; frame-ancestors 'none'";

export function useSecurityHeaders(server: FastifyInstance): void {
  server.addHook('onSend', (request, reply, payload, done) => {
    const url = request.raw.url ?? '';
    // Who says a policy of their own says how long the answer keeps, too.
    if (reply.hasHeader('content-security-policy')) reply.headers(COMMON);
    else reply.headers(url.startsWith('/docs') ? DOCS : MACHINES);
    done(null, payload);
  });
}
