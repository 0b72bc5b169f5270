import { describe, expect, it } from '@jest/globals';
import { DomainError } from './domain-error.js';

describe('a refusal', () => {
  it('carries a stable code and says what was refused', () => {
    const error = new DomainError('rates_invalid', '1 + 2 + 3');
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({
      name: 'DomainError',
      code: 'rates_invalid',
      detail: '1 + 2 + 3',
    });
    expect(error.message).toBe('rates_invalid: 1 + 2 + 3');
  });
});
