/**
 * What deciding deliveries now would come to: the intake's own `decideBatch`, in memory, with nothing
 * written. It is a forecast, not a promise: whatever is booked between it and the order may change it.
 */

import {
  type BatchParts,
  type Decided,
  type Delivery,
  decideBatch,
  translationOf,
  type Verdict,
} from '../batch.js';
import { isDatabaseTrouble } from '../intake.js';
import type { Telling } from '../provider.js';
import { streamOf } from '../tell.js';

export interface Forecast {
  readonly verdict: Verdict;
  /** Types of the events that it would append, in order. */
  readonly events: readonly string[];
  /** The delivery that told all of it before. */
  readonly duplicateOf: bigint | null;
}

export interface Forecasts {
  readonly byId: ReadonlyMap<string, Forecast>;
  /** Keys that would lead somewhere: whoever waits for them is woken. */
  readonly opened: readonly string[];
}

/** A delivery may wake one that wakes another; more links than this are left as they were found. */
const MAX_PASSES = 8;

/** In the order given, as the intake takes them; those that the others would wake are decided behind them. */
export async function forecastsOf(
  deliveries: readonly Delivery[],
  parts: BatchParts,
): Promise<Forecasts> {
  let order = deliveries;
  for (let pass = 1; ; pass++) {
    const found = await forecastBatch(order, parts);
    const opened = new Set(found.opened);
    const isAwake = ({ id }: Delivery): boolean => {
      const { outcome, waitsFor = [] } = found.byId.get(id)?.verdict ?? {};
      return outcome === 'parked' && waitsFor.some((key) => opened.has(key));
    };
    const awake = order.filter(isAwake);
    if (awake.length === 0 || pass === MAX_PASSES) return found;
    order = [...order.filter((delivery) => !isAwake(delivery)), ...awake];
  }
}

async function forecastBatch(
  deliveries: readonly Delivery[],
  parts: BatchParts,
): Promise<Forecasts> {
  if (deliveries.length === 0) return { byId: new Map(), opened: [] };
  let decided: Decided;
  try {
    decided = await decideBatch(deliveries, parts);
  } catch (error) {
    if (isDatabaseTrouble(error)) throw error;
    return forecastHalves(deliveries, parts, error);
  }
  const events = eventsByDelivery(decided);
  const duplicates = await duplicatesIn(decided, deliveries, parts);
  const byId = new Map(
    decided.verdicts.map((verdict) => [
      verdict.id,
      {
        verdict,
        events: events.get(verdict.id) ?? [],
        duplicateOf: duplicates.get(verdict.id) ?? null,
      },
    ]),
  );
  return { byId, opened: decided.routing.opened };
}

/** As the intake does: halves until the culprit stands alone. The halves do not see each other. */
async function forecastHalves(
  deliveries: readonly Delivery[],
  parts: BatchParts,
  error: unknown,
): Promise<Forecasts> {
  const [only, ...others] = deliveries;
  if (only !== undefined && others.length === 0) {
    const detail = error instanceof Error ? error.message : String(error);
    const verdict: Verdict = {
      id: only.id,
      outcome: 'quarantined',
      type: null,
      code: 'intake_failed',
      detail,
      creatorId: null,
      effectiveAt: null,
      eventId: null,
    };
    return { byId: new Map([[only.id, { verdict, events: [], duplicateOf: null }]]), opened: [] };
  }
  const middle = Math.ceil(deliveries.length / 2);
  const first = await forecastBatch(deliveries.slice(0, middle), parts);
  const second = await forecastBatch(deliveries.slice(middle), parts);
  return {
    byId: new Map([...first.byId, ...second.byId]),
    opened: [...first.opened, ...second.opened],
  };
}

function eventsByDelivery({ decisions }: Decided): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const { events } of decisions.appends()) {
    for (const { type, metadata } of events) {
      const delivery = String(metadata.delivery);
      const types = found.get(delivery);
      if (types === undefined) found.set(delivery, [type]);
      else types.push(type);
    }
  }
  return found;
}

/** Of those that add nothing: which delivery told their fact first. */
async function duplicatesIn(
  { decisions, routing, verdicts }: Decided,
  deliveries: readonly Delivery[],
  { providers, store }: BatchParts,
): Promise<Map<string, bigint>> {
  const unchanged = new Set(
    verdicts.flatMap(({ id, outcome }) => (outcome === 'unchanged' ? [id] : [])),
  );
  const facts = deliveries
    .filter(({ id }) => unchanged.has(id))
    .flatMap((delivery) => {
      const provider = providers.find(({ name }) => name === delivery.provider);
      const read = provider && translationOf(delivery, provider);
      if (read?.outcome !== 'telling') return [];
      const { telling } = read;
      const stream = streamOf(telling, routing);
      const about = { id: delivery.id, kind: telling.kind, factId: factIdOf(telling) };
      return stream === undefined ? [] : [{ ...about, stream }];
    });
  const recorded = await store.readStreams(facts.map(({ stream }) => stream));
  const added = new Map(decisions.appends().map(({ stream, events }) => [stream, events]));
  const first = new Map<string, bigint>();
  for (const { id, stream, kind, factId } of facts) {
    const events = [...(recorded.get(stream) ?? []), ...(added.get(stream) ?? [])];
    // `PaymentReceived {payment}`, `MembershipActivated {membership}`: a fact's events bear its kind.
    const teller = events.find(
      ({ type, data }) => type.toLowerCase().startsWith(kind) && data[kind] === factId,
    )?.metadata.delivery;
    if (typeof teller === 'string' && teller !== id) first.set(id, BigInt(teller));
  }
  return first;
}

/** The id of the fact that is told, in every generation. */
function factIdOf(telling: Telling): string {
  if (telling.kind === 'payment') return telling.paymentId;
  return telling.kind === 'membership' ? telling.membershipId : telling.reversalId;
}
