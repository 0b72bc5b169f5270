/** One replay: forked by the worker, with its id and its lease, and gone when the worker is. */
import pino from 'pino';
import {
  clockOf,
  decodeEvent,
  failureOf,
  hasOwnLogin,
  replaySession,
  runReplay,
  toldError,
} from '#libs/application';
import { loadConfig, openDatabase, verifyLogGuard } from '#libs/database';
import { openLog } from '#libs/event-store';
import { register } from '#projections';

/** Reads and writes one batch ahead each, and looks at both sides of a difference. */
const CONNECTIONS = 6;
const EXIT_FAILED = 1;

async function main(): Promise<number> {
  const [id = '', name = '', epoch = ''] = process.argv.slice(2);
  const stop = new AbortController();
  process.once('SIGTERM', () => stop.abort());
  // Nobody would hear how it ends, and another worker may begin it anew already.
  process.once('disconnect', () => process.exit(EXIT_FAILED));
  const config = loadConfig(process.env);
  const url = config.databaseUrl ?? '';
  const log = pino(
    { level: config.logLevel, name: `replay ${id}`, serializers: { err: toldError } },
    pino.destination(2),
  );
  const ownLogin = hasOwnLogin(config);
  const session = { applicationName: replaySession(id), rebuildable: true };
  const db = openDatabase(url, { max: CONNECTIONS, as: 'projector', ...session });
  const { store } = openLog(config, { db, url });
  const clock = clockOf(process.env.FLYWHEEL_CLOCK);
  const { signal } = stop;
  try {
    await verifyLogGuard(url, { roles: ['projector', 'app'], ownLogin });
    await runReplay(
      { db, store, register, decode: decodeEvent, clock, signal, log },
      { id, lease: { name, epoch } },
    );
    return 0;
  } catch (error) {
    if (!signal.aborted) log.warn({ err: error }, 'the replay was cut off');
    await tell(failureOf(error));
    return EXIT_FAILED;
  }
}

/** A worker that has just died hears nothing. */
const tell = (failed: object): Promise<void> =>
  new Promise((resolve) => {
    if (process.send?.({ failed }, undefined, undefined, () => resolve()) === undefined) resolve();
  });

main().then(
  (code) => setImmediate(() => process.exit(code)),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exit(EXIT_FAILED);
  },
);
