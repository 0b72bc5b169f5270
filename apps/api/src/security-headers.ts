/**
 * Headers that tell browsers how little to trust an answer: those of helmet, as constants, because
 * they are the same for every answer and helmet's thirteen steps would be taken for each delivery
 * (security-headers.spec.ts compares them with helmet's own).
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

const FEATURES = ['camera', 'display-capture', 'geolocation', 'microphone', 'payment', 'usb'];

const COMMON = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'origin-agent-cluster': '?1',
  'permissions-policy': FEATURES.map((feature) => `${feature}=()`).join(', '),
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-dns-prefetch-control': 'off',
  'x-download-options': 'noopen',
  'x-frame-options': 'DENY',
  'x-permitted-cross-domain-policies': 'none',
  'x-xss-protection': '0',
} as const;
/** Answers are read by programs, and show money: nothing may run in them, nobody may keep them. */
export const MACHINE_HEADERS = {
  ...COMMON,
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
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

const STRICT_TRANSPORT = 'strict-transport-security';
/** A year. Other names of the host are not ours to promise anything for. */
const ONLY_HTTPS = 'max-age=31536000';

/** For what is answered before there is a request: lines of HTTP. */
export const BARE_HEADERS = Object.entries(MACHINE_HEADERS)
  .map(([name, value]) => `${name}: ${value}\r\n`)
  .join('');

/** `isHttps`: people come by HTTPS, whoever ends it and whatever that one says. */
export function useSecurityHeaders(server: FastifyInstance, isHttps = false): void {
  server.addHook('onSend', (request, reply, payload, done) => {
    reply.headers(headersOf(request, reply));
    // Over plain HTTP browsers ignore it. TLS ends at the proxy, which is asked only if it is trusted.
    if (isHttps || request.protocol === 'https') reply.header(STRICT_TRANSPORT, ONLY_HTTPS);
    done(null, payload);
  });
}

function headersOf(request: FastifyRequest, reply: FastifyReply): Readonly<Record<string, string>> {
  // Who says a policy of their own says how long the answer keeps, too.
  if (reply.hasHeader('content-security-policy')) return COMMON;
  const isOfDocs = request.raw.url?.startsWith('/docs') ?? false;
  return isOfDocs && reply.statusCode < 400 ? DOCS : MACHINE_HEADERS;
}
