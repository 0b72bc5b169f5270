import { describe, expect, it } from '@jest/globals';
import { MEMBER_STREAM, paymentReceived } from '#libs/testing';
import { DomainError, ledgerEventOf } from './index.js';

describe('a stored event', () => {
  const stored = { ...paymentReceived(), position: 7n, stream: MEMBER_STREAM };

  it('of the catalogue is the ledger’s', () => {
    expect(ledgerEventOf(stored)).toEqual(stored);
  });

  it.each(['PaymentInvented', 'toString', '__proto__', ''])(
    'called %j is refused, not guessed at',
    (type) => {
      const decode = () => ledgerEventOf({ ...stored, type });
      expect(decode).toThrow(DomainError);
      expect(decode).toThrow('event_unknown');
    },
  );
});
