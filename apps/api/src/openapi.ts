/**
 * /openapi.json and /docs, made from the controllers and their DTOs. What is the same for every
 * route (who may call it, how it fails, `?settled=`) is added here, so that no controller repeats it.
 */
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ACCESS, accessRow } from './access.js';
import { ProblemDto } from './dto/problem.js';
import { AS_OF_HEADER, CSV_TYPE, TIME_ZONE_HEADER } from './exports.js';
import { PROBLEM_TYPE } from './problem.js';
import { SESSION_COOKIE } from './session-cookie.js';

const TOKEN = 'token';
const SESSION = 'session';
const COOKIE =
  'Of a browser that signed in (`POST /api/session`); orders need an `Origin` of our own.';
const BEARER =
  'A token that an admin made (`flywheel token create`), FLYWHEEL_ADMIN_TOKEN or CRON_SECRET.';
const METHODS = ['get', 'put', 'post', 'delete', 'patch'] as const;
const SETTLED_PARAMETER = {
  name: 'settled',
  in: 'query',
  required: false,
  description:
    'A position, or the flywheel-settled header of a delivery: the answer is made from read ' +
    'models that have passed it. 503 `not_settled` after 5 seconds.',
  schema: { type: 'string', pattern: '^d?\\d+$' },
} as const;

/** The document, in an order that does not depend on the order of modules. */
export function openApiOf(app: NestFastifyApplication, version: string): OpenAPIObject {
  const config = new DocumentBuilder()
    .setTitle('Flywheel')
    .setDescription(
      'An event-sourced ledger for referral programs: every number can be explained, and no number can drift.',
    )
    .setVersion(version)
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .setOpenAPIVersion('3.1.0')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: BEARER }, TOKEN)
    .addCookieAuth(SESSION_COOKIE, { type: 'apiKey', in: 'cookie', description: COOKIE }, SESSION)
    .build();
  const document = SwaggerModule.createDocument(app, config, {
    extraModels: [ProblemDto],
    operationIdFactory: (controller, method) =>
      `${controller.replace(/Controller$/, '').replace(/^./, (c) => c.toLowerCase())}.${method}`,
  });
  const paths = sorted(document.paths);
  for (const [path, item] of Object.entries(paths)) {
    for (const method of METHODS) {
      const operation = item[method];
      if (operation !== undefined) complete(operation, method, path);
    }
  }
  const components = document.components ?? {};
  return {
    ...document,
    paths,
    components: { ...components, schemas: sorted(components.schemas ?? {}) },
  };
}

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;

function complete(operation: Operation, method: string, path: string): void {
  const route = path.replaceAll(/\{(\w+)\}/g, ':$1');
  const row = accessRow(ACCESS, method.toUpperCase(), route);
  const grants = row === undefined ? [] : (ACCESS[row] ?? []);
  const anonymous = grants.includes('anonymous');
  operation.security = anonymous ? [] : [{ [TOKEN]: [] }, { [SESSION]: [] }];
  // Who may call it, as access.ts has it.
  if (!anonymous) Object.assign(operation, { 'x-roles': [...grants] });
  if (method === 'get' && path.startsWith('/api/'))
    operation.parameters = [...(operation.parameters ?? []), SETTLED_PARAMETER];
  describeCsv(operation);
  const problem = { schema: { $ref: '#/components/schemas/ProblemDto' } };
  for (const response of Object.values(operation.responses)) {
    if (response === undefined || !('content' in response)) continue;
    const json = response.content?.['application/json'];
    if (json?.schema && '$ref' in json.schema && json.schema.$ref === problem.schema.$ref)
      response.content = { [PROBLEM_TYPE]: problem };
  }
  operation.responses.default ??= {
    description: 'A problem.',
    content: { [PROBLEM_TYPE]: problem },
  };
}

/** A route that takes `format` answers CSV too. */
function describeCsv(operation: Operation): void {
  const named = (operation.parameters ?? []).some(
    (one) => 'name' in one && one.name === 'format' && JSON.stringify(one).includes('"csv"'),
  );
  const ok = operation.responses['200'];
  if (!named || ok === undefined || !('content' in ok) || ok.content === undefined) return;
  ok.content[CSV_TYPE.split(';')[0] ?? ''] = { schema: { type: 'string' } };
  const header = (description: string) => ({ description, schema: { type: 'string' as const } });
  ok.headers = {
    [AS_OF_HEADER]: header('CSV only: `position=…; recordedAt=…`.'),
    [TIME_ZONE_HEADER]: header('CSV only.'),
    'content-disposition': header('CSV only: names the file.'),
  };
}

const sorted = <T>(record: Record<string, T>): Record<string, T> =>
  Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));

/** Serves the page and the document; the page's scripts and styles come from this server. */
export function serveDocs(app: NestFastifyApplication, version: string): void {
  const document = lazily(() => openApiOf(app, version));
  // Swagger's own route makes the text anew for whoever asks, and anybody may.
  const text = lazily(() => Buffer.from(JSON.stringify(document())));
  const server = app.getHttpAdapter();
  server.get('/openapi.json', (_request: FastifyRequest, reply: FastifyReply) =>
    reply.type('application/json; charset=utf-8').send(text()),
  );
  SwaggerModule.setup('docs', app, document, {
    raw: false,
    customSiteTitle: 'Flywheel API',
    swaggerOptions: { persistAuthorization: false, displayRequestDuration: true },
  });
}

function lazily<T extends object>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
