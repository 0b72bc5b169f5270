import { randomBytes } from 'node:crypto';
import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { ValidationPipe } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyBaseLogger, FastifyReply } from 'fastify';
import type { Logger } from 'pino';
import { ACCESS, type AccessTable, accessRow, useAccess } from './access.js';
import { apiModule } from './api.module.js';
import type { ApiParts } from './api-parts.js';
import { BODY_LIMIT_BYTES, useBodies } from './bodies.js';
import { BodyRoom, type RoomLimits } from './body-room.js';
import { type ConnectionLimits, limitConnections, limitUnanswered } from './connections.js';
import { useCursors } from './cursors.js';
import { serveDashboard } from './dashboard.js';
import { Flood } from './flood.js';
import { createLogger, nestLogger, RequestLog } from './logging.js';
import { ApiMetrics } from './metrics.js';
import { serveDocs } from './openapi.js';
import { ownOrigins } from './origin.js';
import { ProblemFilter, sendProblem } from './problem.filter.js';
import {
  PROBLEM_TYPE,
  problemBody,
  problemOf,
  problemOfFrameworkStatus,
  problemOfValidation,
} from './problem.js';
import { type Allowances, RateLimits, useRateLimits } from './rate-limits.js';
import { BARE_HEADERS, MACHINE_HEADERS, useSecurityHeaders } from './security-headers.js';
import { useSettled } from './settled.js';
import { type StreamLimits, useEventStreams } from './sse.js';
import { useUrls } from './urls.js';

/** Bounds on what a slow or hostile client may hold on to. */
export interface Timeouts {
  /** From the first byte of a request (of a connection, for the first) to its last. */
  readonly requestMs: number;
  /** Of a connection over which nothing goes in either direction. */
  readonly idleMs: number;
  readonly checkEveryMs: number;
}
const TIMEOUTS: Timeouts = { requestMs: 10_000, idleMs: 60_000, checkEveryMs: 1_000 };
/** Longer than the idle timeout of common proxies, so that they never write to a closing connection. */
const KEEP_ALIVE_TIMEOUT_MS = 72_000;
const MAX_HEADER_BYTES = 16 * 1024;
const MAX_HEADERS = 64;

export interface CreateApiOptions {
  /** Default: a logger of its own at `config.logLevel`. */
  readonly logger?: Logger;
  /** Default: ACCESS. Tests bring routes of their own. */
  readonly access?: AccessTable;
  /** Default: those of sse.ts. */
  readonly streams?: StreamLimits;
  /** Default: those above. */
  readonly timeouts?: Timeouts;
  /** Default: those of connections.ts. */
  readonly connections?: ConnectionLimits;
  /** What limits go by, in milliseconds; default: the time since the process began. */
  readonly uptime?: () => number;
  /** Default: those of rate-limits.ts. */
  readonly allowances?: Allowances;
  /** Default: those of body-room.ts. */
  readonly room?: RoomLimits;
}

/** The whole HTTP interface over the given parts, ready to `listen` or to `inject` into. */
export async function createApi(
  parts: ApiParts,
  options: CreateApiOptions = {},
): Promise<NestFastifyApplication> {
  const logger = options.logger ?? createLogger(parts.config);
  const metrics = new ApiMetrics(parts.registry, parts.gauges);
  const { trustedProxies = [] } = parts.config;
  const timeouts = options.timeouts ?? TIMEOUTS;
  const adapter = new FastifyAdapter(serverOptions(logger, metrics, trustedProxies, timeouts));
  const server = adapter.getInstance();
  server.server.maxHeadersCount = MAX_HEADERS;
  limitConnections(server.server, trustedProxies, options.connections);
  limitUnanswered(server.server);
  // In this order they run; each must see every route, so nothing is registered before.
  const { adminToken, cronSecret } = parts.config;
  const table = options.access ?? ACCESS;
  const limits = limitsOf(parts, metrics, options);
  useAccess(server, {
    table,
    secrets: { adminToken, cronSecret },
    authenticators: parts.authenticators ?? [],
    own: parts.own ?? ownOrigins({}),
  });
  useRateLimits(server, limits, (method, path) => isOpen(table, method, path));
  useUrls(server);
  useBodies(server, new BodyRoom(options.room));
  useSettled(server, parts.settle);
  useCursors(server, parts.cursorKey ?? madeHere());
  useSecurityHeaders(server, parts.config.isHttps);
  useEventStreams(server, options.streams);
  const app = await NestFactory.create<NestFastifyApplication>(
    apiModule(parts, { metrics, limits }),
    adapter,
    {
      bodyParser: false,
      logger: nestLogger(logger),
      abortOnError: false,
    },
  );
  const flood = new Flood();
  server.addHook('onClose', async () => flood.flush());
  app.useGlobalFilters(new ProblemFilter(flood));
  app.useGlobalPipes(
    new ValidationPipe({
      transform: true,
      whitelist: true,
      forbidNonWhitelisted: true,
      exceptionFactory: problemOfValidation,
    }),
  );
  serveDocs(app, parts.version);
  await app.init();
  // After Nest's error handler: to wait for a plugin fixes the one of all routes that are there.
  if (parts.dashboard !== undefined) await serveDashboard(app, parts.dashboard);
  await server.ready();
  return app;
}

/** Good while the process lives. */
function madeHere(): () => Promise<Buffer> {
  const key = randomBytes(32);
  return async () => key;
}

const limitsOf = (
  { config }: ApiParts,
  metrics: ApiMetrics,
  { uptime: now, allowances }: CreateApiOptions,
): RateLimits =>
  new RateLimits({
    ...(now && { now }),
    ...(allowances && { allowances }),
    isOff: config.rateLimit === 'off',
    secrets: [config.adminToken, config.cronSecret],
    onLimited: (counted) => metrics.limited(counted),
  });

function isOpen(table: AccessTable, method: string, path: string): boolean {
  const row = accessRow(table, method, path);
  return row !== undefined && (table[row] ?? []).includes('anonymous');
}

function serverOptions(
  logger: Logger,
  metrics: ApiMetrics,
  trustedProxies: readonly string[],
  { requestMs, idleMs, checkEveryMs }: Timeouts,
) {
  const nextId = requestIds();
  return {
    loggerInstance: logger,
    logController: new RequestLog(metrics),
    // A child logger per delivery would cost more than everything we log about it.
    childLoggerFactory: (parent: FastifyBaseLogger) => parent,
    genReqId: nextId,
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: requestMs,
    connectionTimeout: idleMs,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    http: {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: requestMs,
      connectionsCheckingInterval: checkEveryMs,
      // urls.ts answers as a problem what Node would answer with nothing.
      requireHostHeader: false,
    },
    onProtoPoisoning: 'error' as const,
    onConstructorPoisoning: 'error' as const,
    // Exactly these: an X-Forwarded-For of anybody else is a text like any other.
    trustProxy: trustedProxies.length === 0 ? false : [...trustedProxies],
    // No Nest middleware is used: hooks do that work, and cost nothing per request.
    skipMiddie: true,
    frameworkErrors: (error: Error, request: { id: string }, reply: unknown) =>
      sendProblem((reply as FastifyReply).headers(MACHINE_HEADERS), problemOf(error), request.id),
    clientErrorHandler: (error: Error & { code?: string }, socket: Socket) =>
      answerBrokenRequest(error, socket, nextId()),
  };
}

/** Short and unique across restarts: a random prefix and a number. */
function requestIds(): () => string {
  const prefix = randomBytes(6).toString('base64url');
  let n = 0;
  return () => {
    n += 1;
    return `${prefix}-${n.toString(36)}`;
  };
}

/** What Node could not read as HTTP has no request; it is answered on the bare socket. */
function answerBrokenRequest(
  error: Error & { code?: string },
  socket: Socket,
  requestId: string,
): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const status =
    error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
      ? 408
      : error.code === 'HPE_HEADER_OVERFLOW'
        ? 431
        : 400;
  // A response under way on this connection must not be followed by a second one inside it.
  const underWay = (socket as Socket & { _httpMessage?: ServerResponse })._httpMessage;
  if (socket.writable && !underWay?.headersSent) {
    const body = JSON.stringify(problemBody(problemOfFrameworkStatus(status), requestId));
    socket.write(
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${BARE_HEADERS}` +
        `content-type: ${PROBLEM_TYPE}\r\n` +
        `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
    );
  }
  socket.destroySoon();
}
