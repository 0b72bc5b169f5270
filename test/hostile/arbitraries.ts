/**
 * Requests for every route that openapi.json describes, as fast-check arbitraries: mostly what the
 * schemas allow, with something hostile in one place or several, and sometimes nothing but that.
 */
import fc from 'fast-check';

type Schema = Readonly<Record<string, unknown>> & {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly $ref?: string;
  readonly allOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
  readonly example?: unknown;
};

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly schema?: Schema;
  readonly example?: unknown;
}

interface Operation {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { schema?: Schema }>> };
}

export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, Schema>> };
}

/** What parameters may mean in the ledger that is asked, by their name. */
export type Known = Readonly<Record<string, readonly string[]>>;

export interface FuzzedRequest {
  /** As the router has it. */
  readonly route: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

const HOSTILE: readonly string[] = [
  '',
  ' ',
  '\u0000',
  'a\u0000b',
  "'",
  "' or '1'='1",
  "'; drop table events; --",
  '1); select pg_sleep(5); --',
  '$1',
  '%s%n',
  '#{7*7}',
  '{{7*7}}',
  '../../../etc/passwd',
  '..%2f..%2f',
  '<script>alert(1)</script>',
  '=HYPERLINK("http://x")',
  '__proto__',
  'constructor',
  'toString',
  'valueOf',
  'hasOwnProperty',
  'null',
  'undefined',
  'true',
  'NaN',
  'Infinity',
  '-1',
  '0',
  '1e3',
  '0x10',
  '1.5',
  '9007199254740993',
  '9223372036854775807',
  '9223372036854775808',
  '-9223372036854775809',
  '99999999999999999999999999',
  '2025-02-30',
  '2025-13',
  '0000-01',
  '9999-12',
  '1970-01',
  '2025-05-01T00:00:00Z',
  '+275760-09-13T00:00:00Z',
  'd1',
  'd99999999999999999999',
  'beginning',
  '\ud83d\ude00',
  '\u202eabc',
  'us\u0435r_a',
  'e\u0301',
  '\uff11',
  '\ufeff',
  '\ufffd',
  'x'.repeat(101),
  'x'.repeat(3_000),
  '%00',
  '%',
  '\r\nset-cookie: a=b',
  'W10',
  'WyIiXQ',
  'eyJhIjoxfQ',
];
const hostileText = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...HOSTILE) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 40 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) },
);
const hostileJson: fc.Arbitrary<unknown> = fc.oneof(
  hostileText,
  fc.constantFrom<unknown>(
    null,
    true,
    false,
    0,
    -1,
    1.5,
    1e308,
    2 ** 53,
    [],
    {},
    [[]],
    ['x'],
    [null],
  ),
  fc.constantFrom<unknown>({ $ne: null }, { length: 1 }, { toString: 1 }),
  fc.jsonValue({ maxDepth: 3 }),
);

/** Every operation but deliveries, which the corpus and the forgeries are about. */
export function requestsOf(document: OpenApi, known: Known): fc.Arbitrary<FuzzedRequest> {
  const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) =>
      requestOf(document, known, { path, method: method.toUpperCase(), operation }),
    ),
  );
  return fc.oneof(...operations);
}

interface Described {
  readonly path: string;
  readonly method: string;
  readonly operation: Operation;
}

function requestOf(
  document: OpenApi,
  known: Known,
  { path, method, operation }: Described,
): fc.Arbitrary<FuzzedRequest> {
  const parameters = operation.parameters ?? [];
  const described = (place: Parameter['in']) => parameters.filter((one) => one.in === place);
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '');
  const inPath = fc.tuple(
    ...names.map((name) => {
      const parameter = described('path').find((one) => one.name === name);
      return mostly(arbitraryOf(document, known, name, parameter?.schema), hostileText);
    }),
  );
  const inQuery = fc.tuple(
    ...described('query').map((one) =>
      fc.option(
        mostly(arbitraryOf(document, known, one.name, one.schema), hostileText).map(
          (value) => [one.name, String(value)] as const,
        ),
        { freq: 2 },
      ),
    ),
  );
  const beside = fc.oneof(
    { weight: 12, arbitrary: fc.constant(undefined) },
    {
      weight: 1,
      arbitrary: fc.tuple(fc.constantFrom('role', 'a[b]', '__proto__', 'limit'), hostileText),
    },
  );
  return fc
    .record({ inPath, inQuery, beside, body: bodyOf(document, known, operation), headers: HEADERS })
    .map(({ inPath: values, inQuery: pairs, beside: more, body, headers }) => {
      const said = [...pairs, more].flatMap((pair) => (pair ? [pair] : []));
      const query = said.map((pair) => pair.map((one) => encode(String(one))).join('=')).join('&');
      let at = 0;
      const filled = path.replaceAll(/\{\w+\}/g, () => encode(String(values[at++])));
      return {
        route: `${method} ${path}`,
        method,
        path: query === '' ? filled : `${filled}?${query}`,
        headers: body === undefined ? headers : { ...headers, 'content-type': body.type },
        body: body?.text,
      };
    });
}

const HEADERS: fc.Arbitrary<Record<string, string>> = fc.oneof(
  { weight: 6, arbitrary: fc.constant({}) },
  {
    weight: 1,
    arbitrary: fc.record({
      accept: fc.constantFrom('text/csv', 'application/x-ndjson', 'text/csv;q=x', '*/*', ',;,='),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      'x-forwarded-for': fc.constantFrom('127.0.0.1', 'x', ',,,', '::1%lo'),
      'last-event-id': fc.constantFrom('1', '-1', 'x', '9'.repeat(30)),
      'x-force-reset': fc.constantFrom('true', 'TRUE', '1', '__proto__'),
    }),
  },
);

/** Three times of four what is allowed. */
const mostly = <T>(allowed: fc.Arbitrary<T>, otherwise: fc.Arbitrary<T | string>) =>
  fc.oneof({ weight: 3, arbitrary: allowed }, { weight: 1, arbitrary: otherwise });

/** Half of a surrogate pair has no UTF-8: it is sent as what a careless program makes of it. */
const encode = (text: string): string => encodeURIComponent(wellFormed(text));

const wellFormed = (text: string): string => Buffer.from(text).toString();

function bodyOf(
  document: OpenApi,
  known: Known,
  { requestBody }: Operation,
): fc.Arbitrary<{ type: string; text: string } | undefined> {
  const [type = '', { schema = {} } = {}] = Object.entries(requestBody?.content ?? {})[0] ?? [];
  if (type === '') return fc.constant(undefined);
  const json = arbitraryOf(document, known, '', schema);
  const text =
    type === 'application/json'
      ? fc.oneof(
          { weight: 10, arbitrary: json.map((value) => JSON.stringify(value)) },
          { weight: 1, arbitrary: hostileJson.map((value) => JSON.stringify(value) ?? '') },
          {
            weight: 1,
            arbitrary: fc.constantFrom('', '{', '[', '{"a":1,"a":2}', '{"__proto__":{}}'),
          },
        )
      : fc
          .array(hostileJson, { maxLength: 4 })
          .map((lines) => lines.map((one) => JSON.stringify(one)).join('\n'));
  return text.map((one) => ({ type, text: wellFormed(one) }));
}

function arbitraryOf(
  document: OpenApi,
  known: Known,
  name: string,
  schema: Schema = {},
): fc.Arbitrary<unknown> {
  const values = known[name];
  if (values !== undefined) return fc.constantFrom(...values);
  if (schema.$ref !== undefined) {
    const referred = document.components?.schemas?.[schema.$ref.split('/').at(-1) ?? ''];
    return arbitraryOf(document, known, name, referred);
  }
  const choice = schema.oneOf ?? schema.allOf;
  if (choice !== undefined)
    return fc.oneof(...choice.map((one) => arbitraryOf(document, known, name, one)));
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  const type = [schema.type].flat()[0];
  switch (type) {
    case 'integer':
    case 'number': {
      const { minimum: min = 0, maximum: max = 1_000 } = schema;
      return fc.integer({ min, max: Math.max(min, Math.min(max, 2 ** 31 - 1)) });
    }
    case 'boolean':
      return fc.boolean();
    case 'array':
      return fc.array(arbitraryOf(document, known, name, schema.items), { maxLength: 3 });
    case 'object':
      return objectOf(document, known, schema);
    default:
      return schema.example === undefined
        ? fc.constantFrom('x', 'a reason', '2025-05', 'biz_fuzz')
        : fc.constant(schema.example);
  }
}

/** With its required properties, most of the others, and sometimes one that it does not have. */
function objectOf(document: OpenApi, known: Known, schema: Schema): fc.Arbitrary<unknown> {
  const properties = Object.entries(schema.properties ?? {});
  const values = properties.map(([name, one]) => [
    name,
    fc.oneof(
      { weight: 7, arbitrary: arbitraryOf(document, known, name, one) },
      { weight: 2, arbitrary: hostileJson },
    ),
  ]);
  const record = fc.record(Object.fromEntries(values) as Record<string, fc.Arbitrary<unknown>>, {
    requiredKeys: [...(schema.required ?? [])],
  });
  const more = fc.tuple(fc.constantFrom('role', 'id', 'createdAt', 'tenantId'), hostileJson);
  return fc
    .tuple(
      record,
      fc.oneof({ weight: 8, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: more }),
    )
    .map(([object, added]) => (added ? { ...object, [added[0]]: added[1] } : object));
}
