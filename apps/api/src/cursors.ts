/**
 * Cursors leave sealed and come back opened: here, for every list at once, so that no controller can
 * forget it. A cursor is good for the route, the path, the conditions and the scope of the caller for
 * which it was made, and for nothing else; one that was edited, or made for somebody else, is refused
 * before anything is read. What it says is the place of a row that its reader has seen: it is
 * authenticated, not hidden.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify';
import { Problem } from './problem.js';

type Key = () => Promise<Buffer>;

/** Of HMAC-SHA256: 128 bits are enough for what a reader of the list could page to anyway. */
const SEAL_BYTES = 16;
const SEALED = /^([\w-]{1,512})\.([\w-]{22})$/;
/** Neither says what is listed: how much at once, from where, and how fresh. */
const BESIDE: ReadonlySet<string> = new Set(['cursor', 'limit', 'settled']);

/** Opens `cursor` of a query or body, and seals `nextCursor`; call it before anything registers a route. */
export function useCursors(server: FastifyInstance, key: Key): void {
  server.addHook('onRoute', (route: RouteOptions) => {
    if (!route.url.startsWith('/api/') || route.url.startsWith('/api/webhooks/')) return;
    route.preHandler = [opened(key), ...[route.preHandler ?? []].flat()];
    route.preSerialization = [...[route.preSerialization ?? []].flat(), sealed(key)];
  });
}

const opened =
  (key: Key) =>
  async (request: FastifyRequest): Promise<void> => {
    for (const holder of [request.query, request.body]) {
      if (!isRecord(holder) || typeof holder.cursor !== 'string') continue;
      const [, text = '', seal = ''] = SEALED.exec(holder.cursor) ?? [];
      const expected = sealOf(await key(), request, text);
      const given = Buffer.from(seal, 'base64url');
      if (given.length !== expected.length || !timingSafeEqual(given, expected))
        throw new Problem(400, 'cursor_invalid', 'The cursor is not one of this list.');
      holder.cursor = text;
    }
  };

const sealed =
  (key: Key) =>
  async (request: FastifyRequest, _reply: unknown, payload: unknown): Promise<unknown> => {
    if (!isRecord(payload) || typeof payload.nextCursor !== 'string') return payload;
    const { nextCursor } = payload;
    const seal = sealOf(await key(), request, nextCursor).toString('base64url');
    return { ...payload, nextCursor: `${nextCursor}.${seal}` };
  };

function sealOf(key: Buffer, request: FastifyRequest, cursor: string): Buffer {
  const { principal, routeOptions, method } = request;
  const bound = [
    [method, routeOptions.url],
    Object.entries(request.params as object),
    conditionsOf(request.query),
    conditionsOf(request.body),
    [principal?.role, principal?.creatorId ?? null, principal?.memberId ?? null],
    cursor,
  ];
  const mac = createHmac('sha256', key).update(JSON.stringify(bound)).digest();
  return mac.subarray(0, SEAL_BYTES);
}

/** What is listed, in an order of its own: the same question may be asked in another. */
const conditionsOf = (asked: unknown): [string, unknown][] =>
  isRecord(asked)
    ? Object.entries(asked)
        .filter(([name]) => !BESIDE.has(name))
        .sort(([a], [b]) => (a < b ? -1 : 1))
    : [];

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !Buffer.isBuffer(value);
