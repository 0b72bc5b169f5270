/**
 * A delivery that was decided before, and cut off before what goes along with its events was written.
 * Where a cluster keeps the log, events are not in the transaction that writes routes and marks
 * deliveries. The delivery is still pending then and is decided again: the ledger answers that all of it
 * is known, and what should lead to its facts is said once more. It follows from the facts, not from
 * the telling, which may contradict them; where it was written already it changes nothing.
 */
import { sql } from 'kysely';
import type { Database } from '#libs/database';
import {
  claimKeysOf,
  codeDecider,
  codeStream,
  currencyGap,
  type MemberEvent,
  memberDecider,
  ownerOf,
} from '#libs/ledger';
import { currencyKey, membershipKey, paidKey, paymentKey, reversalKey } from './keys.js';
import type { ReversalTelling, Telling } from './provider.js';
import { type BatchContext, codesOf, factTold, updateBearings } from './tell.js';
import type { Verdict } from './verdict.js';

type PersonTelling = Exclude<Telling, ReversalTelling>;

/** Routes, watchers, usernames and wake-up calls of a known payment or membership. */
export function restateFact(telling: PersonTelling, stream: string, context: BatchContext): void {
  const { decisions, routing } = context;
  const state = decisions.stateOf(memberDecider, stream);
  if (factTold(telling, state.facts) === undefined) return;
  restateCode(stream, context);
  if (telling.kind === 'payment') {
    const fact = state.facts.payments.get(telling.paymentId);
    routing.addRoute(paymentKey(telling.paymentId), stream);
    if (fact?.membershipId !== undefined)
      routing.addRoute(membershipKey(fact.membershipId), stream);
    if (fact?.paid !== undefined) {
      routing.arrive(paidKey(telling.paymentId));
      if (!fact.paid.currencyAssumed) routing.arrive(currencyKey(telling.paymentId));
    }
  } else {
    routing.addRoute(membershipKey(telling.membershipId), stream);
  }
  for (const key of claimKeysOf(state.facts)) routing.watch(key, stream);
  updateBearings(telling, stream, state, routing);
}

/** Whoever waited for a reversal is woken only where it stands: what is quarantined would wake itself for ever. */
export function restateReversal(
  reversalId: string,
  stream: string,
  { decisions, routing }: BatchContext,
): void {
  const { facts } = decisions.stateOf(memberDecider, stream);
  if (!facts.reversals.has(reversalId)) return;
  routing.addRoute(reversalKey(reversalId), stream);
  if (currencyGap(facts, reversalId) === undefined) routing.arrive(reversalKey(reversalId));
}

/** The member's own drawn code, reserved in its stream, leads to the member. */
function restateCode(stream: string, { decisions, routing, keys }: BatchContext): void {
  for (const code of codesOf(stream)) {
    if (routing.streamOf(keys.code(code)) === stream) return;
    const reservation = codeStream(code);
    if (!decisions.isLoaded(reservation)) continue;
    const { owner } = decisions.stateOf(codeDecider, reservation);
    const { creatorId, memberId } = ownerOf(stream);
    if (owner?.creatorId !== creatorId || owner.memberId !== memberId) continue;
    routing.addRoute(keys.code(code), stream);
    return;
  }
}

/** Keys that are to be known before anything is said once more. */
export function keysRestated(
  tellings: readonly Telling[],
  streamOf: (telling: Telling) => string | undefined,
  { decisions, keys }: Pick<BatchContext, 'decisions' | 'keys'>,
): string[] {
  return tellings.flatMap((telling) => {
    const stream = streamOf(telling);
    if (stream === undefined || telling.kind === 'refund' || telling.kind === 'dispute') return [];
    const { facts } = decisions.stateOf(memberDecider, stream);
    const [drawn = ''] = codesOf(stream);
    const of = telling.kind === 'payment' ? facts.payments.get(telling.paymentId) : undefined;
    const membership = of?.membershipId === undefined ? [] : [membershipKey(of.membershipId)];
    return [keys.code(drawn), ...membership];
  });
}

interface CausedRow {
  readonly delivery: string;
  readonly event: string;
  readonly position: string;
  readonly type: string;
  /** Money in another currency than the sale's when it was told; false: of a currency that nobody named. */
  readonly misfit: boolean | null;
}

/**
 * What was cut off between its events and its mark, marked as it would have been: it was applied, at
 * the last event that names it. Who decided again found all of it known, from the same journal, and
 * may have found that money fits by now which did not then, or the other way round.
 */
export async function decidedBefore(
  verdicts: readonly Verdict[],
  db: Database,
): Promise<readonly Verdict[]> {
  const silent = verdicts.filter(({ eventId, stream }) => eventId === null && stream !== undefined);
  if (silent.length === 0) return verdicts;
  const { rows } = await sql<CausedRow>`
    with caused as materialized (
      select v.delivery, e.id, e.position, e.type, e.data ->> 'currencyAssumed' is null as certain,
        e.type in ('RefundTold', 'DisputeTold') and e.data ->> 'currency' <> sale.currency
          and e.data ->> 'originalCurrency' is distinct from sale.currency as misfit
      from unnest(${silent.map(({ id }) => id)}::text[],
        ${silent.map((one) => one.stream ?? '')}::text[]) as v (delivery, stream)
      join events e on e.stream = v.stream and e.metadata ->> 'delivery' = v.delivery
      left join lateral (
        select p.data ->> 'currency' as currency from events p
        where p.stream = e.stream and p.revision < e.revision and p.data ? 'currency'
          and p.type in ('PaymentReceived', 'PaymentDetailsLearned')
          and p.data ->> 'payment' = e.data ->> 'payment'
        order by p.revision desc limit 1) sale on true)
    select distinct on (delivery) delivery, id as event, position::text as position, type,
      bool_and(certain) filter (where misfit) over (partition by delivery) as misfit
    from caused order by delivery, caused.position desc`.execute(db);
  const caused = new Map(rows.map((row) => [row.delivery, row]));
  return verdicts.map((verdict) => {
    const row = verdict.eventId === null ? caused.get(verdict.id) : undefined;
    return row === undefined ? verdict : asItWas(verdict, row);
  });
}

const CONFLICT: MemberEvent['type'] = 'ConflictFound';

function asItWas(verdict: Verdict, { event, position, type, misfit }: CausedRow): Verdict {
  const known = { ...verdict, eventId: event, position };
  const isAsQuarantined = misfit === true && verdict.outcome === 'unchanged';
  const isStill = misfit !== null && verdict.outcome === 'quarantined';
  if (isAsQuarantined || isStill) return known;
  const code = type === CONFLICT ? 'conflict' : null;
  return { ...known, outcome: 'applied', code, detail: null, waitsFor: [] };
}
