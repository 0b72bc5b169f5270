/**
 * A dry run: every chunk is judged by the server against the ledger as it is, and added up here. A
 * fact that two chunks tell is new once.
 */
import { type ApiClient, pathOf, refusalOf } from '../api-client.js';
import type { ImportAsked } from './send-import.js';
import type { LineSource } from './source.js';

export interface DryRun {
  readonly lines: number;
  readonly bytes: number;
  readonly unreadable: number;
  readonly problems: readonly Problem[];
  readonly counts: readonly VerdictCount[];
  readonly sums: readonly Sum[];
  readonly named: readonly NamedLine[];
}

export interface Problem {
  readonly line: number;
  readonly code: string;
  readonly detail: string;
}

export interface VerdictCount {
  readonly kind: string;
  readonly verdict: string;
  count: number;
}

/** What new payments add, by the creator's own months. */
export interface Sum {
  readonly creatorId: string;
  readonly month: string;
  readonly currency: string;
  payments: number;
  amountMinor: bigint;
}

export interface NamedLine extends Omit<Problem, 'code' | 'detail'> {
  readonly verdict: string;
  readonly code: string | null;
  readonly detail: string | null;
}

interface Preview {
  readonly lines: number;
  readonly unreadable: readonly Problem[];
  readonly counts: readonly Readonly<VerdictCount>[];
  readonly facts: readonly {
    readonly kind: string;
    readonly id: string;
    readonly sale?: {
      readonly creatorId: string;
      readonly month: string;
      readonly currency: string;
      readonly amountMinor: number;
    };
  }[];
  readonly named: readonly NamedLine[];
}

/** Small, so that deciding them holds no webhook up. */
const CHUNK_BYTES = 256 * 1024;
const MAX_NAMED = 50;
const PREVIEW = pathOf('api', 'admin', 'imports', 'preview');

export class DryRunOf {
  #lines = 0;
  #bytes = 0;
  #unreadable = 0;
  readonly #problems: Problem[] = [];
  readonly #counts = new Map<string, VerdictCount>();
  readonly #sums = new Map<string, Sum>();
  readonly #named: NamedLine[] = [];
  readonly #facts = new Set<string>();

  constructor(
    private readonly client: ApiClient,
    private readonly source: LineSource,
    private readonly asked: ImportAsked,
  ) {}

  /** Of what was judged so far. */
  get sofar(): { readonly lines: number; readonly bytes: number } {
    return { lines: this.#lines, bytes: this.#bytes };
  }

  async run(): Promise<DryRun> {
    const { type, creatorId: creator } = this.asked;
    for await (const { bytes } of this.source.chunks(0, CHUNK_BYTES)) {
      const query = { before: this.#lines, type, creator };
      const answer = await this.client.sendLines(PREVIEW, query, bytes);
      if (answer.status !== 200) throw refusalOf(answer, PREVIEW);
      this.#add(JSON.parse(answer.text) as Preview);
      this.#bytes += bytes.length;
    }
    return {
      ...this.sofar,
      unreadable: this.#unreadable,
      problems: this.#problems,
      counts: [...this.#counts.values()],
      sums: [...this.#sums.values()].sort(byMonth),
      named: this.#named,
    };
  }

  #add({ lines, unreadable, counts, facts, named }: Preview): void {
    this.#lines += lines;
    this.#unreadable += unreadable.length;
    this.#problems.push(...unreadable.slice(0, Math.max(0, MAX_NAMED - this.#problems.length)));
    this.#named.push(...named.slice(0, Math.max(0, MAX_NAMED - this.#named.length)));
    for (const { kind, verdict, count } of counts) this.#count(kind, verdict, count);
    for (const { kind, id, sale } of facts) {
      const key = `${kind} ${id}`;
      if (id !== '' && this.#facts.has(key)) {
        // Another chunk has told it: the server could not know.
        this.#count(kind, 'new', -1);
        this.#count(kind, 'known', 1);
        continue;
      }
      this.#facts.add(key);
      if (sale !== undefined) this.#sum(sale);
    }
  }

  #count(kind: string, verdict: string, count: number): void {
    const key = `${kind} ${verdict}`;
    const known = this.#counts.get(key);
    if (known === undefined) this.#counts.set(key, { kind, verdict, count });
    else known.count += count;
  }

  #sum(sale: NonNullable<Preview['facts'][number]['sale']>): void {
    const { creatorId, month, currency } = sale;
    const key = `${creatorId} ${month} ${currency}`;
    const known = this.#sums.get(key) ?? {
      creatorId,
      month,
      currency,
      payments: 0,
      amountMinor: 0n,
    };
    known.payments += 1;
    known.amountMinor += BigInt(sale.amountMinor);
    this.#sums.set(key, known);
  }
}

const byMonth = (a: Sum, b: Sum): number => {
  const [left, right] = [a, b].map(({ creatorId, month, currency }) =>
    [creatorId, month, currency].join(' '),
  ) as [string, string];
  return left < right ? -1 : left > right ? 1 : 0;
};
