/** What the query of an address says: texts, each checked before a page sees it. */
import { isMonth } from './ui/months.js';

export type Search = Readonly<Record<string, unknown>>;

export const textIn = (search: Search, name: string): string | undefined => {
  const value = search[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
};

export const oneOf = <T extends string>(value: unknown, all: readonly T[]): T | undefined =>
  all.find((one) => one === value);

/** Without what is not said. */
export function only<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined && value !== ''),
  ) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

/** The month that is looked at; absent: the current one. */
export const monthIn = ({ month }: Search): { month?: string } => (isMonth(month) ? { month } : {});

/** Of a closed month. */
export const versionIn = (search: Search): string | undefined =>
  /^\d{1,7}$/.test(textIn(search, 'version') ?? '') ? textIn(search, 'version') : undefined;
