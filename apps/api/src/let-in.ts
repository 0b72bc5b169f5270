/** Answers that go on: they end with that which let their readers in. */
import type { FastifyRequest } from 'fastify';

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
