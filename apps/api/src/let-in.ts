/** Answers that go on: how one hears that they are over, and that they end with what let their readers in. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { takeConnection } from './connections.js';

/** Under what an answer that goes on is counted, so that nobody takes those of all others; undefined: an admin's are not. */
export const countedAs = ({ principal }: FastifyRequest): string | undefined =>
  principal?.role === 'admin' ? undefined : principal?.actor;

/** How often whoever reads is asked again who they are: what was revoked ends within 5 seconds. */
const STILL_LET_IN_MS = 2_000;

/** Aborts `stop` once they are let in no more; asks until it is aborted. */
export function endWhenShutOut({ stillLetIn }: FastifyRequest, stop: AbortController): void {
  if (stillLetIn === null || stillLetIn === undefined) return;
  const ask = async (): Promise<void> => {
    if (!(await stillLetIn())) stop.abort();
    else again();
  };
  let timer: NodeJS.Timeout | undefined;
  const again = (): void => {
    if (!stop.signal.aborted) timer = setTimeout(() => void ask(), STILL_LET_IN_MS);
  };
  stop.signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
  again();
}

/**
 * Gives an answer that goes on its connection, and calls `over` once, when it has ended, however it ends. Of one that waits behind another on a
 * connection that goes, Node says nothing: the connection is asked too.
 */
export function onceOver({ raw, request }: FastifyReply, over: () => void): void {
  const { socket } = request.raw;
  const connection = takeConnection(socket);
  const ended = (): void => {
    connection.release();
    raw.off('close', ended);
    socket.off('close', ended);
    over();
  };
  raw.once('close', ended);
  socket.once('close', ended);
  if (raw.destroyed || socket.destroyed) ended();
}
