/** The stand-in, seen by the bare client: what the adapter's tests rest on. */

import { randomUUID } from 'node:crypto';
import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import db from '@eventstore/db-client';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { StandIn } from './stand-in.js';

const event = (id: string = randomUUID()) => db.jsonEvent({ id, type: 'ThingHappened', data: {} });

describe('the stand-in for EventStoreDB', () => {
  let folder: string;
  let standIn: StandIn;
  let client: db.EventStoreDBClient;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'stand-in-'));
    standIn = await StandIn.start({ file: path.join(folder, 'log') });
    client = db.EventStoreDBClient.connectionString`${standIn.url}`;
  });
  afterEach(() => standIn.faults.clear());
  afterAll(async () => {
    await client.dispose();
    await standIn.stop();
    await rm(folder, { recursive: true });
  });

  const append = (
    stream: string,
    events: ReturnType<typeof event>[],
    expectedRevision: bigint | 'no_stream',
    options: object = {},
  ) => client.appendToStream(stream, events, { expectedRevision, ...options });

  it.each([
    ['on one stream of calls', {}],
    ['in a call of its own', { credentials: { username: 'a', password: 'b' } }],
  ])('takes a repetition for what it is, and refuses what contradicts, %s', async (_, options) => {
    const stream = `thing-${randomUUID()}`;
    const [a, b, c] = [event(), event(), event()];
    const first = await append(stream, [a, b], 'no_stream', options);
    expect(first).toMatchObject({ success: true, nextExpectedRevision: 1n });
    expect(await append(stream, [a, b], 'no_stream', options)).toEqual(first);
    await append(stream, [c], 1n, options);
    expect(await append(stream, [a, b], 'no_stream', options)).toEqual(first);
    expect(await append(stream, [b], 0n, options)).toEqual(first);
    for (const [events, expected] of [
      [[a, c], 'no_stream'],
      [[event()], 1n],
      [[b, c, event()], 0n],
      [[event()], 7n],
    ] as const)
      await expect(append(stream, [...events], expected, options)).rejects.toMatchObject({
        type: 'wrong-expected-version',
        actualVersion: 2n,
      });
    await expect(append(`${stream}x`, [event()], 0n, options)).rejects.toMatchObject({
      type: 'wrong-expected-version',
      actualVersion: 'no_stream',
    });
  });

  it('keeps its log over a restart, and what it acknowledged over half a line', async () => {
    const stream = `thing-${randomUUID()}`;
    await append(stream, [event(), event()], 'no_stream');
    await appendFile(path.join(folder, 'log'), '[{"stream":"thing-a","rev');
    const copy = await StandIn.start({ file: path.join(folder, 'log') });
    expect(copy.log.events.map(({ position }) => position)).toEqual(
      standIn.log.events.map(({ position }) => position),
    );
    expect(copy.log.stream(stream)).toHaveLength(2);
    await copy.stop();
  });

  it('says everything in its order to whoever follows, in sparse positions, and only once', async () => {
    const stream = `follow-${randomUUID()}`;
    const seen: bigint[] = [];
    const following = client.subscribeToAll({
      filter: db.streamNameFilter({ prefixes: ['follow-'], checkpointInterval: 1 }),
    });
    for (let revision = -1n; revision < 40n; revision++)
      await append(stream, [event()], revision < 0n ? 'no_stream' : revision);
    for await (const { event: read } of following) {
      if (read === undefined) continue;
      seen.push(read.revision);
      if (seen.length === 41) break;
    }
    expect(seen).toEqual(Array.from({ length: 41 }, (_, i) => BigInt(i)));
    const places = standIn.log.events.map(({ position }) => position);
    expect(places).toEqual([...places].sort((x, y) => Number(x - y)));
    expect((places.at(-1) ?? 0n) > BigInt(places.length) * 50n).toBe(true);
  });

  it.each(['cut-before', 'cut-after', 'not-leader'] as const)(
    'breaks when a test asks for it: %s',
    async (kind) => {
      const stream = `thing-${randomUUID()}`;
      const one = event();
      standIn.faults.order('append', { kind });
      await expect(append(stream, [one], 'no_stream')).rejects.toBeDefined();
      expect(standIn.log.stream(stream)?.length ?? 0).toBe(kind === 'cut-after' ? 1 : 0);
      expect(await append(stream, [one], 'no_stream')).toMatchObject({ nextExpectedRevision: 0n });
    },
  );
});
