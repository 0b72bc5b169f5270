/**
 * The live feed: one EventSource for the creator that is looked at. What it says has changed is read
 * again; what it last said is the position that the header shows. A connection that is lost comes
 * back by itself, and is then told what it missed.
 */
import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';
import { clockNow } from '../ui/now.js';
import type { Schemas } from './client.js';
import { subjectOf } from './reads.js';

type Tidings = Schemas['TidingsDto'];

export type Connection = 'connecting' | 'live' | 'lost';

export interface Live {
  readonly connection: Connection;
  /** Everything up to here is in the figures; undefined: nothing was said yet. */
  readonly position: number | undefined;
  /** When the server was last heard, by the clock of this machine. */
  readonly heardAt: number | undefined;
}

const NOTHING: Live = { connection: 'connecting', position: undefined, heardAt: undefined };
const LiveContext = createContext<Live>(NOTHING);
export const useLive = (): Live => useContext(LiveContext);

/** After a browser gives up (an answer that is no stream), it is tried again. */
const AGAIN_MS = 5_000;

export function LiveProvider({
  creator,
  children,
}: {
  readonly creator: string | undefined;
  readonly children: ReactNode;
}) {
  const queries = useQueryClient();
  const [live, setLive] = useState<Live>(NOTHING);
  useEffect(() => {
    setLive(NOTHING);
    if (creator === undefined) return undefined;
    return listen(creator, {
      onTidings: (tidings) => {
        setLive({ connection: 'live', position: tidings.position, heardAt: clockNow() });
        readAgain(queries, tidings);
      },
      onConnection: (connection) => setLive((before) => ({ ...before, connection })),
    });
  }, [creator, queries]);
  return <LiveContext value={live}>{children}</LiveContext>;
}

interface Listener {
  readonly onTidings: (tidings: Tidings) => void;
  readonly onConnection: (connection: Connection) => void;
}

/** Listens until the function that it returns is called. */
function listen(creator: string, { onTidings, onConnection }: Listener): () => void {
  let source: EventSource | undefined;
  let again: ReturnType<typeof setTimeout> | undefined;
  const open = (): void => {
    source = new EventSource(`/api/live?creator=${encodeURIComponent(creator)}`);
    source.addEventListener('open', () => onConnection('live'));
    source.addEventListener('figures', (event) => onTidings(JSON.parse(event.data) as Tidings));
    source.addEventListener('error', () => {
      onConnection('lost');
      if (source?.readyState === EventSource.CLOSED) again = setTimeout(open, AGAIN_MS);
    });
  };
  open();
  return () => {
    clearTimeout(again);
    source?.close();
  };
}

function readAgain(queries: QueryClient, { creators, everything }: Tidings): void {
  if (everything) void queries.invalidateQueries({ predicate: ({ queryKey }) => isRead(queryKey) });
  for (const { creatorId } of creators)
    void queries.invalidateQueries({
      predicate: ({ queryKey }) => isRead(queryKey) && subjectOf(queryKey)?.creator === creatorId,
    });
}

const isRead = (key: readonly unknown[]): boolean => key[0] === 'get';
