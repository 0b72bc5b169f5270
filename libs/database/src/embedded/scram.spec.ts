import { describe, expect, it } from '@jest/globals';
import { isPasswordOf, scramVerifier } from './scram.js';

/** As PostgreSQL 15 kept the password "pencil" with the salt of RFC 7677, section 3. */
const SALT = Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64');
const KEPT =
  'SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=';

describe('a SCRAM-SHA-256 verifier', () => {
  it('is the one that the server makes', () => {
    expect(scramVerifier('pencil', SALT)).toBe(KEPT);
  });

  it('is that of one password', () => {
    expect(isPasswordOf(KEPT, 'pencil')).toBe(true);
    expect(isPasswordOf(KEPT, 'Pencil')).toBe(false);
  });

  it.each([null, '', 'md5a6b2c3', 'pencil', 'SCRAM-SHA-256$4096:W22Z$x'])('is not %p', (kept) => {
    expect(isPasswordOf(kept, 'pencil')).toBe(false);
  });
});
