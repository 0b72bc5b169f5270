/** What figures over a range have in common: how they are asked, and how rows become them. */
import type { Framed } from './framed.js';
import type { Range } from './ranges.js';

/** A range, answered; `asOf`'s `period` is that of its last month. */
export type Series<Item> = Framed<{
  readonly from: string;
  readonly to: string;
  readonly items: readonly Item[];
}>;

export interface InCurrency {
  readonly currency: string;
  /** Others with amounts in the range. */
  readonly otherCurrencies: readonly string[];
}

export interface RangeAsked {
  readonly creatorId: string;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly currency?: string | undefined;
}

export const ends = (range: Range | undefined) => ({
  from: range?.from ?? '',
  to: range?.to ?? '',
});

export const by = <T>(rows: readonly T[], key: (row: T) => string): Map<string, T> =>
  new Map(rows.map((row) => [key(row), row]));

/** In order; a currency that has only zeros says nothing. */
export function othersOf<T extends { readonly currency?: string | null }>(
  rows: readonly T[],
  currency: string,
  hasAmounts: (row: T) => boolean,
): string[] {
  const others = rows.filter((row) => row.currency !== currency && hasAmounts(row));
  return [...new Set(others.flatMap((row) => row.currency ?? []))].sort();
}
