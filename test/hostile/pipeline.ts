/** Sends very many requests over kept connections, many at a time, and counts how they are answered. */
import { connect, type Socket } from 'node:net';
import type { Forged } from './forged.js';

const HEAD_END = Buffer.from('\r\n\r\n');
const BATCH = 50;

/** The bytes of a request to the webhook's address. */
export function bytesOf({ headers, body }: Forged): Buffer {
  let head = 'POST /api/webhooks/whop HTTP/1.1\r\nhost: x\r\n';
  for (const [name, values] of Object.entries(headers))
    for (const value of [values].flat()) head += `${name}: ${value}\r\n`;
  return Buffer.concat([Buffer.from(`${head}content-length: ${body.length}\r\n\r\n`), body]);
}

export interface Sent {
  readonly bytes: Buffer;
  /** Called with the status of its answer. */
  readonly answered: (status: number) => void;
}

/** Sends them all over so many connections; rejects when one is closed on them. */
export async function sendAll(url: string, requests: Iterator<Sent>, lanes = 8): Promise<void> {
  const { hostname, port } = new URL(url);
  const lane = async (): Promise<void> => {
    const socket = connect(Number(port), hostname);
    try {
      for (let batch = take(requests); batch.length > 0; batch = take(requests))
        await exchange(socket, batch);
    } finally {
      socket.destroy();
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

function take(requests: Iterator<Sent>): Sent[] {
  const batch: Sent[] = [];
  while (batch.length < BATCH) {
    const next = requests.next();
    if (next.done === true) break;
    batch.push(next.value);
  }
  return batch;
}

/** Sends a batch at once and resolves when each has its answer, in order. */
function exchange(socket: Socket, batch: readonly Sent[]): Promise<void> {
  return new Promise((resolve, reject) => {
    let held = Buffer.alloc(0);
    let count = 0;
    const end = (act: () => void): void => {
      socket.removeAllListeners();
      socket.on('error', () => {});
      act();
    };
    socket.on('error', (error) => end(() => reject(error)));
    socket.on('close', () => end(() => reject(new Error('hung up'))));
    socket.on('data', (data) => {
      held = held.length === 0 ? data : Buffer.concat([held, data]);
      for (let answer = answerIn(held); answer !== undefined; answer = answerIn(held)) {
        held = held.subarray(answer.length);
        batch[count]?.answered(answer.status);
        count += 1;
      }
      if (count >= batch.length) end(resolve);
    });
    socket.write(Buffer.concat(batch.map(({ bytes }) => bytes)));
  });
}

/** The first whole answer in what has come. */
function answerIn(held: Buffer): { status: number; length: number } | undefined {
  const end = held.indexOf(HEAD_END);
  if (end < 0) return undefined;
  const head = held.toString('latin1', 0, end);
  const length = end + 4 + Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
  return held.length < length ? undefined : { status: Number(head.slice(9, 12)), length };
}
