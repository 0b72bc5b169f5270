import { describe, expect, it } from '@jest/globals';
import { renderPayment, WHOP_GENERATIONS } from '../providers/whop/index.js';
import { masked, maskedDetail } from './masking.js';

const data = (fields: object): unknown => (masked({ data: fields }) as { data: unknown }).data;

describe('a masked body', () => {
  it.each(WHOP_GENERATIONS)('shows what decides, and no word of a person: %s', (generation) => {
    const { payload } = renderPayment(generation, {
      creatorId: 'biz_a',
      userId: 'user_a',
      membershipId: 'mem_a',
      paymentId: 'pay_a',
      name: 'Ana Lima',
      username: 'ana.lima',
      email: 'ana@example.com',
      referralCode: 'ANALIMA',
      affiliateUsername: 'rui.aguas',
      status: 'succeeded',
      amount: '49.99',
      currency: 'usd',
      paidAt: 1_772_366_400,
      createdAt: 1_772_366_400,
    });
    const text = JSON.stringify(masked(payload));
    expect(text).toContain('pay_a');
    expect(text).toContain('49.99');
    expect(text).toContain('usd');
    expect(text).not.toMatch(/ana|lima|rui|example/i);
  });

  it('shows a value only where its key is known and its text has the form of that key', () => {
    expect(data({ id: 'pay_1', user_id: 'ana_lima', paid_at: 'in March', total: '1 800' })).toEqual(
      {
        id: 'pay_1',
        user_id: '[masked text]',
        paid_at: '[masked text]',
        total: '[masked text]',
      },
    );
    expect(data({ invented: 'pay_1', phone: 351_912_345, ok: true, none: null })).toEqual({
      invented: '[masked text]',
      phone: '[masked number]',
      ok: true,
      none: null,
    });
  });

  it('hides words in keys, below metadata all of them that are not known', () => {
    expect(
      data({
        'Ana Lima': 1,
        metadata: { ana: 'x', referral_code: 'ABCD-2345', deep: { lima: 1 } },
      }),
    ).toEqual({
      '[masked key 1]': '[masked number]',
      metadata: {
        '[masked key 1]': '[masked text]',
        referral_code: 'ABCD-2345',
        '[masked key 2]': { '[masked key 1]': '[masked number]' },
      },
    });
  });

  it('says of lists and objects only how they are built', () => {
    expect(data({ refunds: ['Ana', { amount: 3, note: 'Ana' }], line1: ['Rua Augusta'] })).toEqual({
      refunds: ['[masked text]', { amount: 3, note: '[masked text]' }],
      line1: ['[masked text]'],
    });
    const hostile = JSON.parse('{"__proto__":{"email":"a@b.c"},"data":[[[["Ana"]]]]}');
    expect(JSON.stringify(masked(hostile))).not.toMatch(/Ana|a@b/);
  });
});

describe('the reason of an outcome', () => {
  it('is told without what it quotes, unless that is harmless', () => {
    const said = (detail: string, code = 'amount_malformed') =>
      maskedDetail(code, `${code}: ${detail}`);
    expect(said('the amount is negative: -4.5')).toBe('the amount is negative: -4.5');
    expect(said('the amount is not a decimal: Ana Lima')).toBe(
      'the amount is not a decimal: [masked text]',
    );
    const unlisted = 'the currency is unlisted: xau';
    expect(said(unlisted, 'currency_unknown')).toBe(unlisted);
    // Three letters are somebody's name anywhere else.
    expect(said('the status is unlisted: Zoe', 'status_unknown')).toBe(
      'the status is unlisted: [masked text]',
    );
    expect(said('no amount is told')).toBe('no amount is told');
  });

  it('is left to the log where nobody foresaw it', () => {
    expect(maskedDetail('intake_failed', 'invalid input: "Ana"')).not.toContain('Ana');
    expect(maskedDetail(null, null)).toBeNull();
  });
});
