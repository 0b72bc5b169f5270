/**
 * How many bytes of large bodies are being received at a time. Small ones, and that is nearly every
 * body there is, are bounded by the connections; a few hundred slow senders of large ones would
 * hold what a process has.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { addressKey } from './address.js';
import { Problem } from './problem.js';

/** What counts as small: larger than a delivery of Whop should ever be (Standard Webhooks: 20 KB). */
export const SMALL_BODY_BYTES = 32 * 1024;

export interface RoomLimits {
  readonly bytes: number;
  readonly bytesPerAddress: number;
}

export const ROOM_LIMITS: RoomLimits = {
  bytes: 128 * 1024 * 1024,
  bytesPerAddress: 64 * 1024 * 1024,
};

export class BodyRoom {
  #bytes = 0;
  readonly #ofAddress = new Map<string, number>();

  constructor(private readonly limits: RoomLimits = ROOM_LIMITS) {}

  /** Holds room for a body until its request is over, however it ends; a problem when there is none. */
  enter(request: FastifyRequest, reply: FastifyReply, bytes: number): Problem | undefined {
    if (bytes <= SMALL_BODY_BYTES) return undefined;
    const key = addressKey(request.ip);
    const ofAddress = (this.#ofAddress.get(key) ?? 0) + bytes;
    if (ofAddress > this.limits.bytesPerAddress || this.#bytes + bytes > this.limits.bytes)
      return new Problem(429, 'rate_limited', 'Too many large bodies are being received.', {
        headers: { 'retry-after': '1' },
      });
    this.#bytes += bytes;
    this.#ofAddress.set(key, ofAddress);
    reply.raw.once('close', () => this.#leave(key, bytes));
    return undefined;
  }

  /** Bytes that are held now. */
  get held(): number {
    return this.#bytes;
  }

  #leave(key: string, bytes: number): void {
    this.#bytes -= bytes;
    const left = (this.#ofAddress.get(key) ?? bytes) - bytes;
    if (left <= 0) this.#ofAddress.delete(key);
    else this.#ofAddress.set(key, left);
  }
}
