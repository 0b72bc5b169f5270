/** How far the log was when what is shown was answered. */
import { notifyManager, type Query, useQueryClient } from '@tanstack/react-query';
import { useCallback, useSyncExternalStore } from 'react';

/** A question about figures; not who one is, nor how the server is. */
export const isRead = ({ queryKey }: Pick<Query, 'queryKey'>): boolean => queryKey[0] === 'get';

/** Those of them that change; what was read of the log itself stays as it was read. */
export const isFigures = (query: Pick<Query, 'queryKey' | 'meta'>): boolean =>
  isRead(query) && query.meta?.isOfTheLog !== true;

interface Answered {
  readonly asOf?: { readonly position?: unknown };
  /** Of a list of which more is read. */
  readonly pages?: readonly Answered[];
}

/** The position that an answer contains; of several pages the lowest; undefined: it says none. */
export function positionOf(data: unknown): number | undefined {
  if (typeof data !== 'object' || data === null) return undefined;
  const { asOf, pages = [] }: Answered = data;
  const said = [asOf?.position, ...pages.map(positionOf)].filter(
    (position) => typeof position === 'number',
  );
  return said.length === 0 ? undefined : Math.min(...said);
}

/** The lowest position of what stands on the page; undefined: nothing does. */
export function useShownPosition(): number | undefined {
  const cache = useQueryClient().getQueryCache();
  const listen = useCallback(
    (onChange: () => void) => cache.subscribe(notifyManager.batchCalls(onChange)),
    [cache],
  );
  return useSyncExternalStore(listen, () => {
    const shown = cache.findAll({ type: 'active', predicate: isFigures });
    return positionOf({ pages: shown.map(({ state }) => state.data) });
  });
}
