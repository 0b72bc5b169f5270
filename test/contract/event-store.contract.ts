/** What every event store must do, whatever it keeps its log in. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  AppendTooLarge,
  canonicalBytes,
  DuplicateEventId,
  type EventStore,
  InvalidEvent,
  MAX_APPEND_EVENTS,
  MAX_EVENT_BYTES,
  type NewEvent,
  RevisionConflict,
  type StreamAppend,
} from '#libs/event-store';
import { crowd, exactlyOnce, FAULTLESS, lateCommit } from './exactly-once.js';
import { type ContractSubject, following, type Given } from './tail.contract.js';
import { anEvent, aStream, opening } from './things.js';

export type { ContractSubject };

export interface ContractOptions {
  /** `within` is part of the append's transaction: when it fails, nothing was appended. */
  readonly transactional: boolean;
  /** Several streams are appended to all or none, and lie in the log as they were named. */
  readonly atomic: boolean;
}

export function eventStoreContract(
  name: string,
  makeStore: () => Promise<ContractSubject>,
  options: ContractOptions,
): void {
  describe(`${name} as an event store`, () => {
    let subject: ContractSubject;
    let store: EventStore;
    beforeAll(async () => {
      subject = await makeStore();
      store = subject.store;
    });
    afterAll(() => subject.close());

    const given: Given = () => ({ store, subject });
    appending(given, options);
    refusing(given, options);
    if (!options.atomic) repeating(given);
    reading(given);
    following(given);
    if (options.transactional) appendingWithin(given);
    crowding(given, options);
  });
}

function appending(given: Given, { atomic }: ContractOptions): void {
  it('gives the events of an append contiguous positions and revisions, over all its streams', async () => {
    const { store } = given();
    const [a, b] = [aStream(), aStream()];
    const head = await store.head();
    const { events, lastPosition } = await store.append([
      opening(a, anEvent(), anEvent()),
      opening(b, anEvent()),
    ]);
    const places = events.map((e) => [e.position - head, e.stream, e.revision]);
    const inOrder = (streamOf: (n: number) => unknown) => [
      [streamOf(0), a, 0n],
      [streamOf(1), a, 1n],
      [streamOf(2), b, 0n],
    ];
    expect(places).toEqual(inOrder((n) => (atomic ? BigInt(n + 1) : expect.anything())));
    expect(places.map(([position]) => position).sort()).toEqual([1n, 2n, 3n]);
    expect((places[0]?.[0] ?? 9n) < (places[1]?.[0] ?? 0n)).toBe(true);
    expect(lastPosition).toBe(head + 3n);
    expect(await store.head()).toBe(head + 3n);
    const more = await store.append([{ stream: a, expectedRevision: 1n, events: [anEvent()] }]);
    expect(more.events[0]).toMatchObject({ position: head + 4n, revision: 2n });
  });

  it('returns an event exactly as it is read later', async () => {
    const { store } = given();
    const stream = aStream();
    const data = {
      text: 'ä ß 𝄞 \u2028 "quoted" \\ \n\u0001',
      least: Number.MIN_SAFE_INTEGER,
      most: Number.MAX_SAFE_INTEGER,
      minusZero: -0,
      nested: [[], {}, [null, true, false, { z: 'last', 'a b': 'first' }]],
      dropped: undefined,
    };
    const event = { ...anEvent(data, { cause: 'msg_1' }), effectiveAt: -1 };
    const { events } = await store.append([opening(stream, event)]);
    const read = (await store.readStreams([stream])).get(stream) ?? [];
    expect(read).toEqual(events);
    expect(read[0]).toMatchObject({ effectiveAt: -1, data: { minusZero: 0, least: data.least } });
    expect(read[0]?.data).not.toHaveProperty('dropped');
    expect(read.map(canonicalBytes)).toEqual(events.map(canonicalBytes));
  });

  it('records times that never go back', async () => {
    const { store } = given();
    const times: number[] = [];
    for (let i = 0; i < 5; i++) {
      const { events } = await store.append([opening(aStream(), anEvent(), anEvent())]);
      times.push(...events.map((event) => event.recordedAt));
    }
    expect(times.every(Number.isSafeInteger)).toBe(true);
    expect(times).toEqual([...times].sort((x, y) => x - y));
  });

  it('only checks the revision of a stream without events', async () => {
    const { store } = given();
    const [checked, written] = [aStream(), aStream()];
    const { lastPosition } = await store.append([opening(checked, anEvent())]);
    const check = (expectedRevision: bigint): StreamAppend => ({
      stream: checked,
      expectedRevision,
      events: [],
    });
    expect(await store.append([check(0n)])).toEqual({ lastPosition, events: [] });
    await expect(store.append([opening(written, anEvent()), check(1n)])).rejects.toThrow(
      RevisionConflict,
    );
    const { events } = await store.append([opening(written, anEvent()), check(0n)]);
    expect(events.map((e) => e.stream)).toEqual([written]);
  });
}

function refusing(given: Given, { atomic }: ContractOptions): void {
  it('appends to all streams or to none, and says where the one that moved stands', async () => {
    const { store } = given();
    const [moved, other] = [aStream(), aStream()];
    await store.append([opening(moved, anEvent(), anEvent())]);
    const head = await store.head();
    const attempt = (expectedRevision: bigint | 'no_stream') =>
      store.append([
        opening(atomic ? other : aStream(), anEvent()),
        { stream: moved, expectedRevision, events: [anEvent()] },
      ]);
    for (const expected of ['no_stream', 0n, 2n] as const)
      await expect(attempt(expected)).rejects.toMatchObject({
        code: 'revision_conflict',
        stream: moved,
        expected,
        actual: 1n,
      });
    const absent = aStream();
    await expect(
      store.append([{ stream: absent, expectedRevision: 0n, events: [anEvent()] }]),
    ).rejects.toMatchObject({ code: 'revision_conflict', actual: 'no_stream' });
    if (!atomic) return;
    expect(await store.head()).toBe(head);
    expect(await store.readStreams([other, absent])).toEqual(new Map());
  });

  it('refuses an event id that is in the log already, whatever its stream', async () => {
    const { store } = given();
    const [event, stream] = [anEvent(), aStream()];
    const { lastPosition } = await store.append([opening(aStream(), event)]);
    await expect(store.append([opening(stream, anEvent(), event)])).rejects.toThrow(
      DuplicateEventId,
    );
    const twin = anEvent();
    await expect(store.append([opening(stream, twin, twin)])).rejects.toThrow(DuplicateEventId);
    expect(await store.head()).toBe(lastPosition);
  });

  it('refuses what is not an event, before anything is written', async () => {
    const { store } = given();
    const head = await store.head();
    const attempt = (stream: string, event: unknown) =>
      expect(store.append([opening(stream, anEvent(), event as NewEvent)])).rejects;
    await attempt(aStream(), anEvent({ amount: 0.5 })).toThrow(InvalidEvent);
    await attempt(aStream(), anEvent({ text: '\ud800' })).toThrow(InvalidEvent);
    await attempt(aStream(), { ...anEvent(), id: 'payment 1' }).toThrow(InvalidEvent);
    await attempt('Thing biz', anEvent()).toThrow(InvalidEvent);
    await attempt(aStream(), anEvent({ text: 'x'.repeat(MAX_EVENT_BYTES) })).toThrow(
      AppendTooLarge,
    );
    const tooMany = Array.from({ length: MAX_APPEND_EVENTS + 1 }, () => anEvent());
    await expect(store.append([opening(aStream(), ...tooMany)])).rejects.toThrow(AppendTooLarge);
    const stream = aStream();
    const twice = [opening(stream, anEvent()), opening(stream, anEvent())];
    await expect(store.append(twice)).rejects.toThrow(TypeError);
    expect(await store.head()).toBe(head);
  });
}

/** What holds of an append to several streams that is cut off in between. */
function repeating(given: Given): void {
  it('appends to a stream all of its events or none, and completes an append that is made again', async () => {
    const { store } = given();
    const [moved, other] = [aStream(), aStream()];
    await store.append([opening(moved, anEvent())]);
    const [ofOther, ofMoved] = [
      [anEvent(), anEvent()],
      [anEvent(), anEvent()],
    ];
    const attempt = (expectedRevision: bigint | 'no_stream') =>
      store.append([
        opening(other, ...ofOther),
        { stream: moved, expectedRevision, events: ofMoved },
      ]);
    await expect(attempt('no_stream')).rejects.toThrow(RevisionConflict);
    const found = (await store.readStreams([other])).get(other) ?? [];
    expect([0, 2]).toContain(found.length);
    const { events } = await attempt(0n);
    expect(events.map(({ id }) => id)).toEqual([...ofOther, ...ofMoved].map(({ id }) => id));
    expect((await attempt(0n)).events).toEqual(events);
    for (const [stream, count] of [
      [other, 2],
      [moved, 3],
    ] as const)
      expect((await store.readStreams([stream])).get(stream)).toHaveLength(count);
  });

  it('appends nothing else where what must be first is refused', async () => {
    const { store } = given();
    const [first, second] = [aStream(), aStream()];
    await store.append([opening(first, anEvent())]);
    const attempt = store.append([
      opening(second, anEvent()),
      { ...opening(first, anEvent()), isFirst: true },
    ]);
    await expect(attempt).rejects.toThrow(RevisionConflict);
    expect(await store.readStreams([second])).toEqual(new Map());
  });
}

function reading(given: Given): void {
  it('reads several streams at once, each in its order, and says nothing of absent ones', async () => {
    const { store } = given();
    const [a, b, absent] = [aStream(), aStream(), aStream()];
    await store.append([opening(a, anEvent()), opening(b, anEvent())]);
    for (let revision = 0n; revision < 11n; revision++)
      await store.append([{ stream: a, expectedRevision: revision, events: [anEvent()] }]);
    const streams = await store.readStreams([b, absent, a]);
    expect(new Set(streams.keys())).toEqual(new Set([a, b]));
    expect(streams.get(a)?.map((e) => e.revision)).toEqual(
      Array.from({ length: 12 }, (_, i) => BigInt(i)),
    );
    expect(streams.get(b)).toHaveLength(1);
  });

  it('reads everything by position, across the digits, in pages', async () => {
    const { store } = given();
    const many = Array.from({ length: 120 }, () => anEvent());
    await store.append([opening(aStream(), ...many)]);
    const head = await store.head();
    const positions: bigint[] = [];
    for (;;) {
      const page = await store.readAll({ after: positions.at(-1) ?? 0n, limit: 7 });
      if (page.length === 0) break;
      expect(page.length).toBeLessThanOrEqual(7);
      positions.push(...page.map((event) => event.position));
    }
    expect(positions).toEqual(Array.from({ length: Number(head) }, (_, i) => BigInt(i + 1)));
    expect(await store.readAll({ after: head, limit: 7 })).toEqual([]);
  });
}

function appendingWithin(given: Given): void {
  it('appends nothing when what runs within the append fails', async () => {
    const { store } = given();
    const [stream, event] = [aStream(), anEvent()];
    const head = await store.head();
    const failing = store.append([opening(stream, event)], async (tx, appended) => {
      expect(appended.lastPosition).toBe(head + 1n);
      expect((await store.readStreams([stream], tx)).get(stream)).toEqual(appended.events);
      expect(await store.readStreams([stream])).toEqual(new Map());
      throw new Error('the delivery could not be marked');
    });
    await expect(failing).rejects.toThrow('the delivery could not be marked');
    expect(await store.head()).toBe(head);
    const { lastPosition } = await store.append([opening(stream, event)]);
    expect(lastPosition).toBe(head + 1n);
  });

  it('delivers an append that commits late before those that began after it', async () => {
    const { store } = given();
    const findings = await exactlyOnce(store, (workload) =>
      lateCommit(workload, { first: anEvent, second: anEvent, streams: [aStream(), aStream()] }),
    );
    expect(findings).toMatchObject({ ...FAULTLESS, acknowledged: 2, delivered: 2 });
  });
}

function crowding(given: Given, { atomic }: ContractOptions): void {
  it('lets 16 writers append at once while a tail sees every event exactly once, in order', async () => {
    const { store } = given();
    const streams = Array.from({ length: 12 }, () => aStream());
    const findings = await exactlyOnce(store, () =>
      crowd(store, {
        writers: 16,
        events: 3_000,
        streams,
        newEvent: () => anEvent(),
        seed: 7,
        wide: atomic,
      }),
    );
    expect(findings).toMatchObject(FAULTLESS);
    expect(findings.acknowledged).toBeGreaterThanOrEqual(atomic ? 3_000 : 900);
    expect(findings.delivered).toBe(findings.acknowledged);
    for (const [, events] of await store.readStreams(streams))
      expect(events.map((e) => e.revision)).toEqual(events.map((_, i) => BigInt(i)));
  }, 60_000);
}
