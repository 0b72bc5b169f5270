/** Whose figures: a name where there is one creator, a choice where there are several. */
import { NativeSelect, Text } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useCreators } from '../api/reads.js';
import { useMe } from '../api/session.js';
import type { Place } from './place.js';

export function CreatorPicker({ place }: { readonly place: Place }) {
  const me = useMe();
  // Of who sees one creator, that one is known.
  const isFree = me !== undefined && me.creatorId === null && me.role !== 'member';
  const { data } = useCreators(isFree);
  const navigate = useNavigate();
  const ids = (data?.items ?? []).map(({ creatorId }) => creatorId);
  const { creator } = place;
  if (creator === undefined) return null;
  if (ids.length < 2)
    return (
      <Text size="sm" fw={500} truncate maw={{ base: 120, sm: 200 }}>
        {creator}
      </Text>
    );
  return (
    <NativeSelect
      size="xs"
      aria-label="Creator"
      data={ids.includes(creator) ? ids : [creator, ...ids]}
      value={creator}
      onChange={(event) =>
        void navigate({
          to: '/c/$creator',
          params: { creator: event.currentTarget.value },
          search: { ...(place.month !== undefined && { month: place.month }) },
        })
      }
    />
  );
}
