/** Signals that ask us to end: the first in order, the second at once. */

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface Interrupts {
  /** Aborted by the first. */
  readonly signal: AbortSignal;
  /** Resolves with the first. */
  readonly first: Promise<void>;
  /** Leaves signals to Node again. */
  end(): void;
}

export function listenForInterrupts(onSecond: () => void): Interrupts {
  const stop = new AbortController();
  const first = new Promise<void>((resolve) => {
    stop.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  const heard = () => {
    if (stop.signal.aborted) onSecond();
    else stop.abort();
  };
  for (const signal of SIGNALS) process.on(signal, heard);
  return {
    signal: stop.signal,
    first,
    end: () => {
      for (const signal of SIGNALS) process.off(signal, heard);
    },
  };
}
