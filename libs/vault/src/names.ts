/**
 * What people are called, opened for whoever reads lists. The sealed name comes with its row and is
 * opened here and nowhere else; a page that everybody opens finds its names opened already.
 *
 * What was opened is forgotten after a second: whoever is erased is gone from the memory of every
 * process by then, without anybody having to tell them.
 */
import type { Vault } from './vault.js';

declare const sealedName: unique symbol;
/** As it comes from the database: nothing to show. Base64 of the sealed name. */
export type SealedName = { readonly [sealedName]: true };

const FORGET_AFTER_MS = 1_000;
/** About 200 bytes each. */
const MAX_OPENED = 20_000;

export class Names {
  private readonly opened = new Map<string, string>();
  private since = 0;

  constructor(private readonly vault: Vault) {}

  /** What a member of a creator is called; undefined: nothing is known. Throws `sealed_altered`. */
  open(creatorId: string, memberId: string, name: SealedName | null): string | undefined {
    if (name === null) return undefined;
    const sealed = name as unknown as string;
    this.forget();
    // The key holds the place too: the same bytes elsewhere are not known from here.
    const key = `${creatorId} ${memberId} ${sealed}`;
    const known = this.opened.get(key);
    if (known !== undefined) return known;
    const place = placeOfProfile(creatorId, memberId);
    const text = this.vault.open('name', place, Buffer.from(sealed, 'base64')).toString('utf8');
    this.opened.set(key, text);
    return text;
  }

  private forget(): void {
    const now = performance.now();
    if (now - this.since < FORGET_AFTER_MS && this.opened.size < MAX_OPENED) return;
    this.opened.clear();
    this.since = now;
  }
}

/** Where profiles and names lie. */
export const placeOfProfile = (creatorId: string, memberId: string): string =>
  `${creatorId}.${memberId}`;
