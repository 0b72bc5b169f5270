/**
 * Which events are asked for, and between which positions they lie. Every condition narrows it; time
 * is the time of recording, which never goes back along the log, so a time is a position too.
 */
import type { Database } from '#libs/database';
import { DomainError, eventTypes, type LedgerEvent } from '#libs/ledger';
import { positionOfMoment } from './places.js';

export type EventType = LedgerEvent['type'];

export interface EventFilter {
  /** Positions above this one. */
  readonly after?: bigint | undefined;
  /** Positions up to this one. */
  readonly through?: bigint | undefined;
  /** Recorded from this moment on, before that one; unix milliseconds. */
  readonly from?: number | undefined;
  readonly before?: number | undefined;
  readonly type?: EventType | undefined;
  /** One stream; beside it neither creator nor member. */
  readonly stream?: string | undefined;
  /** Members, settings, months and snapshots of this creator. */
  readonly creatorId?: string | undefined;
  /** The member's own stream: of this creator, or wherever they are a member. */
  readonly memberId?: string | undefined;
}

/** Positions above one and up to another; empty when there are none between. */
export interface Span {
  readonly above: bigint;
  readonly through: bigint;
}

export const isEmptySpan = ({ above, through }: Span): boolean => through <= above;
export const lengthOf = ({ above, through }: Span): bigint => through - above;

/** Throws `filter_invalid` for conditions that do not go together. */
export function checkFilter({ stream, creatorId, memberId, from, before }: EventFilter): void {
  if (stream !== undefined && (creatorId ?? memberId) !== undefined)
    throw new DomainError(
      'filter_invalid',
      'a stream says whose it is: leave out creator and member, or the stream',
    );
  if (from !== undefined && before !== undefined && from >= before)
    throw new DomainError('filter_invalid', 'from lies after to: exchange them');
}

/** Throws `event_type_unknown`. */
export function eventTypeOf(text: string): EventType {
  const known = eventTypes.find((type) => type === text);
  if (known !== undefined) return known;
  throw new DomainError(
    'event_type_unknown',
    `no event is called ${text}: ${[...eventTypes].sort().join(', ')}`,
  );
}

/** The positions that the filter leaves, none beyond the head. */
export async function spanOf(db: Database, filter: EventFilter, head: bigint): Promise<Span> {
  const { after = 0n, through = head, from, before } = filter;
  const [first, end] = await Promise.all([
    from === undefined ? undefined : positionOfMoment(db, from),
    before === undefined ? undefined : positionOfMoment(db, before),
  ]);
  return {
    above: most(after, first === undefined ? 0n : first - 1n),
    through: least(through, head, end === undefined ? head : end - 1n),
  };
}

function most(first: bigint, ...others: bigint[]): bigint {
  let found = first;
  for (const one of others) if (one > found) found = one;
  return found;
}

function least(first: bigint, ...others: bigint[]): bigint {
  let found = first;
  for (const one of others) if (one < found) found = one;
  return found;
}
