/**
 * Marks: keyed hashes of 64 bits, by which rows are found without holding the words. One kind finds
 * people by how the words of their name begin; the other finds the deliveries that tell of somebody.
 *
 * The key is derived from the ledger's own secret for words, which is itself sealed: a dump of the
 * database without the data key leads nowhere, and rotating the data key moves no mark.
 */
import { hash, hkdfSync } from 'node:crypto';
import { remembered } from './remembered.js';

const LONGEST_BEGINNING = 12;
/** Of a name; more words than that are somebody's joke. */
const MAX_WORDS = 8;
/** Of a search. */
const MAX_ASKED = 4;
/** Subjects whose mark is remembered: a delivery has some four, and people come again. */
const MAX_REMEMBERED = 50_000;

export class Marks {
  private readonly forSearch: MarkKey;

  /** Of somebody whom a delivery tells of: `user:biz_a.user_b`. */
  readonly ofSubject: (subject: string) => bigint;

  /** `secret`: the ledger's own (`wordsSecret`). */
  constructor(secret: Buffer) {
    const derived = (info: string): MarkKey =>
      markKey(Buffer.from(hkdfSync('sha256', secret, Buffer.alloc(0), info, 32)));
    this.forSearch = derived('flywheel search');
    const forSubjects = derived('flywheel subjects');
    this.ofSubject = remembered(MAX_REMEMBERED, (subject) => mark(forSubjects, subject));
  }

  /** Of everything that a search for a person of this creator may begin with. */
  ofWords(creatorId: string, texts: readonly (string | undefined)[]): bigint[] {
    const beginnings = new Set<string>();
    for (const text of texts)
      for (const word of wordsIn(text ?? '').slice(0, MAX_WORDS)) {
        const letters = [...word].slice(0, LONGEST_BEGINNING);
        for (let n = 1; n <= letters.length; n++) beginnings.add(letters.slice(0, n).join(''));
      }
    return [...beginnings].map((beginning) => this.search(creatorId, beginning));
  }

  /** Of what is searched: whoever has all of them is found. None: it holds no letter or digit. */
  ofSearch(creatorId: string, asked: string): bigint[] {
    const words = wordsIn(asked).slice(0, MAX_ASKED);
    return words.map((word) =>
      this.search(creatorId, [...word].slice(0, LONGEST_BEGINNING).join('')),
    );
  }

  private search(creatorId: string, beginning: string): bigint {
    return mark(this.forSearch, `${creatorId}\0${beginning}`);
  }
}

interface MarkKey {
  readonly inner: Buffer;
  readonly outer: Buffer;
}

const BLOCK_BYTES = 64;

/** HMAC's two pads (RFC 2104), made once: a profile has a dozen marks, and an object for each costs most. */
export function markKey(key: Buffer): MarkKey {
  const padded = (pad: number): Buffer => {
    const block = Buffer.alloc(BLOCK_BYTES, pad);
    for (const [at, byte] of key.entries()) block[at] = byte ^ pad;
    return block;
  };
  return { inner: padded(0x36), outer: padded(0x5c) };
}

/** The first 64 bits of HMAC-SHA256. */
export function mark({ inner, outer }: MarkKey, text: string): bigint {
  const within = hash('sha256', Buffer.concat([inner, Buffer.from(text)]), 'buffer');
  return hash('sha256', Buffer.concat([outer, within]), 'buffer').readBigInt64BE(0);
}

/** Folded words: José and jose are one, and so are letters that only look different. */
function wordsIn(text: string): string[] {
  const folded = text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  return folded.match(/[\p{L}\p{N}]+/gu) ?? [];
}
