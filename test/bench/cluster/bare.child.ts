/** The bare client: as many appends at once as the project has under way, one event to a stream of its own each. */
import { randomUUID } from 'node:crypto';
import { EventStoreDBClient } from '@eventstore/db-client';
import { serveOrders } from '../child.js';

export interface BareAppends {
  readonly url: string;
  readonly count: number;
  readonly inFlight: number;
  /** Of one event, data and metadata. */
  readonly bytes: number;
}

const METADATA = { flywheel: '1', effectiveAt: '1767225600', recordedAt: '1767225600000' };
const METADATA_BYTES = JSON.stringify(METADATA).length;

let current: { readonly url: string; readonly client: EventStoreDBClient } | undefined;

/** One connection for all rounds, as the project has. */
function clientOf(url: string): EventStoreDBClient {
  if (current?.url !== url)
    current = { url, client: EventStoreDBClient.connectionString(url as `esdb://${string}`) };
  return current.client;
}

async function appended({ url, count, inFlight, bytes }: BareAppends): Promise<number> {
  const client = clientOf(url);
  const run = randomUUID();
  const data = { text: 'x'.repeat(Math.max(0, bytes - METADATA_BYTES - '{"text":""}'.length)) };
  let next = 0;
  const worker = async () => {
    for (let n = next++; n < count; n = next++) {
      const id = randomUUID();
      const event = { id, type: 'PaymentReceived', contentType: 'application/json' as const };
      await client.appendToStream(
        `bare-${run}-${n}`,
        { ...event, data, metadata: METADATA },
        { expectedRevision: 'no_stream' },
      );
    }
  };
  const began = performance.now();
  await Promise.all(Array.from({ length: inFlight }, worker));
  return count / ((performance.now() - began) / 1_000);
}

serveOrders<BareAppends>('', appended);
