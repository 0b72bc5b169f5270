/**
 * What the endpoint is measured beside, each on a route of one bare Fastify: an answer at once, an
 * answer after the signature was verified, and the obvious handler of an event store: one ordered
 * append and one commit per request.
 */
import { createHash, randomUUID } from 'node:crypto';
import { type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import pg from 'pg';
import { whopProvider } from '#libs/ingestion';
import { systemClock } from '#libs/ledger';
import { serveOrders } from '../child.js';

const { DATABASE_URL = '', WHOP_WEBHOOK_SECRET = '', BENCH_POOL = '12' } = process.env;
const STORED = '{"status":"stored"}';
const LOG_LOCK = 7_300_001;

const provider = whopProvider({ secrets: [WHOP_WEBHOOK_SECRET] });
const pool = new pg.Pool({ connectionString: DATABASE_URL, max: Number(BENCH_POOL) });
const server = fastify({ logger: false });
server.removeAllContentTypeParsers();
server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) =>
  done(null, body),
);

const answer = (reply: FastifyReply): FastifyReply =>
  reply.header('content-type', 'application/json; charset=utf-8').send(STORED);

function verified(request: FastifyRequest): string {
  const verification = provider.verify({
    headers: request.raw.headers,
    body: request.body as Buffer,
    now: systemClock.now(),
  });
  if (!verification.ok) throw new Error(verification.code);
  return verification.deliveryId;
}

server.post('/bare', (_request, reply) => answer(reply));
server.post('/hmac', (request, reply) => {
  verified(request);
  return answer(reply);
});
server.post('/ordered', async (request, reply) => {
  const deliveryId = verified(request);
  const client = await pool.connect();
  try {
    await client.query('begin');
    await client.query({
      name: 'lock',
      text: 'select pg_advisory_xact_lock($1)',
      values: [LOG_LOCK],
    });
    await client.query({
      name: 'append',
      text: `insert into events
        (position, stream, revision, id, type, effective_at, recorded_at, data, metadata)
        values ((select coalesce(max(position), 0) + 1 from events), $1, 0, $2, 'PaymentReceived',
          clock_timestamp(), clock_timestamp(), $3::jsonb, '{}')`,
      values: [
        `delivery-${createHash('sha256').update(deliveryId).update(randomUUID()).digest('hex')}`,
        randomUUID(),
        (request.body as Buffer).toString('utf8'),
      ],
    });
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw error;
  } finally {
    client.release();
  }
  return answer(reply);
});

serveOrders(await server.listen({ port: 0, host: '127.0.0.1' }), async () => undefined);
