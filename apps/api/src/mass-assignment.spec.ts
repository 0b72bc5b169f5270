import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { asAdmin, inMemoryParts } from '../test/in-memory-parts.js';
import { createApi } from './create-api.js';
import { openApiOf } from './openapi.js';

/** What only we may set, anywhere. */
const OURS = ['role', 'id', 'createdAt', 'recordedAt', 'actor', 'creatorId2', 'isAdmin'];
/** Bodies that are bytes: deliveries and lines. */
const RAW = /^\/api\/(webhooks|admin\/imports\/.+)/;
const PATH: Readonly<Record<string, string>> = {
  creator: 'biz_a',
  member: 'user_a',
  membership: 'mem_a',
  month: '2026-01',
  id: '1',
};

interface Schema {
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly allOf?: readonly Schema[];
}
interface Operation {
  readonly requestBody?: { readonly content: Readonly<Record<string, { schema?: Schema }>> };
  readonly parameters?: readonly { readonly in: string; readonly name: string }[];
}

let app: NestFastifyApplication;
let operations: { method: string; path: string; operation: Operation }[];
let schemas: Readonly<Record<string, Schema>>;
beforeAll(async () => {
  app = await createApi(inMemoryParts());
  const document = openApiOf(app, '0.0.0');
  schemas = document.components?.schemas as Readonly<Record<string, Schema>>;
  operations = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item as Record<string, Operation>).map(([method, operation]) => ({
      method,
      path: path.replaceAll(/\{(\w+)\}/g, (_, name: string) => PATH[name] ?? 'x'),
      operation,
    })),
  );
});
afterAll(() => app.close());

const resolved = ({ $ref, allOf, ...rest }: Schema): Schema =>
  $ref !== undefined
    ? resolved(schemas[$ref.split('/').at(-1) ?? ''] ?? {})
    : allOf?.[0] !== undefined
      ? resolved(allOf[0])
      : rest;

interface Refusal {
  readonly code: string;
  readonly errors?: readonly { readonly field: string; readonly message: string }[];
}
const ask = async (method: string, url: string, payload?: object): Promise<Refusal> =>
  (
    await app.inject({
      method: method.toUpperCase() as 'POST',
      url,
      headers: asAdmin,
      ...(payload && { payload }),
    })
  ).json();
const refusedFields = ({ errors = [] }: Refusal): string[] =>
  errors.flatMap(({ field, message }) => (/should not exist$/.test(message) ? [field] : []));

describe('fields that nobody may set', () => {
  it('are refused in the body of every route that has one, at every depth', async () => {
    let count = 0;
    for (const { method, path, operation } of operations) {
      const schema = operation.requestBody?.content['application/json']?.schema;
      if (schema === undefined || RAW.test(path)) continue;
      const own = new Set(Object.keys(resolved(schema).properties ?? {}));
      const foreign = OURS.filter((name) => !own.has(name));
      const body = Object.fromEntries(foreign.map((name) => [name, 'x']));
      const answer = await ask(method, path, body);
      expect({ path, code: answer.code }).toEqual({ path, code: 'input_invalid' });
      expect({ path, fields: refusedFields(answer).sort() }).toEqual({
        path,
        fields: [...foreign].sort(),
      });
      for (const [name, property] of Object.entries(resolved(schema).properties ?? {})) {
        if (resolved(property).properties === undefined) continue;
        const deeper = await ask(method, path, { [name]: { role: 'admin' } });
        expect(refusedFields(deeper)).toContain(`${name}.role`);
      }
      count += 1;
    }
    expect(count).toBeGreaterThan(10);
  });

  it('are refused in the query of every route that has one', async () => {
    let count = 0;
    for (const { method, path, operation } of operations) {
      const own = (operation.parameters ?? []).filter((one) => one.in === 'query');
      if (method !== 'get' || own.every(({ name }) => name === 'settled')) continue;
      for (const name of ['role', '__proto__', 'constructor']) {
        const answer = await ask(method, `${path}?${name}=x`);
        expect({ path, fields: refusedFields(answer) }).toEqual({ path, fields: [name] });
      }
      count += 1;
    }
    expect(count).toBeGreaterThan(20);
  });

  it('are no parameter twice, but where several are meant', async () => {
    for (const { method, path, operation } of operations) {
      if (method !== 'get') continue;
      const own = (operation.parameters ?? []).filter((one) => one.in === 'query');
      for (const { name } of own) {
        if (name === 'check') continue;
        const { code } = await ask(method, `${path}?${name}=1&${name}=2`);
        expect({ path, name, code }).toMatchObject({
          code: expect.stringMatching(/^(input_invalid|settled_malformed)$/),
        });
      }
    }
  });
});
