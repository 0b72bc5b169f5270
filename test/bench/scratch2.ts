import { openDatabase, acquireLease } from '#libs/database';
import { PostgresEventStore } from '#libs/event-store';
import { IntakeWake, intakeBatch, loadKeys, whopProvider, DeliveryInbox, renderPayment } from '#libs/ingestion';
import { startServer } from './database.js';
import { paymentFacts } from './http/payments.js';
const server = await startServer();
const url = await server.database('scratch');
const db = openDatabase(url, { max: 8 });
const store = new PostgresEventStore({ db, url });
const keys = await loadKeys(db, Buffer.alloc(32, 1));
const inbox = new DeliveryInbox({ db });
await Promise.all(Array.from({ length: 3000 }, (_, n) => { const r = renderPayment('v1', paymentFacts(n));
  return inbox.store({ provider: 'whop', deliveryId: r.messageId, generation: 'v1', body: Buffer.from(r.body), headers: {}, receivedAt: Date.now() }); }));
const signal = new AbortController().signal;
const lease = await acquireLease({ url, name: 'intake', signal });
for (let i = 0; i < 8; i++) {
  const b = performance.now();
  try { const n = await intakeBatch({ db, url, store, keys, signal, wake: new IntakeWake(), providers: [whopProvider({ secrets: ['x'.repeat(32)] })], defaults: { timeZone: 'UTC', graceHours: 72, currency: 'usd' } }, lease!, 500);
    process.stdout.write(`${n} in ${performance.now() - b}\n`); }
  catch (e) { process.stdout.write(`${(e as Error).stack} ${JSON.stringify(e)}\n`); }
}
await lease!.release(); await db.destroy(); await server.stop();
