/** The sender, in a process of its own: renders before it measures, and measures only then. */
import { serveOrders } from '../child.js';
import { quantile } from '../figures.js';
import { Connection } from './client.js';
import type { LoadOrder, LoadResult, Sample } from './load.js';
import { paymentRequests } from './payments.js';

let requests: readonly Buffer[] = [];

serveOrders<LoadOrder>('', async (order) => {
  switch (order.order) {
    case 'payments':
      requests = paymentRequests(order);
      return requests.reduce((sum, request) => sum + request.length, 0) / requests.length;
    case 'requests':
      requests = order.requests.map((request) => Buffer.from(request));
      return undefined;
    case 'run':
      return run(order);
  }
});

const DISTINCT = 'distinct';
/** Of how many answers one is kept with its header and time. */
const SAMPLE_EVERY = 20;

interface Span {
  readonly latencies: number[];
  readonly samples: Sample[];
  refused: number;
  sent: number;
}

async function run(order: Extract<LoadOrder, { order: 'run' }>): Promise<LoadResult> {
  const { url, connections, seconds, rate, header, requests: which } = order;
  const pool = await Promise.all(
    Array.from({ length: connections }, () => Connection.open(url, header)),
  );
  const limit = which === DISTINCT ? requests.length : Number.POSITIVE_INFINITY;
  const span: Span = { latencies: [], samples: [], refused: 0, sent: 0 };
  const began = performance.now();
  const until = began + seconds * 1_000;
  await (rate === undefined
    ? closedLoop(pool, span, limit, until)
    : openLoop(pool, span, { limit, until, rate }));
  const took = (performance.now() - began) / 1_000;
  for (const connection of pool) connection.close();
  const sorted = Float64Array.from(span.latencies).sort();
  return {
    answered: sorted.length,
    refused: span.refused,
    seconds: took,
    perSecond: sorted.length / took,
    p50Ms: quantile(sorted, 0.5),
    p99Ms: quantile(sorted, 0.99),
    samples: span.samples,
  };
}

/** Sends request `n` and notes how long its answer took, counted from `due`. */
function send(connection: Connection, span: Span, due: number): Promise<void> {
  const n = span.sent++;
  return new Promise((resolve, reject) => {
    const answered = (status: number, header: string | undefined): void => {
      span.latencies.push(performance.now() - due);
      if (status !== 200) span.refused++;
      if (header !== undefined && n % SAMPLE_EVERY === 0)
        span.samples.push({ header, at: process.hrtime.bigint() });
      resolve();
    };
    const request = requests[n % requests.length] as Buffer;
    connection.send(request, (a) => answered(a.status, a.header), reject);
  });
}

/** Each connection sends its next request when the answer to the last has come. */
async function closedLoop(
  pool: readonly Connection[],
  span: Span,
  limit: number,
  until: number,
): Promise<void> {
  await Promise.all(
    pool.map(async (connection) => {
      while (span.sent < limit && performance.now() < until)
        await send(connection, span, performance.now());
    }),
  );
}

/** Requests fall due at a fixed rate whatever the answers do; one that finds no connection waits, and that counts. */
async function openLoop(
  pool: readonly Connection[],
  span: Span,
  { limit, until, rate }: { limit: number; until: number; rate: number },
): Promise<void> {
  const began = performance.now();
  const free = [...pool];
  const due: number[] = [];
  let made = 0;
  const failures: unknown[] = [];
  const dispatch = (): void => {
    while (due.length > 0 && free.length > 0) {
      const connection = free.pop() as Connection;
      send(connection, span, due.shift() as number).then(
        () => {
          free.push(connection);
          dispatch();
        },
        (error: unknown) => failures.push(error),
      );
    }
  };
  while (performance.now() < until && made < limit && failures.length === 0) {
    for (; made < limit && began + (made * 1_000) / rate <= performance.now(); made++)
      due.push(began + (made * 1_000) / rate);
    dispatch();
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  while (span.latencies.length < made && failures.length === 0)
    await new Promise((resolve) => setTimeout(resolve, 1));
  if (failures.length > 0) throw failures[0];
}
