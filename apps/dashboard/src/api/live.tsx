/**
 * The live feed: one EventSource for the creator that is looked at, or for all where none is. What it
 * says has changed is read again. A connection that is lost comes back by itself and is told what it
 * missed; a new one is told where things stand, and what was answered from less is read again.
 */
import { type Query, type QueryClient, useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';
import { clockNow } from '../ui/now.js';
import type { Schemas } from './client.js';
import { isFigures, positionOf } from './positions.js';
import { subjectOf } from './reads.js';
import { meQuery, useMe } from './session.js';

type Tidings = Schemas['TidingsDto'];

export type Connection = 'connecting' | 'live' | 'lost';

export interface Live {
  readonly connection: Connection;
  /** When the connection was lost, by the clock of this machine; undefined: it is not. */
  readonly lostAt: number | undefined;
  /** Up to where the read models are, as it was said last; undefined: nothing was said yet. */
  readonly position: number | undefined;
}

const NOTHING: Live = { connection: 'connecting', lostAt: undefined, position: undefined };
const LiveContext = createContext<Live>(NOTHING);
export const useLive = (): Live => useContext(LiveContext);

/** After a browser gives up (an answer that is no stream), it is tried again. */
const AGAIN_MS = 5_000;

export function LiveProvider({
  creator,
  children,
}: {
  /** Undefined: everything that one may see. */
  readonly creator: string | undefined;
  readonly children: ReactNode;
}) {
  const queries = useQueryClient();
  const actor = useMe()?.actor;
  const [live, setLive] = useState<Live>(NOTHING);
  // Who is somebody else now hears their own.
  useEffect(() => {
    setLive(NOTHING);
    if (actor === undefined) return undefined;
    return listen(creator, {
      onTidings: (tidings, isFirst) => {
        const { position } = tidings;
        setLive({ connection: 'live', lostAt: undefined, position });
        readAgain(queries, tidings, isFirst);
      },
      onLive: () => setLive((old) => ({ ...old, connection: 'live', lostAt: undefined })),
      onLost: () =>
        setLive(({ lostAt = clockNow(), position }) => ({ connection: 'lost', lostAt, position })),
      // Whoever was signed out meanwhile is told by a 401; otherwise the server is only busy.
      onRefused: () => void queries.invalidateQueries({ queryKey: meQuery.queryKey }),
    });
  }, [creator, actor, queries]);
  return <LiveContext value={live}>{children}</LiveContext>;
}

interface Listener {
  /** `isFirst`: of this source, which has no last event and is told of nothing before. */
  readonly onTidings: (tidings: Tidings, isFirst: boolean) => void;
  readonly onLive: () => void;
  readonly onLost: () => void;
  readonly onRefused: () => void;
}

/** Listens until the function that it returns is called. */
function listen(
  creator: string | undefined,
  { onTidings, onLive, onLost, onRefused }: Listener,
): () => void {
  let source: EventSource | undefined;
  let again: ReturnType<typeof setTimeout> | undefined;
  const open = (): void => {
    let isFirst = true;
    source = new EventSource(`/api/live?${new URLSearchParams(creator && { creator })}`);
    source.addEventListener('open', onLive);
    source.addEventListener('figures', (event) => {
      onTidings(JSON.parse(event.data) as Tidings, isFirst);
      isFirst = false;
    });
    source.addEventListener('error', () => {
      onLost();
      if (source?.readyState !== EventSource.CLOSED) return;
      onRefused();
      again = setTimeout(open, AGAIN_MS);
    });
  };
  open();
  return () => {
    clearTimeout(again);
    source?.close();
  };
}

/** What the tidings are about; and, at the first of a source, whatever was answered from less. */
function readAgain(queries: QueryClient, tidings: Tidings, isFirst: boolean): void {
  const { position, creators, everything } = tidings;
  const touched = new Set(creators.map(({ creatorId }) => creatorId));
  for (const query of queries.getQueryCache().findAll({ predicate: isFigures })) {
    const isTouched = everything || touched.has(subjectOf(query.queryKey)?.creator ?? '');
    if (isTouched || (isFirst && isOlder(query, position))) invalidate(queries, query);
    // A first answer that is on its way is not interrupted, and may come from before.
    else if (!isFirst) continue;
    if (query.state.data !== undefined) continue;
    void query.promise?.then(
      () => isOlder(query, position) && invalidate(queries, query),
      () => undefined,
    );
  }
}

const isOlder = (query: Query, position: number): boolean =>
  (positionOf(query.state.data) ?? position) < position;

const invalidate = (queries: QueryClient, { queryKey }: Query): void =>
  void queries.invalidateQueries({ queryKey, exact: true });
