/** What can go wrong with a server, on order: each fault strikes as often as it was asked for. */

export type Fault =
  /** The connection breaks before anything is written. */
  | { readonly kind: 'cut-before' }
  /** It is written; the answer never comes, and the connection breaks. */
  | { readonly kind: 'cut-after' }
  /** It is written; nobody ever answers. */
  | { readonly kind: 'silent' }
  | { readonly kind: 'slow'; readonly ms: number }
  /** Another node leads; without an address it is this one. */
  | { readonly kind: 'not-leader'; readonly port?: number }
  /** Refused as if the stream stood elsewhere. */
  | { readonly kind: 'wrong-version' }
  /** A status that nobody expects, such as 7 (PERMISSION_DENIED). */
  | { readonly kind: 'status'; readonly code: number };

export type Rpc = 'append' | 'read' | 'subscribe' | 'features';

interface Ordered {
  readonly rpc: Rpc;
  readonly fault: Fault;
  readonly stream?: string;
  left: number;
}

export class Faults {
  private readonly ordered: Ordered[] = [];
  /** Subscriptions say each event twice. */
  repeatEvents = false;

  /** The next `times` calls, of this stream if one is named, meet the fault. */
  order(rpc: Rpc, fault: Fault, { times = 1, stream }: { times?: number; stream?: string } = {}) {
    this.ordered.push({ rpc, fault, left: times, ...(stream === undefined ? {} : { stream }) });
  }

  strike(rpc: Rpc, stream = ''): Fault | undefined {
    const found = this.ordered.find(
      (one) => one.rpc === rpc && one.left > 0 && (one.stream ?? stream) === stream,
    );
    if (found === undefined) return undefined;
    found.left -= 1;
    return found.fault;
  }

  /** How many ordered faults have not struck. */
  get left(): number {
    return this.ordered.reduce((n, one) => n + one.left, 0);
  }

  clear(): void {
    this.ordered.length = 0;
    this.repeatEvents = false;
  }
}
