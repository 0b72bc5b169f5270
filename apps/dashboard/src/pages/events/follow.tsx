/** Which way the list goes, and whether what is recorded comes in on top by itself. */
import { NativeSelect, Switch } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import type { Direction } from '../../api/event-reads.js';
import { useLive } from '../../api/live.js';

const route = getRouteApi('/house/events');

export function Follow({ isFollowing }: { readonly isFollowing: boolean }) {
  const { dir = 'newest', pos } = route.useSearch();
  const navigate = route.useNavigate();
  const { connection } = useLive();
  const why =
    dir === 'oldest'
      ? 'Newest first, new events come in on top.'
      : pos === undefined
        ? 'New events come in on top.'
        : 'The list begins in the middle of the log: turn it on to see the newest.';
  return (
    <>
      <NativeSelect
        size="xs"
        aria-label="Order"
        value={dir}
        data={[
          { value: 'newest', label: 'Newest first' },
          { value: 'oldest', label: 'Oldest first' },
        ]}
        onChange={(event) => {
          const chosen = event.currentTarget.value as Direction;
          const to = chosen === 'newest' ? undefined : chosen;
          void navigate({ search: (old) => ({ ...old, dir: to, pos: undefined }), replace: true });
        }}
      />
      <Switch
        size="xs"
        label={isFollowing && connection === 'lost' ? 'Follow (not live)' : 'Follow'}
        title={why}
        checked={isFollowing}
        onChange={(event) => {
          const follow = event.currentTarget.checked ? undefined : ('no' as const);
          const head = follow === undefined ? { pos: undefined, dir: undefined } : {};
          void navigate({
            search: (old) => ({ ...old, follow, ...head }),
            replace: true,
            resetScroll: false,
          });
        }}
      />
    </>
  );
}
