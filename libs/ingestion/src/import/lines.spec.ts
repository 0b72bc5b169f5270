import { describe, expect, it } from '@jest/globals';
import { MAX_LINE_BYTES, readLines } from './lines.js';

const read = (text: string | Buffer, reading = {}, before = 0) =>
  readLines(Buffer.from(text as string), before, reading);
const pay = (id: string, rest = ''): string => `{"id":"pay_${id}","status":"paid"${rest}}`;

describe('the lines of an import', () => {
  it('are numbered as an editor numbers them, blank ones included, whatever ends them', () => {
    const { count, lines } = read(
      `\ufeff${pay('1')}\r\n\r\n  ${pay('2')}\n\t\n${pay('3')}`,
      {},
      10,
    );
    expect(count).toBe(5);
    expect(lines.map(({ number, deliveryId }) => [number, deliveryId])).toEqual([
      [11, 'pay_1'],
      [13, 'pay_2'],
      [15, 'pay_3'],
    ]);
    expect(lines.map(({ body }) => body.toString())).toEqual([pay('1'), pay('2'), pay('3')]);
  });

  it('are the same delivery for the same bytes, and another for others', () => {
    const [first, again, other] = read(
      `${pay('1')}\n ${pay('1')}\n${pay('1', ',"total":5')}`,
    ).lines;
    expect(again).toMatchObject({ deliveryId: first?.deliveryId, sha256: first?.sha256 });
    expect(other?.deliveryId).toBe('pay_1');
    expect(other?.sha256).not.toEqual(first?.sha256);
  });

  it('may be whole webhooks, which keep their id', () => {
    const webhook = '{"id":"msg_1","type":"payment.succeeded","data":{"id":"pay_1"}}';
    const legacy = '{"action":"membership.went_valid","data":{"id":"mem_1"}}';
    expect(read(`${webhook}\n${legacy}`).lines).toMatchObject([
      { deliveryId: 'msg_1', kind: 'payment', objectId: 'pay_1' },
      { deliveryId: 'mem_1', kind: 'membership', objectId: 'mem_1' },
    ]);
  });

  it.each([
    ['not_json', '{"id":'],
    ['not_an_object', '["pay_1"]'],
    ['kind_unknown', '{"id":"mber_1","status":"paid"}'],
    ['kind_unknown', '{"data":[{"id":"pay_1"}],"page_info":{}}'],
    ['not_utf8', Buffer.from([0x7b, 0xff, 0x7d])],
    ['too_long', `{"id":"pay_1","x":"${'x'.repeat(MAX_LINE_BYTES)}"}`],
  ] as const)('that are %s are not stored, and said with their number', (code, text) => {
    const bytes = Buffer.concat([Buffer.from(`${pay('1')}\n`), Buffer.from(text as string)]);
    const { lines, unreadable } = read(bytes);
    expect(lines).toHaveLength(1);
    expect(unreadable).toEqual([expect.objectContaining({ line: 2, code })]);
  });

  it('are wrapped only where whoever imports them adds what they do not say', () => {
    const reading = { kind: 'refund', creatorId: 'biz_a' } as const;
    const bodyOf = (text: string) => read(text, reading).lines[0]?.body.toString();
    const known = '{"id":"pay_1","company":{"id":"biz_b"}}';
    expect(bodyOf(known)).toBe(known);
    expect(bodyOf(pay('1'))).toBe(`{"import":"payment","company_id":"biz_a","data":${pay('1')}}`);
    expect(bodyOf('{"id":"re_7","account_id":"biz_b"}')).toBe(
      '{"import":"refund","data":{"id":"re_7","account_id":"biz_b"}}',
    );
  });
});
