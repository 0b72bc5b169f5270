/**
 * Lines are the ledger proper: every figure of the product is a sum of lines, every explanation a
 * list of them (docs/architecture.md, section 2). A correction is the negated old line plus the new one.
 */
import type { Instant } from './values/clock.js';

export type LineKind = 'signUp' | 'sale' | 'conversion' | 'reversal' | 'reversedConversion';

export interface Line {
  readonly kind: LineKind;
  /** The fact that this line is about: payment, refund, dispute or membership id. */
  readonly sourceId: string;
  /** The payment concerned; '' for signUp. */
  readonly paymentId: string;
  /** The member's initial payment. */
  readonly first: boolean;
  readonly at: Instant;
  /** `YYYY-MM-DD` and `YYYY-MM` on the creator's calendar. */
  readonly day: string;
  readonly month: string;
  readonly creatorId: string;
  readonly memberId: string;
  readonly referrerId: string | null;
  /** Lower case; null for signUp. */
  readonly currency: string | null;
  /** 1n, or -1n for a line taken back. */
  readonly count: bigint;
  readonly saleMinor: bigint;
  readonly memberMinor: bigint;
  readonly creatorMinor: bigint;
  readonly platformMinor: bigint;
}

/** Counts of whole lines: a line and its negation leave nothing. The account that decisions are compared with. */
export class NetLines {
  private readonly entries = new Map<string, { readonly line: Line; count: bigint }>();

  /** Adds a line as often as its count says; amounts of a taken-back line are negative. */
  add(line: Line): void {
    const positive = line.count < 0n ? negated(line) : line;
    const key = identity(positive);
    const entry = this.entries.get(key);
    if (entry === undefined) this.entries.set(key, { line: positive, count: line.count });
    else if (entry.count + line.count === 0n) this.entries.delete(key);
    else entry.count += line.count;
  }

  /** What must be added to this account so that it holds exactly `wanted`: lines taken back first. */
  differenceTo(wanted: readonly Line[]): Line[] {
    const target = new NetLines();
    for (const line of wanted) target.add(line);
    const back: Line[] = [];
    const added: Line[] = [];
    const compare = (line: Line, missing: bigint): void => {
      for (let n = missing; n < 0n; n++) back.push(negated(line));
      for (let n = missing; n > 0n; n--) added.push(line);
    };
    for (const [key, { line, count }] of this.entries) {
      compare(line, (target.entries.get(key)?.count ?? 0n) - count);
    }
    for (const [key, { line, count }] of target.entries) {
      if (!this.entries.has(key)) compare(line, count);
    }
    return [...back, ...added];
  }

  /** The lines that stand, each once. */
  lines(): Line[] {
    return [...this.entries.values()].map((entry) => entry.line);
  }
}

/** The line that takes this one back. */
export function negated(line: Line): Line {
  return {
    ...line,
    count: -line.count,
    saleMinor: -line.saleMinor,
    memberMinor: -line.memberMinor,
    creatorMinor: -line.creatorMinor,
    platformMinor: -line.platformMinor,
  };
}

function identity(line: Line): string {
  return [
    line.kind,
    line.sourceId,
    line.paymentId,
    line.first,
    line.at,
    line.day,
    line.referrerId ?? '',
    line.currency ?? '',
    line.saleMinor,
    line.memberMinor,
    line.creatorMinor,
    line.platformMinor,
  ].join('|');
}
