/**
 * One line per answered request, made of an allow-list: no address (queries carry tokens and names),
 * no header, no body. Deliveries and probes are logged at debug, everything else at info.
 */
import type { LoggerService } from '@nestjs/common';
import { type FastifyReply, type FastifyRequest, LogController } from 'fastify';
import { type DestinationStream, type Logger, pino } from 'pino';
import { toldError } from '#libs/application';
import type { ApiConfig } from './api-parts.js';
import type { ApiMetrics } from './metrics.js';

/** The process's logger. `destination` for tests; standard output otherwise. */
export function createLogger(
  config: Pick<ApiConfig, 'logLevel'>,
  destination?: DestinationStream,
): Logger {
  const options = {
    level: config.logLevel,
    base: null,
    serializers: { err: toldError, req: (r: FastifyRequest) => ({ method: r.method }) },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

const QUIET = /^\/(api\/webhooks|health|metrics)/;

/** Fastify's request log, replaced: also where answers are timed. */
export class RequestLog extends LogController {
  constructor(private readonly metrics: ApiMetrics) {
    super({ requestIdLogLabel: 'requestId' });
  }

  override incomingRequest(): void {}

  override requestCompleted(
    error: Error | null | undefined,
    request: FastifyRequest,
    reply: FastifyReply,
  ): void {
    const route = request.is404 ? 'none' : (request.routeOptions.url ?? 'none');
    const { method } = request;
    const status = reply.statusCode;
    const elapsedMs = reply.elapsedTime;
    this.metrics.answered(method, route, status, elapsedMs);
    // Who comes too often must not fill the log as well: /metrics counts them.
    const isQuiet = QUIET.test(route) || status === 429;
    // The filter says what is unavailable, and how often: see flood.ts.
    const isSaid = status === 503 && !error && route.startsWith('/api/webhooks/');
    const isWarning = (status >= 500 || error) && !isSaid;
    const level = isWarning ? 'warn' : isQuiet ? 'debug' : 'info';
    const { log } = request;
    if (!log[level]) return;
    log[level](
      { requestId: request.id, method, route, status, ms: Math.round(elapsedMs * 100) / 100 },
      error ? 'broken off' : 'answered',
    );
  }

  override defaultErrorLog(): void {}
  override routeNotFound(): void {}
}

/** Nest's own words: what it does at start is for debugging, its warnings are warnings. */
export const nestLogger = (logger: Logger): LoggerService => ({
  log: (message: unknown) => logger.debug(String(message)),
  debug: (message: unknown) => logger.debug(String(message)),
  verbose: (message: unknown) => logger.trace(String(message)),
  warn: (message: unknown) => logger.warn(String(message)),
  error: (message: unknown) =>
    message instanceof Error ? logger.error({ err: message }) : logger.error(String(message)),
});
