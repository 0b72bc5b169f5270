import { describe, expect, it } from '@jest/globals';
import { renderPayment } from '#libs/ingestion';
import { environmentOf } from './up.command.js';
import { withSet } from './webhooks.command.js';

describe('flywheel up', () => {
  it('gives the demo a folder and a clock of its own, and a quiet log', () => {
    expect(environmentOf({}, { demo: true }, false)).toEqual({
      FLYWHEEL_HOME: '.flywheel-demo',
      FLYWHEEL_CLOCK: '2025-10-26T18:00:00.000Z',
      LOG_LEVEL: 'warn',
    });
  });

  it('leaves what is set as it is', () => {
    const given = { FLYWHEEL_HOME: 'elsewhere', LOG_LEVEL: 'debug', PORT: '1' };
    expect(environmentOf(given, { demo: true, clock: 'real', port: 2 }, false)).toEqual({
      ...given,
      PORT: '2',
    });
    expect(environmentOf(given, {}, false)).toEqual(given);
  });
});

describe('flywheel webhooks trigger', () => {
  it('sets values deep in the payload, and signs what is sent', () => {
    const rendered = renderPayment('v1', {
      creatorId: 'biz_a',
      userId: 'user_a',
      paymentId: 'pay_a',
      status: 'succeeded',
      amount: '49.99',
      currency: 'usd',
      paidAt: 1_761_000_000,
      createdAt: 1_761_000_000,
    });
    const changed = withSet(rendered, [
      { path: ['data', 'total'], value: 1 },
      { path: ['data', 'extra', 'deep'], value: 'x' },
    ]);
    const body = JSON.parse(changed.body);
    expect(body.data).toMatchObject({ id: 'pay_a', total: 1, extra: { deep: 'x' } });
    expect(JSON.parse(rendered.body).data.total).toBe(49.99);
  });
});
