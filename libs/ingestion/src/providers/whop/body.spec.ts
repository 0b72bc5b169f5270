import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MAX_NESTING, readBody } from './body.js';
import { translate } from './translate.js';

const NOW = 1_761_955_203;
const code = (body: Buffer | string): string =>
  readBody(Buffer.from(body as string)).problem?.code ?? 'read';
const nested = (depth: number): string => `${'{"a":'.repeat(depth - 1)}{}${'}'.repeat(depth - 1)}`;
const escaped = (hex: string): string => `\\u${hex}`;

describe('the bytes of a delivery', () => {
  it.each<[string, Buffer | string]>([
    ['body_not_utf8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d])],
    ['body_not_utf8', Buffer.from('{"a":"é"}', 'latin1')],
    ['body_not_utf8', Buffer.from([0x7b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x7d])], // CESU surrogate
    ['body_not_utf8', Buffer.from([0x22, 0xc0, 0xaf, 0x22])], // overlong
    ['body_not_json', ''],
    ['body_not_json', '{'],
    ['body_not_json', "{'a':1}"],
    ['body_not_json', '{"a":1}{}'],
    ['body_not_json', '{"a":NaN}'],
    ['body_not_json', '\ufeff{}'],
    ['body_not_json', '{"a":"\0"}'],
    ['body_not_json', Buffer.from('{}', 'utf16le')],
    ['body_not_object', '[]'],
    ['body_not_object', 'null'],
    ['body_not_object', '"{}"'],
    ['body_not_object', '17'],
    ['body_too_deep', nested(MAX_NESTING + 1)],
    ['body_too_deep', nested(30_000)],
    ['body_too_deep', `{"a":${'['.repeat(32)}${']'.repeat(32)}}`],
    ['body_duplicate_key', '{"a":1,"a":1}'],
    ['body_duplicate_key', '{"a":{"b":1,"c":2,"b":1}}'],
    ['body_duplicate_key', '{"x":[{"b":1},{"b":1,"b":null}]}'],
    ['body_duplicate_key', `{"a":1,"${escaped('0061')}":2}`],
    ['body_duplicate_key', '{"":1,"":2}'],
    ['body_forbidden_key', '{"__proto__":{"type":"payment.succeeded"}}'],
    ['body_forbidden_key', `{"${escaped('005f')}_proto__":1}`],
    ['body_forbidden_key', '{"a":[{"constructor":{"prototype":{}}}]}'],
    ['body_forbidden_key', '{"prototype":1}'],
    ['body_bad_text', `{"a":"x${escaped('0000')}"}`],
    ['body_bad_text', `{"a":["${escaped('d800')}"]}`],
    ['body_bad_text', `{"a":"${escaped('dc00')}${escaped('d800')}"}`],
    ['body_bad_text', `{"${escaped('D83D')}":1}`],
  ])('are refused: %s', (expected, body) => {
    expect(code(body)).toBe(expected);
  });

  it.each([
    nested(MAX_NESTING),
    '{}',
    ' {"a":[1,{"a":2}],"b":{"a":3}} \n',
    '{"a:b":"c:d","e\\"f":":\\\\","g":"\\\\\\":"}',
    `{"a":"${escaped('d83d')}${escaped('de00')}","b":"\u{1F600}","c":"${escaped('0001')}"}`,
    '{"1":1,"0":2,"toString":3,"hasOwnProperty":4}',
  ])('are read: %s', (body) => {
    expect(code(body)).toBe('read');
    expect(readBody(Buffer.from(body)).json).toEqual(JSON.parse(body));
  });

  it('of any JSON without repeated keys are read, and never with one', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 })), (value) => {
        const body = JSON.stringify(value);
        const expected = /__proto__|"constructor":|"prototype":|\\u/.test(body);
        fc.pre(!expected);
        expect(code(body)).toBe('read');
        const [key] = Object.keys(value);
        if (key === undefined) return;
        const twice = `${body.slice(0, -1)},${JSON.stringify(key)}:0}`;
        expect(code(twice)).toBe('body_duplicate_key');
      }),
    );
  });

  it('are translated without ever throwing, whatever they are', () => {
    const hostile = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
      fc.json().map((text) => Buffer.from(text)),
      envelope.map((value) => Buffer.from(JSON.stringify(value))),
    );
    fc.assert(
      fc.property(hostile, (body) => {
        expect(['telling', 'ignored', 'quarantined']).toContain(translate(body, NOW).outcome);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['49.990000000000000001', '49.990000000000000001'],
    ['0.00999999999999999999', '0.00999999999999999999'],
    ['9007199254740993', '9007199254740993'],
    ['-9007199254740993', '-9007199254740993'],
    ['1e-999999999', '1e-999999999'],
    ['1e400', '1e400'],
    ['1E-7', 1e-7],
    ['4.99E+1', 49.9],
    ['0.1000000000000000000', 0.1],
    ['9007199254740992', 9007199254740992],
    ['-0.0', -0],
  ])('hold the number %s as it was sent', (literal, read) => {
    const { json } = readBody(Buffer.from(`{"a":[${literal}],"b":"\\"${literal}","c":1}`));
    expect(json).toEqual({ a: [read], b: `"${literal}`, c: 1 });
  });

  it('tell one amount as a number and as a text, or none', () => {
    const digits = (min: number, max: number) =>
      fc.stringMatching(new RegExp(`^[0-9]{${min},${max}}$`));
    const whole = fc.oneof(fc.constant('0'), fc.stringMatching(/^[1-9][0-9]{0,11}$/));
    fc.assert(
      fc.property(whole, digits(1, 25), (units, fraction) => {
        const told = (total: string) => {
          const data = `"id":"pay_1","currency":"usd","paid_at":${NOW},"total":${total}`;
          const read = translate(Buffer.from(`{"type":"payment.succeeded","data":{${data}}}`), NOW);
          return read.outcome === 'telling' ? read.telling : read.outcome;
        };
        const decimal = `${units}.${fraction}`;
        expect(told(decimal)).toEqual(told(`"${decimal}"`));
      }),
      { numRuns: 2_000 },
    );
  });
});

/** Envelopes whose parts are of any type, so that every reader meets every kind of value. */
const anything = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom('biz_a', 'user_a', 'mem_a', 'pay_a', 'pay_!', Infinity, '2025-02-30T00:00:00Z'),
  fc.record({ id: fc.constantFrom('biz_a', 'user_a', 7), amount: fc.jsonValue() }),
);
const data = fc.record(
  {
    id: fc.constantFrom('pay_a', 'mem_a', 'x'),
    company: anything,
    user: anything,
    membership: anything,
    total: anything,
    final_amount: anything,
    currency: anything,
    paid_at: fc.oneof(anything, fc.constant(5)),
    created_at: anything,
    metadata: anything,
    affiliate_code: anything,
    checkout_configuration: anything,
  },
  { requiredKeys: ['id'] },
);
const envelope = fc.record(
  {
    type: fc.constantFrom('payment.succeeded', 'payment.failed', 'membership.activated', '\ud800'),
    action: anything,
    company_id: anything,
    data: fc.oneof(data, anything),
  },
  { requiredKeys: ['data'] },
);
