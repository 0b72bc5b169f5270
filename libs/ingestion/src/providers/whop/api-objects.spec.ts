import { describe, expect, it } from '@jest/globals';
import { translateLine } from './api-objects.js';
import { type PaymentFacts, WHOP_GENERATIONS } from './facts.js';
import { type Rendered, renderMembership, renderPayment } from './render.js';
import { translate } from './translate.js';

const AT = 1_770_000_000;
const person = {
  creatorId: 'biz_a',
  userId: 'user_ana',
  membershipId: 'mem_ana',
  name: 'Ana',
  username: 'ana',
};
const payment: PaymentFacts = {
  ...person,
  paymentId: 'pay_1',
  status: 'succeeded',
  amount: '49.99',
  currency: 'usd',
  paidAt: AT,
  createdAt: AT - 60,
  referralCode: 'ABCD-EFGH',
};
const bytes = (json: object): Buffer => Buffer.from(JSON.stringify(json));
const dataOf = ({ payload }: Rendered): object => payload.data as object;
const read = (json: object) => translateLine(bytes(json), AT + 60);
const typeOf = (json: object): string | null => read(json).type;

describe('an imported line', () => {
  it.each(WHOP_GENERATIONS)('tells of a payment what its %s webhook tells', (generation) => {
    const rendered = renderPayment(generation, payment);
    const webhook = translate(Buffer.from(rendered.body), AT + 60);
    expect(webhook.outcome).toBe('telling');
    const creator = { import: 'payment', company_id: 'biz_a', data: dataOf(rendered) };
    // v2 names the creator as page_id, the others say it themselves.
    expect(read(creator)).toEqual(webhook);
    expect(read(dataOf(rendered))).toEqual(webhook);
    expect(read(rendered.payload)).toEqual(webhook);
  });

  it.each(WHOP_GENERATIONS)('tells of a membership what its %s webhook tells', (generation) => {
    for (const status of ['activated', 'deactivated'] as const) {
      const rendered = renderMembership(generation, {
        ...person,
        status,
        joinedAt: AT,
        createdAt: AT,
      });
      const webhook = translate(Buffer.from(rendered.body), AT + 60);
      const line = read(dataOf(rendered));
      // The object does not say by which of its two names an event would call its state.
      expect(line).toEqual({ ...webhook, type: `membership.${status}` });
    }
  });

  it.each([
    ['paid', 'succeeded', 'payment.succeeded'],
    ['paid', 'partially_refunded', 'payment.succeeded'],
    ['paid', 'dispute_lost', 'payment.succeeded'],
    ['unresolved', 'dispute_needs_response', 'payment.succeeded'],
    ['open', 'failed', 'payment.failed'],
    ['open', 'past_due', 'payment.failed'],
    ['uncollectible', null, 'payment.failed'],
    ['open', 'pending', 'payment.open'],
    ['void', 'canceled', 'payment.void'],
    ['draft', 'drafted', 'payment.draft'],
  ])('is read by its state: %s and %s is %s', (status, substatus, type) => {
    const data = { ...dataOf(renderPayment('v1', payment)), status, substatus };
    expect(typeOf(data)).toBe(type);
    const moves = type === 'payment.succeeded' || type === 'payment.failed';
    expect(read(data).outcome).toBe(moves ? 'telling' : 'ignored');
  });

  it.each([
    ['trialing', undefined, 'membership.activated'],
    ['canceling', undefined, 'membership.activated'],
    ['canceled', true, 'membership.activated'], // paid to the end of its period
    ['expired', false, 'membership.deactivated'],
    ['drafted', undefined, 'membership.drafted'],
  ])('reads a membership that is %s, valid %s, as %s', (status, valid, type) => {
    const data = dataOf(
      renderMembership('v1', { ...person, status: 'activated', createdAt: AT, joinedAt: AT }),
    );
    expect(typeOf({ ...data, status, valid })).toBe(type);
  });

  it('tells of a refund or dispute in the state it has reached', () => {
    const reversal = { status: 'succeeded', amount: 5, currency: 'usd', payment: { id: 'pay_1' } };
    expect(typeOf({ id: 'rf_1', ...reversal })).toBe('refund.updated');
    expect(typeOf({ id: 'dspt_1', ...reversal })).toBe('dispute.updated');
  });

  it.each([
    [{ status: 'flown', substatus: null }, 'status_unknown'],
    [{ status: null, substatus: null }, 'status_missing'],
    [{ paid_at: null }, 'paid_at_missing'],
    [{ total: 5.001 }, 'amount_too_precise'],
    [{ id: 'pay_1 or 1=1' }, 'id_malformed'],
    [{ id: 'evil_1' }, 'kind_unknown'],
  ])('that makes no sense is quarantined: %j', (change, code) => {
    const line = read({ ...dataOf(renderPayment('v1', payment)), ...change });
    expect(line).toMatchObject({ outcome: 'quarantined', code, creatorId: 'biz_a' });
  });

  it('that two readers could read differently is quarantined', () => {
    const body = bytes(dataOf(renderPayment('v1', payment))).toString();
    const twice = Buffer.from(body.replace('"total":', '"total":1,"total":'));
    expect(translateLine(twice, AT)).toMatchObject({ code: 'body_duplicate_key' });
  });
});
