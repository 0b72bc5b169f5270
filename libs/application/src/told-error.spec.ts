import { describe, expect, it } from '@jest/globals';
import { toldError } from './told-error.js';

const CANARY = 'Rui.Canary';
const caught = (act: () => unknown): unknown => {
  try {
    return act();
  } catch (error) {
    return error;
  }
};

describe('of an error a log says', () => {
  it('its kind, code, message and place', () => {
    const told = toldError(Object.assign(new TypeError('the pool is closed'), { code: 'ECLOSED' }));
    expect(told).toMatchObject({
      type: 'TypeError',
      code: 'ECLOSED',
      message: 'the pool is closed',
      stack: expect.stringMatching(/^ {4}at .*told-error\.spec\.ts:\d+:\d+/),
    });
  });

  it('which constraint refused a row, and nothing of the row', () => {
    const error = Object.assign(
      new Error('duplicate key violates unique constraint "codes_pkey"'),
      {
        code: '23505',
        table: 'codes',
        constraint: 'codes_pkey',
        detail: `Key (name)=(${CANARY}) already exists.`,
        where: `unnamed portal parameter $1 = '${CANARY}'`,
        parameters: [CANARY],
      },
    );
    const { stack: _, ...told } = toldError(error);
    expect(told).toEqual({
      type: 'Error',
      code: '23505',
      table: 'codes',
      constraint: 'codes_pkey',
      message: 'duplicate key violates unique constraint …',
    });
  });

  it.each<[string, () => unknown]>([
    ['JSON', () => JSON.parse(`${CANARY}`)],
    ['a number', () => BigInt(CANARY)],
    ['a zone', () => new Intl.DateTimeFormat('en', { timeZone: CANARY })],
    ['a field', () => Reflect.get(Object(undefined) as object, 'x') ?? (null as never)[CANARY]],
    ['an address', () => new URL(CANARY)],
    ['text that a database quotes', () => new Error(`invalid input syntax for uuid: "${CANARY}"`)],
    ['text with a line break', () => new Error(`value "a\n    at ${CANARY}\n" is out of range`)],
    ['text like a frame', () => new Error(`value \n    at ${CANARY}:1:1\n is out of range`)],
    ['text cut in the quotation', () => new Error(`value "a ${CANARY}`)],
    ['an email', () => new Error(`no profile of ${CANARY}@example.com`)],
    ['a key and its value', () => new Error(`Key (name)=(${CANARY}) is missing`)],
    ['a cause', () => new Error('failed', { cause: new Error(`"${CANARY}"`) })],
    ['a name', () => Object.assign(new Error('failed'), { name: `is ${CANARY}` })],
    ['a code', () => Object.assign(new Error('failed'), { code: `is ${CANARY}` })],
    ['text that was thrown', () => CANARY],
  ])('nothing of %s that somebody sent', (_, act) => {
    expect(JSON.stringify(toldError(caught(act)))).not.toContain(CANARY);
  });

  it('what it came from, to some depth', () => {
    let error = new Error('the first');
    for (let n = 0; n < 10; n += 1) error = new Error(`then ${n}`, { cause: error });
    const told = JSON.stringify(toldError(error));
    expect(told).toContain('then 6');
    expect(told).not.toContain('then 5');
  });
});
