/** `flywheel events copy`: the log moves to a cluster, whose journal the database then is, or back. */
import { loadConfig, openDatabase } from '#libs/database';
import { type Copied, copyToCluster, copyToPostgres } from '#libs/event-store';
import { CliError, EXIT } from '../exit.js';
import { count, duration } from '../format.js';
import { perSecond, withProgress } from '../import/progress.js';
import type { Invocation, Outcome } from '../invocation.js';
import { openLedger } from '../ledger.js';
import { listenForInterrupts } from '../supervisor/interrupts.js';

export type Store = 'postgres' | 'eventstoredb';

const SCHEMA = 'flywheel.events-copy/1';
/** Reads ahead while it writes down where events lie. */
const CONNECTIONS = 4;

export async function copyEvents(
  invocation: Invocation,
  { from, to }: { readonly from: Store; readonly to: Store },
): Promise<Outcome> {
  const { terminal, env } = invocation;
  if (from === to)
    throw new CliError(EXIT.usage, `The log cannot be copied from ${from} to itself.`, {
      code: 'same_store',
      next: 'flywheel events copy --from postgres --to eventstoredb',
    });
  const { eventStoreUrl } = loadConfig(env);
  if (eventStoreUrl === undefined)
    throw new CliError(EXIT.configInvalid, 'EVENTSTORE_URL does not say where the cluster is.', {
      code: 'config_invalid',
      next: 'EVENTSTORE_URL=esdb://host:2113?tls=true flywheel events copy …',
    });
  const ledger = await openLedger(invocation);
  const db = openDatabase(ledger.url, {
    max: CONNECTIONS,
    applicationName: 'events copy',
    as: 'owner',
  });
  const stop = new AbortController();
  const interrupts = listenForInterrupts(() => process.exit(EXIT.interrupted));
  interrupts.signal.addEventListener('abort', () => stop.abort(interrupted()), { once: true });
  const begun = performance.now();
  let done = { compared: 0n, head: 0n };
  const look = async () => ({
    title: 'copy',
    text: `the same ${count(Number(done.compared))}/${count(Number(done.head))} events  ${count(perSecond(Number(done.compared), begun))}/s`,
    figures: done,
    share: done.head === 0n ? undefined : Number(done.compared) / Number(done.head),
  });
  try {
    const copy = to === 'eventstoredb' ? copyToCluster : copyToPostgres;
    const copying = copy({
      ...{ db, url: ledger.url, cluster: { url: eventStoreUrl }, signal: stop.signal },
      onProgress: (compared, head) => {
        done = { compared, head };
      },
    });
    const copied = await withProgress(terminal, SCHEMA, look, copying);
    const tookMs = Math.round(performance.now() - begun);
    terminal.answer(SCHEMA, { type: 'result', from, to, ...copied, tookMs }, () =>
      textOf(copied, to, tookMs),
    );
    return EXIT.done;
  } finally {
    interrupts.end();
    await db.destroy();
    await ledger.stop();
  }
}

const textOf = ({ head, streams, digest, appended }: Copied, to: Store, tookMs: number): string =>
  [
    `${count(Number(head))} events in ${count(Number(streams))} streams are the same on both sides, ` +
      `${count(Number(appended))} of them written now  ${duration(tookMs)}`,
    `  sha256 ${digest}`,
    to === 'eventstoredb'
      ? 'This database is the journal of the cluster now: start with EVENT_STORE=eventstoredb.'
      : 'The log is in this database now: start with EVENT_STORE=postgres.',
  ].join('\n');

const interrupted = (): CliError =>
  new CliError(EXIT.interrupted, 'The copy was interrupted; nothing has been switched.', {
    code: 'interrupted',
    next: 'the same command goes on where it stopped',
  });
