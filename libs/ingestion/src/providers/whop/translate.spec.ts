import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { Translation } from '../../provider.js';
import { whopProvider } from './whop.provider.js';

interface Fixture {
  readonly title: string;
  readonly receivedAt: number;
  readonly body: unknown;
  readonly expect: Translation;
}

const folder = new URL('../../../../../test/fixtures/whop/', import.meta.url);
const fixtures = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map(
    (name) => [name, JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Fixture] as const,
  );

const { translate } = whopProvider({ secrets: [] });
const RECEIVED_AT = 1_761_955_203;

/** A payment that makes sense, but for what the test is about. */
function payment(data: object, envelope: Record<string, unknown> = {}): Translation {
  return translated({
    type: 'payment.succeeded',
    company_id: 'biz_1',
    data: { id: 'pay_1', total: 10, currency: 'usd', paid_at: 1_761_955_199, ...data },
    ...envelope,
  });
}

function translated(body: unknown, receivedAt = RECEIVED_AT): Translation {
  return translate(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)), receivedAt);
}

const outcome = (translation: Translation): string =>
  translation.outcome === 'quarantined' ? translation.code : translation.outcome;

const telling = (translation: Translation) => {
  if (translation.outcome !== 'telling') throw new Error(JSON.stringify(translation));
  return translation.telling;
};

describe('a delivery as Whop sends it', () => {
  it.each(fixtures)('%s', (_name, fixture) => {
    expect(translated(fixture.body, fixture.receivedAt)).toStrictEqual(fixture.expect);
  });
});

describe('an amount', () => {
  const money = (amount: unknown, currency?: unknown) => ({ amount, currency, decimals: 2 });

  it.each<[unknown, unknown, string, string | null]>([
    [6.9, 'usd', '6.9', 'usd'],
    ['10.50', 'USD', '10.5', 'usd'],
    [money('29.99', 'usd'), undefined, '29.99', 'usd'],
    [money(29.99, 'EUR'), 'usd', '29.99', 'eur'],
    [money('29.99'), 'gbp', '29.99', 'gbp'],
    [5000, 'jpy', '5000', 'jpy'],
    ['5000.00', 'jpy', '5000', 'jpy'],
    ['1.234', 'kwd', '1.234', 'kwd'],
    [0, 'usd', '0', 'usd'],
    ['-0.00', 'usd', '0', 'usd'],
    ['0.1', 'whop_usd', '0.1', 'whop_usd'],
    [10, undefined, '10', null],
    [10, null, '10', null],
    [10, ' ', '10', null],
    ['1.23456', undefined, '1.23456', null],
    ['10000000000.00', 'usd', '10000000000', 'usd'],
    [1e12, 'jpy', '1000000000000', 'jpy'],
  ])('%j %j is %s %s', (total, currency, decimal, told) => {
    expect(telling(payment({ total, currency }))).toMatchObject({
      amount: { decimal, currency: told },
    });
  });

  it.each<[unknown, unknown, string]>([
    [undefined, 'usd', 'amount_missing'],
    [null, 'usd', 'amount_missing'],
    ['', 'usd', 'amount_missing'],
    [money(null, 'usd'), 'usd', 'amount_missing'],
    [-0.01, 'usd', 'amount_negative'],
    ['-5', undefined, 'amount_negative'],
    [9.999, 'usd', 'amount_too_precise'],
    [0.1, 'jpy', 'amount_too_precise'],
    ['1.2345', 'kwd', 'amount_too_precise'],
    ['10000000000.01', 'usd', 'amount_too_large'],
    [1e18, 'usd', 'amount_too_large'],
    ['1000000000001', undefined, 'amount_too_large'],
    [1e21, 'usd', 'amount_malformed'],
    [1e-7, 'usd', 'amount_malformed'],
    ['1e3', 'usd', 'amount_malformed'],
    ['NaN', 'usd', 'amount_malformed'],
    ['Infinity', undefined, 'amount_malformed'],
    ['0x10', 'usd', 'amount_malformed'],
    ['1,000', 'usd', 'amount_malformed'],
    [' 1', 'usd', 'amount_malformed'],
    ['+1', 'usd', 'amount_malformed'],
    ['1.', 'usd', 'amount_malformed'],
    ['١٢', 'usd', 'amount_malformed'],
    ['9'.repeat(65), 'usd', 'amount_malformed'],
    [true, 'usd', 'amount_malformed'],
    [[10], 'usd', 'amount_malformed'],
    [10, 'eth', 'currency_unknown'],
    [10, 'xau', 'currency_unknown'],
    [10, 'toString', 'currency_unknown'],
    [10, 840, 'currency_unknown'],
    [money('1', 'btc'), 'usd', 'currency_unknown'],
  ])('%j %j is refused: %s', (total, currency, code) => {
    expect(outcome(payment({ total, currency }))).toBe(code);
  });

  it('is the total in v1, whatever a final amount says, and the final amount before', () => {
    const both = { total: 10, final_amount: 20 };
    expect(telling(payment(both))).toMatchObject({ amount: { decimal: '10' } });
    const legacy = { type: undefined, action: 'payment.succeeded' };
    expect(telling(payment(both, legacy))).toMatchObject({ amount: { decimal: '20' } });
    expect(outcome(payment({ total: null, final_amount: 20 }))).toBe('amount_missing');
  });

  it('too large for a number is refused as it was written', () => {
    const body =
      '{"type":"payment.succeeded","data":{"id":"pay_1","paid_at":100000,"total":1e400}}';
    expect(outcome(translated(body))).toBe('amount_malformed');
  });
});

describe('a time', () => {
  it.each<[unknown, number]>([
    [1_761_955_199, 1_761_955_199],
    ['1761955199', 1_761_955_199],
    ['2025-10-31T23:59:59.999Z', 1_761_955_199],
    ['2025-10-31T23:59:59Z', 1_761_955_199],
    ['2025-10-31T19:59:59.999999-04:00', 1_761_955_199],
    ['2025-11-01T05:29:59+0530', 1_761_955_199],
    ['2024-02-29T00:00:00Z', 1_709_164_800],
    ['1970-01-02T00:00:00Z', 86_400],
    ['1970-01-01T20:00:00-04:00', 86_400],
    [RECEIVED_AT + 86_400, RECEIVED_AT + 86_400],
  ])('%j is %d', (paid_at, paidAt) => {
    expect(telling(payment({ paid_at }))).toMatchObject({ paidAt });
  });

  it.each<[unknown, string]>([
    [undefined, 'paid_at_missing'],
    [null, 'paid_at_missing'],
    ['', 'paid_at_missing'],
    ['2025-10-31T23:59:59', 'time_malformed'],
    ['2025-10-31', 'time_malformed'],
    ['2025-02-29T00:00:00Z', 'time_malformed'],
    ['2025-02-30T00:00:00Z', 'time_malformed'],
    ['2025-13-01T00:00:00Z', 'time_malformed'],
    ['2025-10-31T24:00:00Z', 'time_malformed'],
    ['2025-10-31T23:59:60Z', 'time_malformed'],
    ['2025-10-31T23:59:59+24:00', 'time_malformed'],
    ['0075-01-01T00:00:00Z', 'time_malformed'],
    ['9999-01-01T00:00:00Z', 'time_malformed'],
    ['2200-01-01T00:00:00Z', 'time_malformed'],
    ['1970-01-01T23:59:59Z', 'time_malformed'],
    [0, 'time_malformed'],
    [-1, 'time_malformed'],
    [1_761_955_199.5, 'time_malformed'],
    [1_761_955_199_000, 'time_malformed'],
    [true, 'time_malformed'],
    [{}, 'time_malformed'],
    ['now', 'time_malformed'],
    [RECEIVED_AT + 86_401, 'time_in_future'],
    ['2125-10-31T23:59:59Z', 'time_in_future'],
  ])('%j is refused: %s', (paid_at, code) => {
    expect(outcome(payment({ paid_at }))).toBe(code);
  });

  it('is read strictly wherever the ledger uses it, and not at all elsewhere', () => {
    expect(outcome(payment({ created_at: 'x' }))).toBe('time_malformed');
    expect(outcome(payment({ refunded_at: 'x', updated_at: -1 }))).toBe('telling');
    const membership = (data: object) =>
      outcome(translated({ type: 'membership.activated', data: { id: 'mem_1', ...data } }));
    expect(membership({})).toBe('telling');
    expect(membership({ joined_at: '2126-01-01T00:00:00Z' })).toBe('time_in_future');
    expect(membership({ created_at: '2025-02-30T00:00:00Z' })).toBe('time_malformed');
  });
});

describe('a person', () => {
  const person = (data: object, envelope?: Record<string, unknown>) =>
    telling(payment(data, { company_id: undefined, ...envelope })).person;

  it.each<[string, object, Record<string, unknown>]>([
    ['company_id', { company_id: 'biz_a' }, {}],
    ['account_id', { account_id: 'biz_a' }, {}],
    ['company', { company: { id: 'biz_a' } }, {}],
    ['company as text', { company: 'biz_a' }, {}],
    ['page_id', { page_id: 'biz_a' }, {}],
    ['company_id of the envelope', {}, { company_id: 'biz_a' }],
    ['account_id of the envelope', {}, { account_id: 'biz_a' }],
    ['company of the envelope', {}, { company: 'biz_a' }],
    ['data before the envelope', { account_id: 'biz_a' }, { company_id: 'biz_b' }],
    ['what is a company', { company_id: 'page_1', page_id: 'biz_a' }, {}],
  ])('belongs to the creator named by %s', (_where, data, envelope) => {
    expect(person(data, envelope)).toEqual({ creatorId: 'biz_a' });
  });

  it.each<[string, object, object]>([
    ['user.id', { user: { id: 'user_a' } }, { userId: 'user_a' }],
    ['user', { user: 'user_a' }, { userId: 'user_a' }],
    ['user_id', { user_id: 'user_a' }, { userId: 'user_a' }],
    ['membership.id', { membership: { id: 'mem_a' } }, { membershipId: 'mem_a' }],
    ['membership', { membership: 'mem_a' }, { membershipId: 'mem_a' }],
    ['membership_id', { membership_id: 'mem_a' }, { membershipId: 'mem_a' }],
  ])('is named by %s', (_where, data, expected) => {
    expect(person(data)).toEqual(expected);
  });

  it('is never a member id, a number or another kind of thing', () => {
    expect(person({ user_id: 'mber_a', member: { id: 'mber_a' }, membership: 'mber_a' })).toEqual(
      {},
    );
    expect(person({ user_id: 17, membership_id: ['mem_a'], company_id: null })).toEqual({});
  });

  it.each<[object]>([
    [{ user_id: 'user_' }],
    [{ user_id: 'user_a b' }],
    [{ user_id: "user_a'--" }],
    [{ user_id: 'user_а' }], // a Cyrillic letter
    [{ membership: `mem_${'a'.repeat(61)}` }],
    [{ company_id: 'biz_a.user_b' }],
    [{ id: 'pay_1\n' }],
  ])('with an id that could not be one makes no sense: %j', (data) => {
    expect(outcome(payment(data))).toBe('id_malformed');
  });

  it('has a name, a username in lower case and an email, where they are told', () => {
    const user = { id: 'user_a', name: ' Zoë ', username: '  ZOË ', email: '' };
    expect(person({ user })).toEqual({ userId: 'user_a', name: 'Zoë', username: 'zoë' });
  });
});

describe('a claim', () => {
  const claims = (data: object) => {
    const told = telling(payment(data));
    return 'claims' in told ? told.claims : undefined;
  };

  it.each<[object, object]>([
    [{ metadata: { referral_code: ' abcd-efgh ' } }, { metadataCode: 'ABCD-EFGH' }],
    [{ metadata: { referral_code: 12 } }, { metadataCode: '12' }],
    [
      { metadata: { referral_code: 'a' }, membership_metadata: { referral_code: 'b' } },
      { metadataCode: 'A', membershipMetadataCode: 'B' },
    ],
    [{ membership_metadata: { referral_code: 'b' } }, { membershipMetadataCode: 'B' }],
    [{ affiliate_code: ' Zoe ' }, { affiliateCode: 'Zoe' }],
    [{ checkout_configuration: { affiliate_code: 'zoe' } }, { affiliateCode: 'zoe' }],
    [{ affiliate_username: ' ZOE ' }, { affiliateUsername: 'zoe' }],
    [{ plan: { metadata: { referral_code: 'a' } } }, {}],
    [{ product: { metadata: { referral_code: 'a' } } }, {}],
    [{ metadata: { referral_code: ' ' }, affiliate_code: '', affiliate_username: null }, {}],
    [{ metadata: { referral_code: 'x'.repeat(201) }, affiliate_username: {} }, {}],
    [{ metadata: [{ referral_code: 'a' }] }, {}],
    [{ metadata: 'referral_code' }, {}],
  ])('in %j is %j', (data, expected) => {
    expect(claims(data)).toStrictEqual(expected);
  });
});

describe('an envelope', () => {
  it.each([
    ['payment.succeeded'],
    ['payment_succeeded'],
    ['app_payment.succeeded'],
    ['app_payment_succeeded'],
  ])('of type %s tells of a payment', (type) => {
    expect(payment({}, { type })).toMatchObject({ outcome: 'telling', type });
    expect(payment({ final_amount: 1 }, { type: null, action: type })).toMatchObject({ type });
  });

  it.each([['payment.created'], ['constructor'], ['payment.succeeded '], ['app_'], ['é']])(
    'of type %j is ignored by name',
    (type) => {
      expect(payment({}, { type })).toEqual({ outcome: 'ignored', type, reason: 'type_not_used' });
    },
  );

  it.each<[unknown, string]>([
    [{}, 'type_missing'],
    [{ type: '' }, 'type_missing'],
    [{ type: 7, action: ['payment.succeeded'] }, 'type_missing'],
    [{ type: 'payment.succeeded' }, 'data_missing'],
    [{ type: 'payment.succeeded', data: [] }, 'data_missing'],
    [{ type: 'payment.succeeded', data: { id: 'mem_1' } }, 'payment_id_missing'],
    [{ type: 'membership.activated', data: { id: 'pay_1' } }, 'membership_id_missing'],
  ])('like %j is refused: %s', (body, code) => {
    expect(outcome(translated(body))).toBe(code);
  });

  it('that is refused still says whose it is and when, but never a time ahead of its receipt', () => {
    const paid_at = '2125-01-01T00:00:00Z';
    expect(payment({ paid_at, created_at: 100_000, company_id: 'biz_a' })).toMatchObject({
      code: 'time_in_future',
      creatorId: 'biz_a',
      at: 100_000,
    });
    expect(payment({ paid_at, company_id: 'biz_!' })).toStrictEqual({
      outcome: 'quarantined',
      type: 'payment.succeeded',
      code: 'id_malformed',
      detail: expect.any(String),
    });
  });

  it('keeps only a billing reason that is one', () => {
    expect(telling(payment({ billing_reason: 'one_time' }))).toMatchObject({
      billingReason: 'one_time',
    });
    expect(telling(payment({ billing_reason: 'One Time' }))).not.toHaveProperty('billingReason');
  });
});
