/**
 * What bodies are accepted: JSON in UTF-8, not compressed, of bounded size and depth. Deliveries
 * stay the bytes that came, because the signature is over bytes; other bodies are parsed here.
 * Headers are judged before the first byte of a body is read.
 */
import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify';
import { headerSet, repeatedHeader } from './headers.js';
import { Problem, problemOfFrameworkStatus } from './problem.js';

export const WEBHOOK_BODY_LIMIT_BYTES = 256 * 1024;
export const BODY_LIMIT_BYTES = 64 * 1024;
/** A chunk of an import: lines of NDJSON, as large as a command line sends them with some room. */
export const IMPORT_BODY_LIMIT_BYTES = 4 * 1024 * 1024;
export const MAX_JSON_DEPTH = 32;

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
);
const METHODS_WITH_BODY: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

/** Installs the parsers and the header checks: call it before anything registers a route. */
export function useBodies(server: FastifyInstance): void {
  const parseSecurely = server.getDefaultJsonParser('error', 'error');
  server.removeAllContentTypeParsers();
  server.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    (request: FastifyRequest, body: Buffer, done) => {
      if (isWebhook(request.raw.url)) return done(null, body);
      const text = utf8Of(body);
      if (text === undefined) return done(malformed('The body is not UTF-8.'));
      if (depthOf(text) > MAX_JSON_DEPTH) return done(malformed('The body is nested too deeply.'));
      // Typed for promises too; this one calls `done`.
      void parseSecurely(request, text, (error, value) =>
        error === null ? done(null, value) : done(malformed('The body is not acceptable JSON.')),
      );
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
    const judge = headersJudge(route.bodyLimit, webhook || lines, type);
    const hook: RouteOptions['onRequest'] = (request, _reply, done) => done(judge(request));
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

const isWebhook = (url: string | undefined): boolean => url?.startsWith(WEBHOOKS) ?? false;
const malformed = (detail: string): Problem => new Problem(400, 'body_malformed', detail);

const utf8 = new TextDecoder('utf-8', { fatal: true });
function utf8Of(body: Buffer): string | undefined {
  try {
    return utf8.decode(body);
  } catch {
    return undefined;
  }
}

/** How deep arrays and objects are nested in a JSON text, counted without parsing it. */
export function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i += 1) {
    const char = text[i];
    if (quoted) {
      if (char === '\\') i += 1;
      else if (char === '"') quoted = false;
    } else if (char === '"') quoted = true;
    else if (char === '{' || char === '[') {
      depth += 1;
      if (depth > deepest) deepest = depth;
    } else if (char === '}' || char === ']') depth -= 1;
  }
  return deepest;
}
