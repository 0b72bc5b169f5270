/** Whop as a webhook provider: all three of its wire generations, told apart by what they carry. */
import type { Provider } from '../../provider.js';
import { keyOf } from './sign.js';
import { translate, wordsIn } from './translate.js';
import { verify } from './verify.js';

export interface WhopOptions {
  /**
   * One or several while one replaces another; any may have signed. None: nothing verifies.
   * Their length is checked where the configuration is read.
   */
  readonly secrets: readonly string[];
}

/** @throws RangeError if a secret stands for an empty key, which anybody could sign with */
export function whopProvider({ secrets }: WhopOptions): Provider {
  const keys = secrets.map(keyOf);
  if (keys.some((key) => key.length === 0)) throw new RangeError('a webhook secret is empty');
  return {
    name: 'whop',
    verify: (request) => verify(keys, request),
    translate,
    wordsIn,
  };
}
