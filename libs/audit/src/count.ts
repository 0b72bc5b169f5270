/** How many events a filter lets pass: what an export of it holds, said before anybody starts one. */
import { type EventFilter, isEmptySpan, lengthOf, type Span } from './filter.js';
import { isUnconditional, type Scanner } from './scan.js';

/** Beyond so many it is only said that there are more. */
export const MOST_COUNTED = 100_000;

export interface Counted {
  readonly events: bigint;
  /** False: there are at least so many; nobody looked further. */
  readonly isAll: boolean;
}

/** Looks at no more of the log than a page may; positions have no gaps, so the whole log is not looked at. */
export async function countOf(
  scanner: Scanner,
  filter: EventFilter,
  span: Span,
  most = MOST_COUNTED,
): Promise<Counted> {
  if (isEmptySpan(span)) return { events: 0n, isAll: true };
  if (isUnconditional(filter)) return { events: lengthOf(span), isAll: true };
  const { positions, isCut } = await scanner.find(filter, span, 'newest', most + 1);
  const isMore = positions.length > most;
  return { events: BigInt(isMore ? most : positions.length), isAll: !isMore && !isCut };
}
