/**
 * One batch of deliveries: read what they need, decide each in memory, then write events, routes,
 * profiles and outcomes in one transaction. Reading happens outside of it: revisions and the
 * outcome of every delivery are compared when writing, so a batch that read something stale fails
 * whole and is done again.
 */
import { Decisions, type StreamMemory } from '#libs/application';
import type { Database } from '#libs/database';
import type { EventStore } from '#libs/event-store';
import {
  codeStream,
  creatorStream,
  type Defaults,
  DomainError,
  type Instant,
  memberDecider,
  ownerOf,
} from '#libs/ledger';
import type { Vault } from '#libs/vault';
import { type InternalTask, internalTaskOf, isRouteTask } from './internal.js';
import { isUsernameKey, type Keys } from './keys.js';
import type { Provider, Telling, Translation } from './provider.js';
import { decidedBefore, keysRestated, restateFact } from './repeated.js';
import { Routing } from './routing.js';
import { translateScrubbed } from './scrub.js';
import { subjectsOfBody, subjectsOfTelling } from './subjects.js';
import { keyOfRouteTask, openRoute, performTask } from './tasks.js';
import {
  type BatchContext,
  codeOf,
  codesOf,
  factTold,
  isReversal,
  type Profile,
  routeKeysOf,
  streamOf,
  tell,
} from './tell.js';
import { tellReversal } from './tell-reversal.js';
import type { Delivery, Verdict } from './verdict.js';

export type { Delivery, Verdict } from './verdict.js';

export interface Decided {
  readonly decisions: Decisions;
  readonly routing: Routing;
  readonly verdicts: readonly Verdict[];
  readonly profiles: readonly Profile[];
  /** Nothing in it depends on orders that it does not hold. */
  readonly ordersOnly: boolean;
}

export interface BatchParts {
  readonly db: Database;
  readonly store: EventStore;
  readonly providers: readonly Provider[];
  readonly keys: Keys;
  /** Opens bodies and seals profiles. */
  readonly vault: Vault;
  readonly defaults: Defaults;
  /** Of the batches before; whoever only looks has none. */
  readonly memory?: StreamMemory;
  /** The log is in a cluster: a delivery may have been decided and cut off (repeated.ts). */
  readonly repeats?: boolean;
}

type Read =
  | { readonly kind: 'telling'; readonly type: string; readonly telling: Telling }
  | { readonly kind: 'task'; readonly task: InternalTask }
  | { readonly kind: 'settled'; readonly verdict: Verdict };

const NOTHING = {
  type: null,
  code: null,
  detail: null,
  creatorId: null,
  effectiveAt: null,
  eventId: null,
};

export async function decideBatch(
  deliveries: readonly Delivery[],
  parts: BatchParts,
): Promise<Decided> {
  const reads = deliveries.map((delivery) => read(delivery, parts.providers));
  const routing = new Routing(parts.db);
  const decisions = new Decisions(parts.store, parts.memory);
  await prepare(reads, routing, decisions, parts);
  const { keys, defaults, repeats = false } = parts;
  const context: BatchContext = { decisions, routing, keys, defaults, repeats };
  const profiles: Profile[] = [];
  const decided = deliveries.map((delivery, n): Verdict => {
    const known = reads[n] as Read;
    if (known.kind === 'settled')
      return { ...known.verdict, subjects: subjectsOfBody(delivery.body, parts.keys) };
    if (known.kind === 'task') return performTask(delivery, known.task, context);
    return verdictOn(delivery, known, context, profiles);
  });
  const verdicts = repeats ? await decidedBefore(decided, parts.db) : decided;
  const ordersOnly = reads.every((one) => one.kind === 'task' && isRouteTask(one.task));
  return { decisions, routing, verdicts, profiles, ordersOnly };
}

/** Loads, in four round trips whatever the size of the batch, all that deciding will ask for. */
async function prepare(
  reads: readonly Read[],
  routing: Routing,
  decisions: Decisions,
  { keys, repeats = false }: BatchParts,
): Promise<void> {
  const tellings = reads.flatMap((r) => (r.kind === 'telling' ? [r.telling] : []));
  const tasks = reads.flatMap((r) => (r.kind === 'task' ? [r.task] : []));
  const orders = tasks.filter(isRouteTask);
  const claimKeys = new Set(tasks.flatMap((task) => (task.task === undefined ? [task.key] : [])));
  await routing.loadRoutes([
    ...tellings.flatMap(routeKeysOf),
    ...claimKeys,
    ...orders.map((order) => keyOfRouteTask(order, keys)),
  ]);
  for (const order of orders) openRoute(order, keys, routing);
  const members = new Set(tasks.flatMap((task) => (isRouteTask(task) ? [] : [task.stream])));
  for (const telling of tellings) {
    if (!isReversal(telling) && streamOf(telling, routing) === undefined) {
      routing.keepHalf(telling.person, routeKeysOf(telling));
    }
  }
  for (const telling of tellings) {
    const stream = streamOf(telling, routing);
    if (stream === undefined) continue;
    members.add(stream);
  }
  const creators = [...members].map((stream) => creatorStream(ownerOf(stream).creatorId));
  await decisions.load([...members, ...creators]);
  for (const telling of tellings) {
    if (isReversal(telling)) continue;
    const stream = streamOf(telling, routing);
    // A stream that an earlier delivery of this batch will name: its creator may be any of those loaded.
    const owners = stream === undefined ? [...members] : [stream];
    for (const creatorId of new Set(owners.map((owner) => ownerOf(owner).creatorId))) {
      for (const [, key] of keys.claims(creatorId, telling.claims)) claimKeys.add(key);
      const username = keys.ofPerson(creatorId, telling.person);
      if (username !== undefined) claimKeys.add(username);
    }
  }
  const newcomers = [...members].filter((stream) => decisions.isEmpty(stream));
  // A telling that moves the time of a known fact moves since when its usernames are borne.
  for (const telling of tellings) {
    const stream = isReversal(telling) ? undefined : streamOf(telling, routing);
    if (stream === undefined) continue;
    const { facts } = decisions.stateOf(memberDecider, stream);
    for (const username of factTold(telling, facts)?.usernames ?? []) claimKeys.add(username);
  }
  if (repeats)
    for (const key of keysRestated(tellings, (one) => streamOf(one, routing), { decisions, keys }))
      claimKeys.add(key);
  await Promise.all([
    routing.loadRoutes([
      ...[...claimKeys].filter((key) => !isUsernameKey(key)),
      ...newcomers.map((stream) => keys.code(codeOf(stream, 0))),
    ]),
    routing.loadBearers([...claimKeys].filter(isUsernameKey)),
  ]);
  await prepareCodes(newcomers, routing, decisions, keys);
  if (!repeats) return;
  const unled = [...members].filter(
    (stream) => routing.streamOf(keys.code(codeOf(stream, 0))) !== stream,
  );
  const codes = unled.flatMap(codesOf);
  await routing.loadRoutes(codes.map((code) => keys.code(code)));
  await decisions.load(codes.map(codeStream));
}

/** Loads the streams of the codes that newcomers will be given: the first drawn, but for the few whose first is taken. */
async function prepareCodes(
  newcomers: readonly string[],
  routing: Routing,
  decisions: Decisions,
  keys: Keys,
): Promise<void> {
  const isTaken = (stream: string): boolean =>
    routing.streamOf(keys.code(codeOf(stream, 0))) !== undefined;
  const codes = newcomers.flatMap((stream) =>
    isTaken(stream) ? codesOf(stream) : [codeOf(stream, 0)],
  );
  if (codes.length > newcomers.length) {
    await routing.loadRoutes(codes.map((code) => keys.code(code)));
  }
  await decisions.load(codes.map(codeStream));
}

/** What a delivery tells, whether it is whole or scrubbed. */
export const translationOf = (
  { body, receivedAt, isScrubbed }: Delivery,
  provider: Provider,
): Translation =>
  isScrubbed === true
    ? translateScrubbed(body, receivedAt, provider)
    : provider.translate(body, receivedAt);

function read(delivery: Delivery, providers: readonly Provider[]): Read {
  if (delivery.provider === 'internal') {
    return { kind: 'task', task: internalTaskOf(delivery.body) };
  }
  const provider = providers.find((candidate) => candidate.name === delivery.provider);
  if (provider === undefined) {
    return settled(delivery, 'quarantined', {
      code: 'provider_unknown',
      detail: `no provider '${delivery.provider}' is configured`,
    });
  }
  const translation = translationOf(delivery, provider);
  switch (translation.outcome) {
    case 'telling':
      return { kind: 'telling', type: translation.type, telling: translation.telling };
    case 'ignored':
      return settled(delivery, 'ignored', { type: translation.type, code: translation.reason });
    case 'quarantined':
      return settled(delivery, 'quarantined', {
        type: translation.type,
        code: translation.code,
        detail: translation.detail,
        creatorId: translation.creatorId ?? null,
        effectiveAt: translation.at ?? null,
      });
  }
}

const settled = (
  { id }: Delivery,
  outcome: Verdict['outcome'],
  rest: Partial<Verdict>,
): Extract<Read, { kind: 'settled' }> => ({
  kind: 'settled',
  verdict: { ...NOTHING, ...rest, id, outcome },
});

function verdictOn(
  delivery: Delivery,
  { type, telling }: Extract<Read, { kind: 'telling' }>,
  context: BatchContext,
  profiles: Profile[],
): Verdict {
  const { id } = delivery;
  const about = {
    ...NOTHING,
    id,
    type,
    creatorId: telling.person.creatorId ?? null,
    effectiveAt: timeOf(telling),
  };
  try {
    const told = isReversal(telling)
      ? tellReversal(telling, id, delivery.receivedAt, context)
      : tell(telling, id, delivery.receivedAt, context);
    if ('waitsFor' in told) {
      const { outcome, code, detail, waitsFor } = told;
      const eventId = told.accepted?.at(-1)?.id ?? null;
      const subjects = subjectsOfTelling(telling, undefined, context.keys);
      const stream = streamOf(telling, context.routing);
      return { ...about, outcome, code, detail, waitsFor, eventId, subjects, stream };
    }
    const isKnown = context.repeats && told.outcome === 'unchanged';
    if (isKnown && !isReversal(telling)) restateFact(telling, told.stream, context);
    if (told.profile !== undefined) profiles.push(told.profile);
    const owner = ownerOf(told.stream);
    return {
      ...about,
      outcome: told.outcome,
      creatorId: owner.creatorId,
      stream: told.stream,
      told: { person: telling.person, owner },
      subjects: subjectsOfTelling(telling, owner, context.keys),
      code: told.conflict ? 'conflict' : null,
      eventId: told.accepted.at(-1)?.id ?? null,
    };
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    const subjects = subjectsOfTelling(telling, undefined, context.keys);
    const { code, message: detail } = error;
    return { ...about, outcome: 'quarantined', code, detail, subjects };
  }
}

function timeOf(telling: Telling): Instant | null {
  if (isReversal(telling)) return telling.createdAt ?? telling.toldAt ?? null;
  return (
    (telling.kind === 'payment' ? telling.paidAt : telling.joinedAt) ?? telling.createdAt ?? null
  );
}
