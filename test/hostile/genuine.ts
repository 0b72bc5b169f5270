/** Deliveries as Whop would send them, and what a forger may change of one. */
import { createHmac } from 'node:crypto';
import type { HistoryDelivery } from '../reference/histories.js';
import type { Random } from '../reference/random.js';
import { paid } from '../reference/told.js';
import { requestOf } from '../reference/wire.js';

export interface Genuine {
  readonly body: Buffer;
  readonly headers: Record<string, string>;
  readonly id: string;
  readonly timestamp: number;
  readonly isLegacy: boolean;
}

export interface Forging {
  readonly secret: string;
  /** Unix seconds, now. */
  readonly timestamp: number;
}

/** What is left out stays as it was; a header that is undefined is not sent. */
export interface Change {
  readonly body?: Buffer;
  readonly headers?: Readonly<Record<string, string | readonly string[] | undefined>>;
}
/** Changes by what is done, each in a way that leaves no signature right. */
export type Changes = Readonly<
  Record<string, (of: Genuine, random: Random, forging: Forging) => Change>
>;

const GENERATIONS: readonly HistoryDelivery['generation'][] = ['v1', 'v1-pinned', 'v2', 'v5'];

/** The n-th. */
export function genuine(n: number, { secret, timestamp }: Forging): Genuine {
  const generation = GENERATIONS[n % GENERATIONS.length] ?? 'v1';
  const telling = paid(`f${n}`, '2025-05-01T00:00:00Z', { userId: `user_f${n}` });
  const delivery = { deliveryId: `msg_f${n}`, generation, telling };
  const { body, headers } = requestOf(delivery, { secret, timestamp });
  const isLegacy = generation === 'v2' || generation === 'v5';
  return { body: Buffer.from(body), headers: { ...headers }, id: `msg_f${n}`, timestamp, isLegacy };
}

export const signatureHeader = ({ isLegacy }: Genuine): string =>
  isLegacy ? 'x-whop-signature' : 'webhook-signature';

export const hmac = (key: string | Buffer, text: string | Buffer, algorithm = 'sha256'): Buffer =>
  createHmac(algorithm, key).update(text).digest();
export const standardText = ({ id, timestamp, body }: Genuine): Buffer =>
  Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body]);
export const legacyText = ({ timestamp, body }: Genuine): Buffer =>
  Buffer.concat([Buffer.from(`${timestamp}.`), body]);
