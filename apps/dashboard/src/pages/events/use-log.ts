/** The list of events as it stands: what was read, and what came since, live. */
import { useCallback, useEffect, useMemo } from 'react';
import { type EventsAsked, type Person, useEvent, useEvents } from '../../api/event-reads.js';
import { useLive } from '../../api/live.js';
import { namesOf } from './says.js';

const NOBODY: readonly Person[] = [];

/** Of a filter: stretches of the log. `isFollowing`: what is recorded comes in by itself. */
export function useLog(asked: EventsAsked, { isOn, isFollowing }: LogOptions) {
  const read = useEvents(asked, isOn);
  const { position: live = 0 } = useLive();
  const { data, isFetching, isError, fetchNextPage, fetchPreviousPage } = read;
  const isDown = asked.dir === 'newest';
  const pages = data?.pages;
  const newest = isDown ? pages?.[0] : pages?.at(-1);
  const oldest = isDown ? pages?.at(-1) : pages?.[0];
  const isBehind = newest !== undefined && live > newest.high;
  const readNewer = isDown ? fetchPreviousPage : fetchNextPage;
  useEffect(() => {
    // Oldest first, they come when one has come so far.
    if (isOn && isFollowing && isDown && isBehind && !isFetching && !isError) void readNewer();
  }, [isOn, isFollowing, isDown, isBehind, isFetching, isError, readNewer]);
  const events = useMemo(() => pages?.flatMap(({ items }) => items) ?? [], [pages]);
  const names = useMemo(() => namesOf(pages?.flatMap(({ people }) => people) ?? NOBODY), [pages]);
  const end = isDown ? oldest : newest;
  const isOver = isDown ? (oldest?.low ?? 1) <= 1 : !isBehind && newest?.isCut !== true;
  // Where much was looked through and nothing found, going on is for a person to decide.
  const isAsking = !isOver && end?.isCut === true && end.items.length === 0;
  // What failed is asked again by a person: by itself it would be asked without end.
  const onMore = useCallback(() => {
    if (!isFetching && !isError) void fetchNextPage();
  }, [isFetching, isError, fetchNextPage]);
  return {
    ...{ read, events, names, isBehind, isAsking, onMore },
    hasMore: !isOver && !isAsking,
    reached: isDown ? oldest?.low : newest?.high,
    high: newest?.high,
    readNewer,
  };
}

interface LogOptions {
  readonly isOn: boolean;
  readonly isFollowing: boolean;
}

/** What one cause made, the event that names it among them; it is over. */
export function useSameCause(id: string | undefined) {
  const read = useEvent(id ?? '', { enabled: id !== undefined });
  const { data } = read;
  const events = useMemo(
    () =>
      data === undefined
        ? []
        : [...data.sameCause.items, data].toSorted((a, b) => a.position - b.position),
    [data],
  );
  const names = useMemo(() => namesOf(data?.people ?? NOBODY), [data]);
  return { read, events, names };
}
