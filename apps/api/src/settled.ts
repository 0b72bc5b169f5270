/**
 * `?settled=`: read your own writes. A read that carries the token of a delivery or a position is
 * answered once the read models have passed it, or refused after a bounded wait.
 */
import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify';
import { Problem } from './problem.js';

export type SettledToken =
  | { readonly kind: 'position'; readonly position: bigint }
  | { readonly kind: 'delivery'; readonly id: bigint };

export const SETTLE_TIMEOUT_MS = 5_000;
export const SETTLED_HEADER = 'flywheel-settled';

/** The token that a stored delivery is answered with. Opaque to callers. */
export const deliveryToken = (id: string): string => `d${id}`;

/** Reads `<position>` or `d<delivery>`; throws 400 `settled_malformed` for anything else. */
export function parseSettled(value: unknown): SettledToken {
  const match = typeof value === 'string' ? /^(d?)(0|[1-9]\d{0,17})$/.exec(value) : null;
  const [, prefix, digits] = match ?? [];
  if (digits === undefined)
    throw new Problem(
      400,
      'settled_malformed',
      'settled is a position, or the flywheel-settled header of a delivery.',
    );
  return prefix === 'd'
    ? { kind: 'delivery', id: BigInt(digits) }
    : { kind: 'position', position: BigInt(digits) };
}

export type Settle = (token: SettledToken, timeoutMs: number) => Promise<boolean>;

/** Makes every GET under /api wait for `?settled=`; call it before anything registers a route. */
export function useSettled(server: FastifyInstance, settle: Settle): void {
  const hook = async (request: FastifyRequest): Promise<void> => {
    const query = request.query as Record<string, unknown>;
    if (query.settled === undefined) return;
    const token = parseSettled(query.settled);
    // Consumed here: the queries of controllers refuse parameters that they do not declare.
    delete query.settled;
    if (await settle(token, SETTLE_TIMEOUT_MS)) return;
    throw new Problem(503, 'not_settled', 'The read models have not come that far yet.', {
      headers: { 'retry-after': '1' },
    });
  };
  server.addHook('onRoute', (route: RouteOptions) => {
    if (!route.url.startsWith('/api/') || ![route.method].flat().includes('GET')) return;
    route.preHandler = [hook, ...[route.preHandler ?? []].flat()];
  });
}
