/**
 * What bodies are accepted: JSON in UTF-8, not compressed, of bounded size and depth. Deliveries
 * stay the bytes that came, because the signature is over bytes; other bodies are read here, as
 * strictly as a delivery's: no key twice, none of a prototype, no NUL and no half of a surrogate pair.
 * Headers are judged before the first byte of a body is read.
 */
import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify';
import { readBody } from '#libs/ingestion';
import type { BodyRoom } from './body-room.js';
import { headerSet, repeatedHeader } from './headers.js';
import { Problem, problemOfFrameworkStatus } from './problem.js';

export const WEBHOOK_BODY_LIMIT_BYTES = 256 * 1024;
export const BODY_LIMIT_BYTES = 64 * 1024;
/** A chunk of an import: lines of NDJSON, as large as a command line sends them with some room. */
export const IMPORT_BODY_LIMIT_BYTES = 4 * 1024 * 1024;

const WEBHOOKS = '/api/webhooks/';
const IMPORTED_LINES = /^\/api\/admin\/imports\/(preview|[^/]+\/lines)$/;
const NDJSON_TYPE = /^application\/x-ndjson *(; *charset="?utf-?8"?)? *;? *$/i;
const ACCEPTED_TYPE = /^application\/json *(; *charset="?utf-?8"?)? *;? *$/i;
/** Each of these decides something, so two of one are refused rather than one of them believed. */
const SINGLE_HEADERS = headerSet(
  'authorization',
  'content-encoding',
  'content-length',
  'content-type',
  'webhook-id',
  'webhook-signature',
  'webhook-timestamp',
  'x-whop-signature',
  'x-whop-user-token',
);
const METHODS_WITH_BODY: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

/** Installs the parsers and the header checks: call it before anything registers a route. */
export function useBodies(server: FastifyInstance, room: BodyRoom): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    (request: FastifyRequest, body: Buffer, done) => {
      // By the route, not by the address: `/%61pi/webhooks/whop` is the same route.
      if (isWebhook(request.routeOptions.url)) return done(null, body);
      const { json, problem } = readBody(body);
      if (json === undefined || problem !== undefined) return done(malformed(problem?.detail));
      done(null, json);
    },
  );
  server.addContentTypeParser(
    'application/x-ndjson',
    { parseAs: 'buffer' },
    (_request: FastifyRequest, body: Buffer, done) => done(null, body),
  );
  server.addHook('onRoute', (route: RouteOptions) => {
    if (![route.method].flat().some((method) => METHODS_WITH_BODY.has(method))) return;
    const webhook = isWebhook(route.url);
    const lines = IMPORTED_LINES.test(route.url);
    route.bodyLimit = webhook
      ? WEBHOOK_BODY_LIMIT_BYTES
      : lines
        ? IMPORT_BODY_LIMIT_BYTES
        : BODY_LIMIT_BYTES;
    const type = lines ? NDJSON_TYPE : ACCEPTED_TYPE;
    const limitBytes = route.bodyLimit;
    const judge = headersJudge(limitBytes, webhook || lines, type);
    const hook: RouteOptions['onRequest'] = (request, reply, done) =>
      done(judge(request) ?? room.enter(request, reply, toldBytes(request, limitBytes)));
    route.onRequest = [...[route.onRequest ?? []].flat(), hook];
  });
}

/** Size, then type, then encoding; then that nothing decisive was said twice. */
const headersJudge =
  (limitBytes: number, bodyRequired: boolean, accepted: RegExp) =>
  (request: FastifyRequest): Problem | undefined => {
    const { headers } = request.raw;
    const length = headers['content-length'];
    if (length !== undefined && Number(length) > limitBytes) return problemOfFrameworkStatus(413);
    const type = headers['content-type'];
    const hasBody =
      headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
    if (type === undefined ? hasBody || bodyRequired : !accepted.test(type))
      return problemOfFrameworkStatus(415);
    const encoding = headers['content-encoding'];
    if (encoding !== undefined && encoding.toLowerCase() !== 'identity')
      return problemOfFrameworkStatus(415);
    const repeated = repeatedHeader(request.raw.rawHeaders, SINGLE_HEADERS);
    if (repeated !== undefined)
      return new Problem(400, 'header_repeated', `The header ${repeated} was sent more than once.`);
    return undefined;
  };

/** As many as may come: those that are told, or the limit where the body says only by and by. */
function toldBytes({ raw }: FastifyRequest, limitBytes: number): number {
  if (raw.headers['transfer-encoding'] !== undefined) return limitBytes;
  return Number(raw.headers['content-length'] ?? 0);
}

const isWebhook = (url: string | undefined): boolean => url?.startsWith(WEBHOOKS) ?? false;
const malformed = (detail = ''): Problem =>
  new Problem(400, 'body_malformed', `Send one JSON object, in UTF-8: ${detail}.`);
