import { describe, expect, it } from '@jest/globals';
import { translate } from './translate.js';

const RECEIVED_AT = 1_761_955_203;
const CREATED_AT = 1_761_955_199;

const translated = (body: object) => translate(Buffer.from(JSON.stringify(body)), RECEIVED_AT);
const refund = (data: object, envelope: object = {}) =>
  translated({
    type: 'refund.updated',
    timestamp: '2025-11-01T00:00:01.412Z',
    data: {
      id: 'rf_1',
      payment_id: 'pay_1',
      amount: 10,
      currency: 'usd',
      status: 'succeeded',
      created_at: CREATED_AT,
      ...data,
    },
    ...envelope,
  });
const dispute = (data: object) => refund({ id: 'dspt_1', ...data }, { type: 'dispute.updated' });
type Told = ReturnType<typeof refund>;
const telling = (told: Told) => {
  if (told.outcome !== 'telling') throw new Error(JSON.stringify(told));
  return told.telling;
};
const code = (told: Told): string => (told.outcome === 'quarantined' ? told.code : told.outcome);

describe('the state of a refund', () => {
  it.each(['pending', 'requires_action', 'succeeded', 'canceled', 'failed'])('%s', (status) => {
    expect(telling(refund({ status }))).toMatchObject({ kind: 'refund', state: status });
    expect(telling(refund({ status, visa_rdr: true }))).toMatchObject({ state: status });
  });

  it.each<[unknown, string]>([
    [undefined, 'status_missing'],
    [null, 'status_missing'],
    ['', 'status_missing'],
    [2, 'status_missing'],
    ['lost', 'status_unknown'],
    ['SUCCEEDED', 'status_unknown'],
    ['constructor', 'status_unknown'],
  ])('%j is refused: %s', (status, refused) => {
    expect(code(refund({ status }))).toBe(refused);
  });
});

describe('the state of a dispute', () => {
  it.each([
    ['warning_needs_response', false, 'open'],
    ['warning_under_review', false, 'open'],
    ['needs_response', false, 'open'],
    ['under_review', false, 'open'],
    ['other', false, 'open'],
    ['closed', false, 'open'],
    ['lost', false, 'lost'],
    ['won', false, 'won'],
    ['warning_closed', false, 'warning_closed'],
    ['needs_response', true, 'lost'],
    ['closed', true, 'lost'],
    ['lost', true, 'lost'],
    ['won', true, 'won'],
    ['warning_closed', true, 'warning_closed'],
    ['under_review', 'true', 'open'],
  ])('%s with visa_rdr %j is %s', (status, visa_rdr, state) => {
    expect(telling(dispute({ status, visa_rdr }))).toMatchObject({ kind: 'dispute', state });
  });

  it('unlisted is refused rather than taken for open', () => {
    expect(code(dispute({ status: 'lost_by_default' }))).toBe('status_unknown');
    expect(code(dispute({ status: null, visa_rdr: true }))).toBe('status_missing');
  });
});

describe('the payment of a refund', () => {
  it.each<[string, object]>([
    ['payment_id', { payment_id: 'pay_a' }],
    ['payment.id', { payment_id: undefined, payment: { id: 'pay_a' } }],
    ['payment', { payment_id: null, payment: 'pay_a' }],
    ['payment_id before payment', { payment_id: 'pay_a', payment: { id: 'pay_b' } }],
  ])('is named by %s', (_where, data) => {
    expect(telling(refund(data))).toMatchObject({ paymentId: 'pay_a' });
  });

  it('may be missing, and is no payment of another kind', () => {
    for (const payment_id of [undefined, null, 'mem_1', 7]) {
      expect(telling(refund({ payment_id }))).not.toHaveProperty('paymentId');
    }
    expect(code(refund({ payment_id: 'pay_!' }))).toBe('id_malformed');
  });
});

describe('the person of a refund', () => {
  const person = (data: object, envelope = {}) => telling(refund(data, envelope)).person;

  it.each<[string, object, object, object]>([
    ['nobody', {}, {}, {}],
    ['the envelope', {}, { company_id: 'biz_a' }, { creatorId: 'biz_a' }],
    ['the pinned envelope', {}, { account_id: 'biz_a' }, { creatorId: 'biz_a' }],
    ['the app', {}, { company: 'biz_a' }, { creatorId: 'biz_a' }],
    [
      'its own company',
      { company: { id: 'biz_a' } },
      { company_id: 'biz_b' },
      { creatorId: 'biz_a' },
    ],
    [
      'company and user',
      { company: { id: 'biz_a' }, user: { id: 'user_a' } },
      {},
      { creatorId: 'biz_a', userId: 'user_a' },
    ],
    [
      'the company of the payment',
      { payment: { company_id: 'biz_a' } },
      {},
      { creatorId: 'biz_a' },
    ],
    [
      'the user of the payment',
      { payment: { user: { id: 'user_a', name: 'A' } } },
      {},
      { userId: 'user_a' },
    ],
    ['the user id of the payment', { payment: { user_id: 'user_a' } }, {}, { userId: 'user_a' }],
  ])('is told by %s', (_who, data, envelope, expected) => {
    expect(person(data, envelope)).toEqual(expected);
  });

  it('is never a member id, and has no name', () => {
    const payment = {
      member: { id: 'mber_1' },
      user: { name: 'A', username: 'a', email: 'a@b.c' },
    };
    expect(person({ payment })).toEqual({});
  });
});

describe('the amount of a refund', () => {
  const money = (amount: unknown, currency?: string) => ({ amount, currency, decimals: 2 });

  it.each<[object, object]>([
    [{ amount: 6.9 }, { amount: { decimal: '6.9', currency: 'usd' } }],
    [{ amount: '10.50', currency: 'EUR' }, { amount: { decimal: '10.5', currency: 'eur' } }],
    [{ amount: money('29.99', 'eur') }, { amount: { decimal: '29.99', currency: 'eur' } }],
    [{ amount: 10, currency: undefined }, { amount: { decimal: '10', currency: null } }],
    [{ amount: '0.001', currency: 'kwd' }, { amount: { decimal: '0.001', currency: 'kwd' } }],
    [{ amount: '7', currency: 'jpy' }, { amount: { decimal: '7', currency: 'jpy' } }],
    [
      { original_amount: money('9.10', 'gbp') },
      { amount: { decimal: '10', currency: 'usd' }, original: { decimal: '9.1', currency: 'gbp' } },
    ],
  ])('in %j is %j', (data, expected) => {
    expect(telling(refund(data))).toMatchObject(expected);
  });

  it('of an original without a currency is no original', () => {
    expect(telling(refund({ original_amount: money('9.10') }))).not.toHaveProperty('original');
    expect(telling(refund({ original_amount: null }))).not.toHaveProperty('original');
  });

  it.each<[object, string]>([
    [{ amount: undefined }, 'amount_missing'],
    [{ amount: -1 }, 'amount_negative'],
    [{ amount: 0.1, currency: 'jpy' }, 'amount_too_precise'],
    [{ amount: 1, currency: 'eth' }, 'currency_unknown'],
    [{ original_amount: money('0.001', 'usd') }, 'amount_too_precise'],
    [{ original_amount: money('1', 'btc') }, 'currency_unknown'],
  ])('in %j is refused: %s', (data, refused) => {
    expect(code(refund(data))).toBe(refused);
  });
});

describe('the time of a refund', () => {
  it('is created_at, else that of the envelope, floored to whole seconds', () => {
    expect(telling(refund({}))).toMatchObject({ createdAt: CREATED_AT });
    expect(telling(refund({}))).not.toHaveProperty('toldAt');
    const dated = telling(refund({ created_at: null }));
    expect(dated).toMatchObject({ toldAt: 1_761_955_201 });
    expect(dated).not.toHaveProperty('createdAt');
  });

  it.each<[object, object, string]>([
    [{ created_at: null }, { timestamp: undefined }, 'created_at_missing'],
    [{ created_at: 'soon' }, {}, 'time_malformed'],
    [{ created_at: RECEIVED_AT + 86_401 }, {}, 'time_in_future'],
    [{ created_at: null }, { timestamp: '2125-01-01T00:00:00Z' }, 'time_in_future'],
    [{ created_at: null }, { timestamp: 'soon' }, 'time_malformed'],
  ])('in %j and %j is refused: %s', (data, envelope, refused) => {
    expect(code(refund(data, envelope))).toBe(refused);
  });

  it('of an envelope that is not asked may be nonsense', () => {
    expect(code(refund({}, { timestamp: 'soon' }))).toBe('telling');
  });
});

describe('what is told of money taken back', () => {
  it.each([
    ['refund.created', 'rf_1'],
    ['refund_updated', 'rf_1'],
    ['app_refund.updated', 'rf_1'],
    ['dispute.created', 'dspt_1'],
    ['app_dispute_updated', 'dspt_1'],
  ])('comes as %s', (type, id) => {
    const status = id === 'rf_1' ? 'failed' : 'lost';
    expect(code(refund({ id, status }, { type }))).toBe('telling');
    expect(code(refund({ id, status }, { type: undefined, action: type }))).toBe('telling');
  });

  it('does not come as an alert, a resolution or a payment', () => {
    for (const type of ['dispute_alert.created', 'resolution.updated', 'payment.refunded']) {
      expect(refund({}, { type })).toEqual({ outcome: 'ignored', type, reason: 'type_not_used' });
    }
  });

  it.each<[object, string, string]>([
    [{ id: 'dspt_1' }, 'refund.updated', 'refund_id_missing'],
    [{ id: 'rf_1' }, 'dispute.updated', 'dispute_id_missing'],
    [{ id: 'rf_!' }, 'refund.updated', 'id_malformed'],
  ])('is of its own kind: %j as %s is refused', (data, type, refused) => {
    expect(code(refund(data, { type }))).toBe(refused);
  });
});
