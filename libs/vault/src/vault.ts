/**
 * The vault: what only the key opens. Personal data at rest is sealed with AES-256-GCM under keys
 * that are derived for each purpose (HKDF-SHA256, RFC 5869), so that what is sealed for one purpose
 * is nothing to another. What is sealed is bound to its place, the natural key of its row: bytes
 * that were moved to another row do not open, as altered ones do not.
 *
 * The bytes: version (1), key id (4, of the SHA-256 of the key), nonce (12, random), what was sealed,
 * tag (16). Of several keys the first seals and all open, so that a key can be rotated.
 *
 * Hazard. Random nonces of 96 bits are safe for 2^32 messages under one key (NIST SP 800-38D, 8.3);
 * docs/personal-data.md says when to rotate.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  hkdfSync,
  randomFillSync,
} from 'node:crypto';
import { VaultError } from './vault-error.js';

/** Raw bodies, profiles, the names that lists show, and the secret by which words are hashed. */
export type Purpose = 'delivery' | 'profile' | 'name' | 'words';
const PURPOSES: readonly Purpose[] = ['delivery', 'profile', 'name', 'words'];

export const KEY_BYTES = 32;
const VERSION = 1;
const ID_BYTES = 4;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const NONCE_AT = 1 + ID_BYTES;
const TEXT_AT = NONCE_AT + NONCE_BYTES;
/** How much longer sealed bytes are. */
export const SEAL_BYTES = TEXT_AT + TAG_BYTES;
const ALGORITHM = 'aes-256-gcm';

interface Key {
  readonly id: Buffer;
  readonly of: Readonly<Record<Purpose, Buffer>>;
}

export class Vault {
  private readonly first: Key;
  private readonly keys: ReadonlyMap<number, Key>;
  private readonly nonces = new Nonces();

  /** Keys of 32 bytes: the first seals, all open. */
  constructor(keys: readonly Buffer[]) {
    const ring = keys.map(keyOf);
    const [first] = ring;
    if (first === undefined || keys.some((key) => key.length !== KEY_BYTES))
      throw new RangeError(`a vault has one key or more, each of ${KEY_BYTES} bytes`);
    this.first = first;
    this.keys = new Map(ring.map((key) => [key.id.readUInt32BE(0), key]));
  }

  /** `place`: the natural key of the row that will hold it. */
  seal(purpose: Purpose, place: string, plain: Buffer): Buffer {
    const { id, of } = this.first;
    const nonce = this.nonces.next();
    const cipher = createCipheriv(ALGORITHM, of[purpose], nonce);
    cipher.setAAD(boundTo(purpose, place));
    const text = cipher.update(plain);
    cipher.final();
    return Buffer.concat([VERSION_BYTE, id, nonce, text, cipher.getAuthTag()]);
  }

  /** Throws `data_key_wrong` for a key that is not in here, `sealed_altered`. */
  open(purpose: Purpose, place: string, sealed: Buffer): Buffer {
    if (sealed.length < SEAL_BYTES || sealed[0] !== VERSION) throw altered();
    const key = this.keys.get(sealed.readUInt32BE(1));
    if (key === undefined) throw wrongKey();
    const end = sealed.length - TAG_BYTES;
    const nonce = sealed.subarray(NONCE_AT, TEXT_AT);
    const decipher = createDecipheriv(ALGORITHM, key.of[purpose], nonce);
    decipher.setAAD(boundTo(purpose, place));
    decipher.setAuthTag(sealed.subarray(end));
    const plain = decipher.update(sealed.subarray(TEXT_AT, end));
    try {
      decipher.final();
    } catch {
      throw altered();
    }
    return plain;
  }

  /** Whether the first key sealed it: another is being rotated away. */
  isCurrent(sealed: Buffer): boolean {
    return sealed.subarray(0, NONCE_AT).equals(this.mark);
  }

  /** How everything begins that the first key seals. */
  get mark(): Buffer {
    return Buffer.concat([VERSION_BYTE, this.first.id]);
  }
}

const VERSION_BYTE = Buffer.from([VERSION]);

const wrongKey = (): VaultError =>
  new VaultError(
    'data_key_wrong',
    'This ledger was sealed with another data key: set FLYWHEEL_DATA_KEY to the one that it was made with, or bring back the file data-key of its data folder.',
  );

const altered = (): VaultError =>
  new VaultError('sealed_altered', 'sealed bytes were altered or belong to another row');

/** NUL is in no natural key. */
const boundTo = (purpose: Purpose, place: string): Buffer => Buffer.from(`${purpose}\0${place}`);

function keyOf(key: Buffer): Key {
  const derived = (purpose: Purpose): Buffer =>
    Buffer.from(hkdfSync('sha256', key, Buffer.alloc(0), `flywheel ${purpose}`, KEY_BYTES));
  return {
    id: createHash('sha256').update(key).digest().subarray(0, ID_BYTES),
    of: Object.fromEntries(PURPOSES.map((purpose) => [purpose, derived(purpose)])) as Key['of'],
  };
}

/** Random nonces, drawn many at a time: one call to the system costs as much as sealing a body. */
class Nonces {
  private readonly pool = Buffer.alloc(NONCE_BYTES * 512);
  private at = this.pool.length;

  next(): Buffer {
    if (this.at === this.pool.length) {
      randomFillSync(this.pool);
      this.at = 0;
    }
    const nonce = Buffer.from(this.pool.subarray(this.at, this.at + NONCE_BYTES));
    this.at += NONCE_BYTES;
    return nonce;
  }
}
