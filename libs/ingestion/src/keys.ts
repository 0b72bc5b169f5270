/**
 * Keys under which the intake finds member streams. Words of people (codes, usernames) are keyed
 * hashes: the log and the routes hold no personal data, and equal words still meet.
 */
import { createHmac } from 'node:crypto';
import type { ClaimSlot, StoredClaim } from '#libs/ledger';
import { isVanityCode, normalCode } from '#libs/ledger';
import { Marks, remembered } from '#libs/vault';
import type { ClaimWords, Person } from './provider.js';

/** 128 bits of HMAC-SHA256 are enough to keep words apart. */
const HASH_LETTERS = 22;
/** Words whose hash is remembered: each is asked for several times per delivery, and people come again. */
const MAX_REMEMBERED = 50_000;

export class Keys {
  private readonly hash: (text: string) => string;

  /** By which rows are found without holding words. */
  readonly marks: Marks;

  constructor(secret: Buffer) {
    this.marks = new Marks(secret);
    this.hash = remembered(MAX_REMEMBERED, (text) =>
      createHmac('sha256', secret).update(text).digest('base64url').slice(0, HASH_LETTERS),
    );
  }

  /** A referral code, upper-case; unique across the ledger. */
  code(code: string): string {
    return `c:${this.hash(`code\0${code}`)}`;
  }

  /** A username, lower-case; names somebody within one creator's community. */
  username(creatorId: string, username: string): string {
    return `u:${this.hash(`username\0${creatorId}\0${username}`)}`;
  }

  /** Of the username that a telling carries, or carried before it was scrubbed. */
  ofPerson(creatorId: string, { username, usernameKey }: Person): string | undefined {
    return usernameKey ?? (username === undefined ? undefined : this.username(creatorId, username));
  }

  /** Claims in the order in which they are tried within one fact (product.md, "Who referred whom"). */
  claims(creatorId: string, words: ClaimWords): StoredClaim[] {
    if (words.keyed !== undefined) return [...words.keyed];
    const claims: StoredClaim[] = [];
    const add = (slot: ClaimSlot, key: string): void => {
      if (!claims.some((claim) => claim[0] === slot && claim[1] === key)) claims.push([slot, key]);
    };
    const addCode = (slot: ClaimSlot, word: string | undefined): void => {
      if (word === undefined) return;
      const code = normalCode(word);
      if (isVanityCode(code)) add(slot, this.code(code));
    };
    const { affiliateCode, affiliateUsername } = words;
    addCode(1, words.metadataCode);
    addCode(2, words.membershipMetadataCode);
    addCode(3, affiliateCode);
    if (affiliateCode !== undefined) add(4, this.username(creatorId, affiliateCode.toLowerCase()));
    if (affiliateUsername !== undefined) add(5, this.username(creatorId, affiliateUsername));
    return claims;
  }
}

export const paymentKey = (paymentId: string): string => `payment:${paymentId}`;
export const membershipKey = (membershipId: string): string => `membership:${membershipId}`;
/** Of a refund or dispute. */
export const reversalKey = (reversalId: string): string => `reversal:${reversalId}`;
/** Nothing leads there by itself: a refund that waits for its payment to succeed waits here. */
export const paidKey = (paymentId: string): string => `paid:${paymentId}`;
/** As paidKey, for the currency that a telling of the payment may yet name. */
export const currencyKey = (paymentId: string): string => `currency:${paymentId}`;
export const isUsernameKey = (key: string): boolean => key.startsWith('u:');
