/**
 * The dashboard's files: one page for every address that is not the interface's, and assets whose
 * names change with their content. The page is answered with a nonce of its own each time, which
 * its styles carry and its policy names; nothing else of it depends on who asks.
 */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import fastifyStatic from '@fastify/static';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from './problem.js';
import { ASSET_POLICY, pagePolicy } from './security-headers.js';

export interface Dashboard {
  /** The folder that the build wrote. */
  readonly root: string;
  /** Of a demo: the instant at which its clock stands still, ISO 8601. */
  readonly frozenAt?: string;
}

/** Where `npm run build` puts it; undefined: it was not built. */
export function builtDashboard(frozenAt: number | undefined): Dashboard | undefined {
  const root = path.resolve(import.meta.dirname, '../../dashboard');
  if (!existsSync(path.join(root, 'index.html'))) return undefined;
  return {
    root,
    ...(frozenAt !== undefined && { frozenAt: new Date(frozenAt).toISOString() }),
  };
}

const NONCE = '__FLYWHEEL_NONCE__';
const CLOCK = '__FLYWHEEL_CLOCK__';
const NONCE_BYTES = 16;
/** What is below them is for machines: an unknown address there is a problem, never a page. */
const MACHINES = /^\/(api|docs|health|metrics|assets|openapi\.json)(\/|$)/;

/** Serves it, after everything else that has a route. */
export async function serveDashboard(
  app: NestFastifyApplication,
  { root, frozenAt = '' }: Dashboard,
): Promise<void> {
  const server = app.getHttpAdapter().getInstance();
  await server.register(fastifyStatic, {
    root: path.join(root, 'assets'),
    prefix: '/assets/',
    decorateReply: false,
    index: false,
    immutable: true,
    maxAge: '365d',
    preCompressed: true,
    setHeaders: (reply) => {
      void reply.header('content-security-policy', ASSET_POLICY);
    },
  });
  server.get('*', async (request: FastifyRequest, reply: FastifyReply) => {
    if (!isPage(request)) throw new Problem(404, 'not_found', 'There is nothing at this address.');
    // Read each time, so that it names the files that are there, also after another build.
    const page = await readFile(path.join(root, 'index.html'), 'utf8');
    const nonce = randomBytes(NONCE_BYTES).toString('base64url');
    return reply
      .type('text/html; charset=utf-8')
      .header('cache-control', 'no-cache')
      .header('content-security-policy', pagePolicy(nonce))
      .send(page.replaceAll(CLOCK, frozenAt).replaceAll(NONCE, nonce));
  });
}

function isPage({ url, headers }: FastifyRequest): boolean {
  const asked = url.split('?', 1)[0] ?? '';
  return !MACHINES.test(asked) && (headers.accept ?? '').includes('text/html');
}
