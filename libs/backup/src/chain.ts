/**
 * A running digest over the log, by which one ledger proves to be the beginning of another:
 *
 *   h(0) = 32 zero bytes,  h(n) = SHA-256(h(n-1) || canonical bytes of event n)
 *
 * Two logs with the same h(n) have the same first n events, each with its position, id, stream,
 * revision, times, data and metadata. The canonical form (libs/event-store) depends on no store and
 * no version, so neither does the chain. Checkpoints say where two logs part without reading both twice.
 */
import { hash } from 'node:crypto';
import { canonicalBytes, type RecordedEvent } from '#libs/event-store';

/** Events between two checkpoints. */
export const CHECKPOINT_EVENTS = 10_000;

export interface ChainState {
  /** Events in it. */
  readonly events: bigint;
  /** h(events), hexadecimal. */
  readonly hash: string;
  /** h(10 000), h(20 000), …, hexadecimal. */
  readonly checkpoints: readonly string[];
  /** h at the length that was asked for, if the log is that long. */
  readonly marked: string | undefined;
}

const START: Buffer = Buffer.alloc(32);

export class Chain {
  private events = 0;
  private hash = START;
  private readonly checkpoints: string[] = [];
  private marked: string | undefined;

  /** @param mark a length at which the digest is remembered. */
  constructor(private readonly mark?: bigint) {
    if (mark === 0n) this.marked = START.toString('hex');
  }

  add(event: RecordedEvent): void {
    this.hash = hash('sha256', Buffer.concat([this.hash, canonicalBytes(event)]), 'buffer');
    this.events++;
    if (this.events % CHECKPOINT_EVENTS === 0) this.checkpoints.push(this.hash.toString('hex'));
    if (this.events === Number(this.mark)) this.marked = this.hash.toString('hex');
  }

  get state(): ChainState {
    return {
      events: BigInt(this.events),
      hash: this.hash.toString('hex'),
      checkpoints: [...this.checkpoints],
      marked: this.marked,
    };
  }
}

export type Relation =
  | { readonly is: 'equal' }
  /** The first is the beginning of the second. */
  | { readonly is: 'prefix'; readonly missing: bigint }
  /** The second is the beginning of the first. */
  | { readonly is: 'continuation'; readonly missing: bigint }
  /** They part between these events, counted from 1. */
  | { readonly is: 'different'; readonly from: bigint; readonly to: bigint };

/** How the first log stands to the second; the longer one is marked at the length of the shorter. */
export function relationOf(first: ChainState, second: ChainState): Relation {
  const isShorter = first.events <= second.events;
  const [shorter, longer] = isShorter ? [first, second] : [second, first];
  if (
    longer.events === shorter.events ? longer.hash === shorter.hash : longer.marked === shorter.hash
  ) {
    if (first.events === second.events) return { is: 'equal' };
    return { is: isShorter ? 'prefix' : 'continuation', missing: longer.events - shorter.events };
  }
  const parted = shorter.checkpoints.findIndex((hash, i) => hash !== longer.checkpoints[i]);
  const n = BigInt(parted < 0 ? shorter.checkpoints.length : parted);
  const end = (n + 1n) * BigInt(CHECKPOINT_EVENTS);
  return {
    is: 'different',
    from: n * BigInt(CHECKPOINT_EVENTS) + 1n,
    to: end < shorter.events ? end : shorter.events,
  };
}
