/**
 * A dry run: what an import would do, decided by the intake's own code over the lines of one chunk
 * and the ledger as it is, and then forgotten. Chunks do not see each other: a fact that two of them
 * tell is new in both (`facts` names them, for whoever adds chunks up), and what waits for a
 * person that another chunk names is said to wait.
 */
import { sql } from 'kysely';
import { ownerOf } from '#libs/ledger';
import {
  type BatchParts,
  type Decided,
  type Delivery,
  decideBatch,
  type Verdict,
} from '../batch.js';
import { membershipKey, paymentKey } from '../keys.js';
import { type Reading, type ReadLine, readLines, type Unreadable } from './lines.js';

/** Lines of a chunk that are named with their reasons. */
const MAX_NAMED = 50;

export const PREVIEW_VERDICTS = [
  'new', // a fact that nobody has told yet
  'more', // adds something to a fact that is known
  'known', // all of it was told before
  'stored', // this very line was imported before
  'conflict', // contradicts what is known and would change nothing
  'ignored', // in a state that moves nothing
  'parked', // would wait for its person or its payment
  'quarantined', // makes no sense
] as const;
export type PreviewVerdict = (typeof PREVIEW_VERDICTS)[number];

export interface Preview {
  readonly lines: number;
  readonly unreadable: readonly Unreadable[];
  readonly counts: readonly {
    readonly kind: ReadLine['kind'];
    readonly verdict: PreviewVerdict;
    readonly count: number;
  }[];
  /** New facts by id; payments with what they would add. */
  readonly facts: readonly PreviewedFact[];
  /** The first lines that wait, make no sense or contradict. */
  readonly named: readonly PreviewedLine[];
}

export interface PreviewedFact {
  readonly kind: ReadLine['kind'];
  readonly id: string;
  readonly sale?: {
    readonly creatorId: string;
    /** On the creator's calendar. */
    readonly month: string;
    readonly currency: string;
    readonly amountMinor: bigint;
  };
}

export interface PreviewedLine {
  readonly line: number;
  readonly verdict: PreviewVerdict;
  readonly code: string | null;
  readonly detail: string | null;
}

export interface PreviewAsked extends Reading {
  readonly bytes: Buffer;
  /** Lines that came before the chunk. */
  readonly before: number;
  /** Unix milliseconds. */
  readonly receivedAt: number;
}

/** Writes nothing. */
export async function previewLines(parts: BatchParts, asked: PreviewAsked): Promise<Preview> {
  const { count, lines, unreadable } = readLines(asked.bytes, asked.before, asked);
  const stored = await storedAmong(parts, lines);
  const fresh = lines.filter((_, n) => !stored.has(n));
  const receivedAt = Math.floor(asked.receivedAt / 1000);
  const deliveries = fresh.map(({ provider, body, number }) => ({
    id: String(number),
    provider,
    body,
    receivedAt,
  }));
  const [known, decided] = await Promise.all([
    knownFacts(parts, fresh),
    decideParts(deliveries, parts),
  ]);
  const sales = salesOf(decided);
  const counts = new Counts();
  const facts: PreviewedFact[] = [];
  const named: PreviewedLine[] = [];
  for (const n of stored) counts.add(lines[n]?.kind ?? 'other', 'stored');
  const verdicts = decided.flatMap((part) => part.verdicts);
  for (const [n, line] of fresh.entries()) {
    const told = verdicts[n] as Verdict; // one for each delivery, in their order
    const key = factKeyOf(line);
    const verdict = verdictOf(told, known.has(key));
    counts.add(line.kind, verdict);
    if (verdict === 'new') {
      known.add(key);
      const sale = sales.get(line.objectId);
      facts.push({ kind: line.kind, id: line.objectId, ...(sale && { sale }) });
    }
    const { code, detail } = told;
    if (NAMED.has(verdict) && named.length < MAX_NAMED)
      named.push({ line: line.number, verdict, code, detail });
  }
  return { lines: count, unreadable, counts: counts.all(), facts, named };
}

const NAMED: ReadonlySet<PreviewVerdict> = new Set(['conflict', 'parked', 'quarantined']);

function verdictOf({ outcome, code }: Verdict, isKnown: boolean): PreviewVerdict {
  if (code === 'conflict') return 'conflict';
  if (outcome === 'applied') return isKnown ? 'more' : 'new';
  return outcome === 'unchanged' ? 'known' : outcome;
}

class Counts {
  readonly #counts = new Map<
    string,
    { kind: ReadLine['kind']; verdict: PreviewVerdict; count: number }
  >();

  add(kind: ReadLine['kind'], verdict: PreviewVerdict): void {
    const key = `${kind} ${verdict}`;
    const known = this.#counts.get(key);
    if (known === undefined) this.#counts.set(key, { kind, verdict, count: 1 });
    else known.count += 1;
  }

  all(): Preview['counts'] {
    return [...this.#counts.values()];
  }
}

const factKeyOf = ({ kind, objectId }: ReadLine): string =>
  kind === 'payment'
    ? paymentKey(objectId)
    : kind === 'membership'
      ? membershipKey(objectId)
      : `${kind}:${objectId}`;

/** The facts among the lines that lead to somebody already. */
async function knownFacts({ db }: BatchParts, lines: readonly ReadLine[]): Promise<Set<string>> {
  const { rows } = await sql<{ key: string }>`
    select key from routes where key = any(${lines.map(factKeyOf)}::text[])`.execute(db);
  return new Set(rows.map(({ key }) => key));
}

/** Indexes of the lines that an import has stored before, or that come twice in the chunk. */
async function storedAmong({ db }: BatchParts, lines: readonly ReadLine[]): Promise<Set<number>> {
  if (lines.length === 0) return new Set();
  const { rows } = await sql<{ n: string }>`
    select sought.n
    from unnest(
      ${lines.map((line) => line.provider)}::text[], ${lines.map((line) => line.deliveryId)}::text[],
      ${lines.map((line) => line.sha256)}::bytea[]) with ordinality
      as sought (provider, delivery_id, body_sha256, n)
    join deliveries d using (delivery_id, provider, body_sha256)`.execute(db);
  const stored = new Set(rows.map(({ n }) => Number(n) - 1));
  const seen = new Set<string>();
  for (const [n, { deliveryId, sha256 }] of lines.entries()) {
    const key = `${deliveryId} ${sha256.toString('base64')}`;
    if (seen.has(key)) stored.add(n);
    seen.add(key);
  }
  return stored;
}

type Part = Pick<Decided, 'verdicts'> & Partial<Pick<Decided, 'decisions'>>;

/** As the intake does: what fails is halved until the culprit stands alone. */
async function decideParts(deliveries: readonly Delivery[], parts: BatchParts): Promise<Part[]> {
  if (deliveries.length === 0) return [];
  try {
    return [await decideBatch(deliveries, parts)];
  } catch (error) {
    const [first] = deliveries;
    if (first === undefined || isOfDatabase(error)) throw error;
    if (deliveries.length === 1) return [{ verdicts: [failed(first, error)] }];
    const middle = deliveries.length >> 1;
    return [
      ...(await decideParts(deliveries.slice(0, middle), parts)),
      ...(await decideParts(deliveries.slice(middle), parts)),
    ];
  }
}

/** Whatever carries a code of PostgreSQL or of a socket is nobody's line's fault. */
const isOfDatabase = (error: unknown): boolean =>
  typeof (error as { code?: unknown } | null)?.code === 'string';

const failed = ({ id }: Delivery, error: unknown): Verdict => ({
  id,
  outcome: 'quarantined',
  type: null,
  code: 'intake_failed',
  detail: error instanceof Error ? error.message : String(error),
  creatorId: null,
  effectiveAt: null,
  eventId: null,
});

/** What the payments that would be booked come to, by payment. */
function salesOf(decided: readonly Part[]): Map<string, NonNullable<PreviewedFact['sale']>> {
  const sales = new Map<string, NonNullable<PreviewedFact['sale']>>();
  for (const { decisions } of decided) {
    for (const { stream, events } of decisions?.appends() ?? []) {
      for (const { type, data } of events) {
        if (type !== 'PaymentReceived') continue;
        const { payment, day, currency, amountMinor } = data as unknown as Sale;
        const { creatorId } = ownerOf(stream);
        const sale = { creatorId, month: day.slice(0, 7), currency };
        sales.set(payment, { ...sale, amountMinor: BigInt(amountMinor) });
      }
    }
  }
  return sales;
}

/** What is read of the data of a `PaymentReceived`. */
interface Sale {
  readonly payment: string;
  readonly day: string;
  readonly currency: string;
  readonly amountMinor: string;
}
