/**
 * What of the log is one creator's. Whoever may see that creator alone is told of the rest in the
 * words of what does not exist. Codes and assigned memberships have streams that name no creator:
 * their events are the creator's whom they name, their streams are nobody's.
 */
import type { RecordedEvent } from '#libs/event-store';
import { DomainError, type LedgerEvent } from '#libs/ledger';
import { aboutOf, aboutOfStream } from './about.js';
import type { EventFilter } from './filter.js';

/** Undefined: of the whole ledger. */
export type OneCreator = string | undefined;

/** Of an event that this version does not know, the stream says whose it is. */
export function isWithin(
  { recorded, event }: { recorded: RecordedEvent; event: LedgerEvent | undefined },
  creatorId: OneCreator,
): boolean {
  if (creatorId === undefined) return true;
  const about = event === undefined ? aboutOfStream(recorded.stream) : aboutOf(event);
  return about.creatorId === creatorId;
}

export const isStreamWithin = (stream: string, creatorId: OneCreator): boolean =>
  creatorId === undefined || aboutOfStream(stream).creatorId === creatorId;

/** Lets pass what it did, and of that only the creator's. Throws `creator_not_found`, `stream_not_found`. */
export function filterWithin(filter: EventFilter, creatorId: OneCreator): EventFilter {
  if (creatorId === undefined) return filter;
  if (filter.creatorId !== undefined && filter.creatorId !== creatorId)
    throw new DomainError('creator_not_found', `no creator ${filter.creatorId} is known`);
  if (filter.stream === undefined) return { ...filter, creatorId };
  if (!isStreamWithin(filter.stream, creatorId)) throw noSuchStream(filter.stream);
  return filter;
}

export const noSuchStream = (stream: string): DomainError =>
  new DomainError('stream_not_found', `no stream is called ${stream}`);
