/**
 * Hears LISTEN channels on a connection of its own, connecting anew when it breaks. A notification
 * is a hint: one may be lost with the connection, so `onHeard` is also called after each connect.
 */
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { clientConfig } from './connection.js';

export interface ListenOptions {
  readonly url: string;
  readonly channels: readonly string[];
  readonly signal: AbortSignal;
  /** Must not throw. */
  readonly onHeard: (channel: string | undefined, payload: string) => void;
}

const RETRY_MS = 250;
const CHANNEL = /^[a-z_]+$/;

/** Runs until the signal aborts. */
export async function listen(options: ListenOptions): Promise<void> {
  const { channels, signal } = options;
  if (!channels.every((channel) => CHANNEL.test(channel)))
    throw new TypeError('a channel is snake_case');
  while (!signal.aborted) {
    await listenOnce(options).catch(() => {});
    await delay(RETRY_MS, undefined, { signal }).catch(() => {});
  }
}

async function listenOnce({ url, channels, signal, onHeard }: ListenOptions): Promise<void> {
  const client = new pg.Client(clientConfig(url, { applicationName: 'listen' }));
  const ended = new Promise<void>((resolve) => client.once('end', resolve));
  client.on('error', () => {});
  client.on('notification', ({ channel, payload = '' }) => onHeard(channel, payload));
  const stop = (): void => void client.end().catch(() => {});
  signal.addEventListener('abort', stop, { once: true });
  try {
    await client.connect();
    await client.query(channels.map((channel) => `listen ${channel}`).join('; '));
    onHeard(undefined, '');
    await ended;
  } finally {
    signal.removeEventListener('abort', stop);
    await client.end().catch(() => {});
  }
}
