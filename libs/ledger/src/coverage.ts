/**
 * Which events each sealed version states, by their positions alone (product.md, "Months"): a close
 * states all of its own month up to its position, and of every earlier month what had come since that
 * was stated last; a restatement adds to its own month what had come since, and keeps what it carried.
 * So every line of a closed month lies in exactly one of these spans, or is pending.
 */
import type { MonthsEvent } from './events.js';

/** Positions above `after`, up to `through`. */
export interface Span {
  readonly after: bigint;
  readonly through: bigint;
}

export interface StatedVersion {
  readonly seal: MonthsEvent;
  readonly month: string;
  readonly version: number;
  /** Of the month itself. */
  readonly own: readonly Span[];
  /** Of any earlier month. */
  carriedOf(origin: string): readonly Span[];
}

export class Coverage {
  readonly versions: StatedVersion[] = [];
  /** Position through which a month is stated by versions of its own. */
  private readonly own = new Map<string, bigint>();
  /** Closes in their order, which is that of their months and positions. */
  private readonly closes: { readonly month: string; readonly position: bigint }[] = [];

  /** Seals of one creator, in the order of the log. */
  constructor(seals: readonly MonthsEvent[]) {
    for (const seal of seals) this.add(seal);
  }

  /** The last month that is closed; undefined: none is. */
  get last(): string | undefined {
    return this.closes.at(-1)?.month;
  }

  /** A version of a month, the latest unless one is named. */
  versionOf(month: string, version?: number): StatedVersion | undefined {
    return this.versions.findLast(
      (one) => one.month === month && (version === undefined || one.version === version),
    );
  }

  /** Everything of the month up to it is stated somewhere; 0n: nothing is. What lies above is pending. */
  statedThrough(month: string): bigint {
    const byClose = this.closes.findLast((close) => close.month >= month)?.position ?? 0n;
    const byOwn = this.own.get(month) ?? 0n;
    return byOwn > byClose ? byOwn : byClose;
  }

  private add(seal: MonthsEvent): void {
    const { month, version } = seal.data;
    const through = BigInt(seal.data.position);
    const before = this.versionOf(month);
    const own = [...(before?.own ?? []), { after: this.statedThrough(month), through }];
    const carriedOf = before?.carriedOf ?? this.carriedBy(month, through);
    this.versions.push({ seal, month, version, own, carriedOf });
    this.own.set(month, through);
    if (before === undefined) this.closes.push({ month, position: through });
  }

  /** Asked later, of any month: what was stated of it before this close. */
  private carriedBy(month: string, through: bigint): StatedVersion['carriedOf'] {
    const before = new Map(this.own);
    const lastClose = this.closes.at(-1)?.position ?? 0n;
    return (origin) => {
      if (origin >= month) return [];
      const own = before.get(origin) ?? 0n;
      return [{ after: own > lastClose ? own : lastClose, through }];
    };
  }
}
