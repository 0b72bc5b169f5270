/**
 * What requests are accepted at all, before anybody asks what they want: HTTP of a version that has
 * hosts, an address without NUL, which PostgreSQL holds in no text, and without parameters that
 * name what every object inherits: the validation of queries would overlook those.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Problem } from './problem.js';

const NUL = /%00/;
const INHERITED = ['__proto__', 'constructor', 'prototype'];
/** What the documentation consists of; its package holds more. */
const DOCS = '/docs/*';
const DOCS_FILE = /\.(css|html|js|png)$/;

/** Throws 400 `request_malformed`, 400 `input_invalid`, 404 `not_found`. */
export function useUrls(server: FastifyInstance): void {
  server.addHook('onRequest', (request, _reply, done) => done(refusalOf(request)));
  server.addHook('preValidation', (request, _reply, done) => done(refusedParameter(request)));
  // Nobody has to meet an expectation that is not known (RFC 9110, section 10.1.1).
  server.server.on('checkExpectation', (request, response) =>
    server.server.emit('request', request, response),
  );
}

function refusalOf({ raw, routeOptions }: FastifyRequest): Problem | undefined {
  const { url = '', httpVersion, headers } = raw;
  if (httpVersion !== '1.1' && httpVersion !== '1.0')
    return new Problem(400, 'request_malformed', 'Send HTTP/1.1.');
  if (httpVersion === '1.1' && headers.host === undefined)
    return new Problem(400, 'request_malformed', 'HTTP/1.1 names a host.');
  if (NUL.test(url)) return new Problem(400, 'request_malformed', 'The address holds NUL.');
  if (routeOptions.url === DOCS && !DOCS_FILE.test(url.split('?')[0] ?? ''))
    return new Problem(404, 'not_found', 'There is nothing here.');
  return undefined;
}

function refusedParameter({ raw, query }: FastifyRequest): Problem | undefined {
  if (!raw.url?.includes('?')) return undefined;
  const field = INHERITED.find((name) => Object.hasOwn(query as object, name));
  if (field === undefined) return undefined;
  return new Problem(400, 'input_invalid', 'The request names fields that cannot be accepted.', {
    errors: [{ field, message: `property ${field} should not exist` }],
  });
}
