import { describe, expect, it } from '@jest/globals';
import { DELIVERY_STATUSES, nextStep, waitsInWords } from './words.js';

describe('what a parked delivery waits for', () => {
  it('is its payment, where it is no payment itself', () => {
    expect(waitsInWords('payment:pay_x', 'refund.created')).toBe(
      'its payment pay_x is not known yet',
    );
    expect(waitsInWords('payment:pay_x', 'dispute.updated')).toBe(
      'its payment pay_x is not known yet',
    );
  });

  it('is the person of its payment or membership', () => {
    expect(waitsInWords('payment:pay_x', 'app_payment.succeeded')).toBe(
      'whose payment pay_x is, is not known yet',
    );
    expect(waitsInWords('membership:mem_x', 'payment.succeeded')).toBe(
      'whose membership mem_x is, is not known yet',
    );
  });
});

describe('the next step', () => {
  it('is said for every status', () => {
    for (const status of DELIVERY_STATUSES) expect(nextStep(status, null, true)).toMatch(/\.$/);
  });

  it('of a quarantine depends on what is wrong', () => {
    expect(nextStep('quarantined', 'amount_missing', true)).toMatch(/have the sender tell it/);
    expect(nextStep('quarantined', 'intake_failed', true)).toMatch(/worker's log/);
    expect(nextStep('quarantined', 'currency_unknown', true)).toMatch(/Redrive it when/);
  });

  it('is none once the body is gone', () => {
    expect(nextStep('excluded', null, false)).toMatch(/no longer kept/);
    expect(nextStep('applied', null, false)).toBe('Nothing: it counts.');
  });
});
