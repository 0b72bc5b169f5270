/** How many connections one process holds, and how many of them one address: each costs memory. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { addressKey, blocksOf } from './address.js';

export interface ConnectionLimits {
  readonly max: number;
  /** Not counted for proxies that are believed: they stand for many. */
  readonly maxPerAddress: number;
}

export const CONNECTION_LIMITS: ConnectionLimits = { max: 4_000, maxPerAddress: 1_000 };

/** One connection too many is closed before a byte of it is read. */
export function limitConnections(
  server: Server,
  trustedProxies: readonly string[],
  { max, maxPerAddress }: ConnectionLimits = CONNECTION_LIMITS,
): void {
  server.maxConnections = max;
  const isProxy = blocksOf(trustedProxies);
  const held = new Map<string, number>();
  server.on('connection', (socket: Socket) => {
    const { remoteAddress } = socket;
    if (remoteAddress === undefined || isProxy(remoteAddress)) return;
    const key = addressKey(remoteAddress);
    const count = (held.get(key) ?? 0) + 1;
    held.set(key, count);
    socket.once('close', () => {
      const left = (held.get(key) ?? 1) - 1;
      if (left === 0) held.delete(key);
      else held.set(key, left);
    });
    if (count > maxPerAddress) socket.destroy();
  });
}

/**
 * Requests of one connection that wait for the answers before them (RFC 9112, section 9.3.2). Each is
 * answered at once and held in memory until its turn; no browser sends them so, nor does Whop.
 */
export const MAX_UNANSWERED = 100;

const unanswered = new WeakMap<Socket, number>();
/** Those that carry an answer which goes on, for as long as it does. */
const taken = new WeakSet<Socket>();

/** An answer that goes on has its connection to itself: whoever asks for more on it is hung up on. */
export function takeConnection(socket: Socket): { release(): void } {
  taken.add(socket);
  if ((unanswered.get(socket) ?? 0) > 1) socket.destroy();
  return { release: () => void taken.delete(socket) };
}

/** A connection that asks for more is closed. */
export function limitUnanswered(server: Server): void {
  server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    const count = (unanswered.get(socket) ?? 0) + 1;
    unanswered.set(socket, count);
    response.once('close', () => unanswered.set(socket, (unanswered.get(socket) ?? 1) - 1));
    if (count > MAX_UNANSWERED || taken.has(socket)) socket.destroy();
  });
}
