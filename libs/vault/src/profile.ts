/** A person's words, sealed as one; and what a list shows of them, sealed apart because every list joins it. */
import { placeOfProfile } from './names.js';
import type { Vault } from './vault.js';

export interface ProfileWords {
  readonly name?: string | undefined;
  readonly username?: string | undefined;
  readonly email?: string | undefined;
}

export interface SealedProfile {
  readonly sealed: Buffer;
  /** Name, else username, in base64; null: neither is known. */
  readonly shown: string | null;
}

export interface Whose {
  readonly creatorId: string;
  readonly memberId: string;
}

export function sealProfile(vault: Vault, whose: Whose, words: ProfileWords): SealedProfile {
  const place = placeOfProfile(whose.creatorId, whose.memberId);
  const shown = words.name ?? words.username;
  return {
    sealed: vault.seal('profile', place, Buffer.from(JSON.stringify(words))),
    shown:
      shown === undefined ? null : vault.seal('name', place, Buffer.from(shown)).toString('base64'),
  };
}

export function openProfile(vault: Vault, whose: Whose, sealed: Buffer): ProfileWords {
  const place = placeOfProfile(whose.creatorId, whose.memberId);
  return JSON.parse(vault.open('profile', place, sealed).toString('utf8')) as ProfileWords;
}
