/** One replay as it goes: read once, and then told by its server-sent events until nothing more happens. */
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { api } from './client.js';
import type { Replay } from './ops-reads.js';
import { isRead } from './positions.js';

const AT_WORK = ['ordered', 'running', 'comparing', 'promoting'];
/** Something happens to it by itself. */
export const isAtWork = ({ state }: Pick<Replay, 'state'>): boolean => AT_WORK.includes(state);

/** After a stream broke, it is opened again. */
const AGAIN_MS = 3_000;

export function useReplay(id: string) {
  const queries = useQueryClient();
  const asked = api.queryOptions('get', '/api/admin/replays/{id}', { params: { path: { id } } });
  const read = api.useQuery('get', '/api/admin/replays/{id}', { params: { path: { id } } });
  const [isLost, setLost] = useState(false);
  const isGoing = read.data !== undefined && isAtWork(read.data);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key of a question is its id.
  useEffect(() => {
    if (!isGoing) return undefined;
    return follow(id, {
      onTold: (replay) => {
        setLost(false);
        queries.setQueryData(asked.queryKey, replay);
        // Other tables serve: every figure that was read may be another.
        if (replay.state === 'promoted') void queries.invalidateQueries({ predicate: isRead });
      },
      onLost: () => {
        setLost(true);
        void queries.invalidateQueries({ queryKey: asked.queryKey });
      },
    });
  }, [id, isGoing, queries]);
  return { ...read, isLost: isLost && isGoing };
}

interface Follower {
  readonly onTold: (replay: Replay) => void;
  readonly onLost: () => void;
}

/** Until its result, or until the function that it returns is called. */
function follow(id: string, { onTold, onLost }: Follower): () => void {
  let source: EventSource | undefined;
  let again: ReturnType<typeof setTimeout> | undefined;
  const open = (): void => {
    source = new EventSource(`/api/admin/replays/${encodeURIComponent(id)}/events`);
    const told = (event: MessageEvent<string>): void => onTold(JSON.parse(event.data) as Replay);
    source.addEventListener('progress', told);
    source.addEventListener('result', (event) => {
      source?.close();
      told(event);
    });
    source.addEventListener('error', () => {
      onLost();
      source?.close();
      again = setTimeout(open, AGAIN_MS);
    });
  };
  open();
  return () => {
    clearTimeout(again);
    source?.close();
  };
}
