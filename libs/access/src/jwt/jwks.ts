/**
 * The keys of somebody who signs for people: fetched from one address that the configuration names,
 * and from nowhere else. Hazards: whoever sends tokens with keys that nobody knows must not make us
 * ask for each (one fetch at a time, then a pause); an address that answers slowly, without end or
 * with something else must not hold us up; and while it is away, nobody is let in on a guess.
 */
import {
  type CryptoKey,
  createLocalJWKSet,
  errors,
  importJWK,
  type JSONWebKeySet,
  type JWK,
  type LocalJWKSet,
} from 'jose';
import { type Clock, DomainError } from '#libs/ledger';
import { JwtRefused } from './jwt-parts.js';
import type { KeyFinder, KeyHeader } from './verify-jwt.js';

/** Age after which the keys are fetched again before they are used. */
export const FRESH_MS = 10 * 60_000;
/** Age up to which they are used although they could not be fetched again. */
export const USABLE_MS = 60 * 60_000;
/** Between two fetches because of keys that are not in the set. */
export const COOLDOWN_MS = 30_000;
/** Between two fetches while the address does not answer. */
export const RETRY_MS = 5_000;
const TIMEOUT_MS = 3_000;
const MAX_BYTES = 256 * 1024;
const MAX_KEYS = 100;

export interface RemoteKeysOptions {
  readonly url: string;
  /** The real one. */
  readonly clock: Clock;
  readonly timeoutMs?: number;
}

/** 503 `jwks_unavailable`: who is asking cannot be found out now, and nobody is let in. */
export const jwksUnavailable = (): DomainError =>
  new DomainError(
    'jwks_unavailable',
    'The keys that would verify the token cannot be fetched. Ask again in a moment.',
  );

/** Keys behind an address. */
export function remoteKeys(options: RemoteKeysOptions): KeyFinder {
  const keys = new RemoteKeys(options);
  return (header) => keys.find(header);
}

/** The one key that the configuration holds; a `kid` chooses nothing. */
export function pinnedKey(jwk: JWK, algorithm: string): KeyFinder {
  const key = importJWK(jwk, algorithm);
  key.catch(() => {}); // said to whoever asks
  return async () => {
    const imported = await key;
    if (imported instanceof Uint8Array) throw new JwtRefused('algorithm');
    return imported;
  };
}

class RemoteKeys {
  #keys: LocalJWKSet | undefined;
  #fetchedAt = 0;
  /** Of the last attempt. */
  #triedAt = 0;
  #failed = false;
  #fetching: Promise<void> | undefined;

  constructor(private readonly options: RemoteKeysOptions) {}

  async find(header: KeyHeader): Promise<CryptoKey> {
    if (this.#keys === undefined || this.#age(this.#fetchedAt) >= FRESH_MS) await this.#fetchSoon();
    const known = await this.#look(header);
    if (known !== undefined) return known;
    await this.#fetchSoon();
    const rotated = await this.#look(header);
    if (rotated !== undefined) return rotated;
    // It may be in the set that we could not see.
    if (this.#failed) throw jwksUnavailable();
    throw new JwtRefused('key_unknown');
  }

  /** Undefined: not in the set. Throws when there is no set that may be used. */
  async #look(header: KeyHeader): Promise<CryptoKey | undefined> {
    if (this.#keys === undefined || this.#age(this.#fetchedAt) >= USABLE_MS)
      throw jwksUnavailable();
    try {
      return await this.#keys({ ...header });
    } catch (cause) {
      if (cause instanceof errors.JWKSNoMatchingKey) return undefined;
      // Several fit and the token names none, or one that fits cannot be read.
      throw new JwtRefused('key_unknown', { cause });
    }
  }

  /** Fetches, waits for whoever does, or does nothing because it was tried a moment ago. */
  async #fetchSoon(): Promise<void> {
    const pause = this.#failed ? RETRY_MS : COOLDOWN_MS;
    if (this.#fetching === undefined && this.#triedAt !== 0 && this.#age(this.#triedAt) < pause)
      return;
    this.#fetching ??= this.#fetch().finally(() => {
      this.#fetching = undefined;
    });
    await this.#fetching;
  }

  /** Never rejects: what we hold stays, and `#failed` says that it could not be renewed. */
  async #fetch(): Promise<void> {
    try {
      this.#keys = createLocalJWKSet(await fetchKeys(this.options));
      this.#failed = false;
      this.#fetchedAt = this.options.clock.now();
    } catch {
      this.#failed = true;
    }
    this.#triedAt = this.options.clock.now();
  }

  #age(since: number): number {
    return this.options.clock.now() - since;
  }
}

async function fetchKeys({
  url,
  timeoutMs = TIMEOUT_MS,
}: RemoteKeysOptions): Promise<JSONWebKeySet> {
  const response = await fetch(url, {
    // An address that sends us on could send us anywhere.
    redirect: 'error',
    signal: AbortSignal.timeout(timeoutMs),
    headers: { accept: 'application/jwk-set+json, application/json' },
  });
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new Error(`the keys are answered with ${response.status}`);
  }
  const found = JSON.parse(await boundedText(response)) as Partial<JSONWebKeySet> | null;
  if (!Array.isArray(found?.keys) || found.keys.length > MAX_KEYS)
    throw new Error('what was answered is no set of keys');
  return { keys: found.keys };
}

async function boundedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) throw new Error('the set of keys is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
