/** The life of a run in the foreground: it starts, serves until it is told to end, and stops in order. */
import { EXIT } from '../exit.js';
import type { Outcome } from '../invocation.js';
import type { Terminal } from '../terminal.js';
import { type Interrupts, listenForInterrupts } from './interrupts.js';
import type { Supervisor } from './supervisor.js';

export interface Run {
  /** Whatever it starts, it tells `own`, so that it is stopped. */
  readonly start: (interrupts: Interrupts, own: (supervisor: Supervisor) => void) => Promise<void>;
  /** After everything has stopped. */
  readonly end?: () => Promise<void>;
}

export async function runInForeground(terminal: Terminal, run: Run): Promise<Outcome> {
  let supervisor: Supervisor | undefined;
  const interrupts = listenForInterrupts(() => {
    supervisor?.kill();
    process.exit(EXIT.interrupted);
  });
  try {
    const started = run
      .start(interrupts, (own) => {
        supervisor = own;
      })
      .then(() => true);
    const isStarted = await Promise.race([started, interrupts.first.then(() => false)]);
    if (!isStarted) {
      started.catch(() => {}); // it fails because we stop
      terminal.note('interrupted while starting: stopping');
      return EXIT.interrupted;
    }
    const gaveUp = await Promise.race([interrupts.first, supervisor?.gaveUp]);
    if (gaveUp !== undefined) throw gaveUp;
    terminal.note('stopping');
    return EXIT.done;
  } finally {
    await supervisor?.stop();
    await run.end?.();
    interrupts.end();
  }
}
