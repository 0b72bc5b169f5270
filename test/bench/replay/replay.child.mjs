/**
 * The replay in a process of its own, as the worker runs it: compiled, with nothing beside it that would
 * count as its memory. Answers how long it took and what it held (Replayed, in replay.bench.ts).
 */
import { decodeEvent } from '#libs/application';
import { openDatabase } from '#libs/database';
import { PostgresEventStore } from '#libs/event-store';
import { buildReplay } from '#libs/projector';
import { register } from '#projections';

const quiet = { info: () => {}, warn: () => {}, error: () => {} };

async function replayed({ url }) {
  const db = openDatabase(url, { max: 3, applicationName: 'bench replay' });
  try {
    const store = new PostgresEventStore({ db, url });
    const began = performance.now();
    const { schema } = await buildReplay({
      db,
      store,
      register,
      decode: decodeEvent,
      signal: new AbortController().signal,
      log: quiet,
    });
    const seconds = (performance.now() - began) / 1_000;
    return { schema, seconds, peakMb: process.resourceUsage().maxRSS / 1_024 };
  } finally {
    await db.destroy();
  }
}

process.on('message', (order) => {
  replayed(order).then(
    (answer) => process.send({ answer }),
    (error) => process.send({ failed: { message: error.stack ?? error.message } }),
  );
});
for (const end of ['SIGTERM', 'SIGINT']) process.once(end, () => process.exit(0));
process.once('disconnect', () => process.exit(0));
process.send({ ready: true, url: '' });
