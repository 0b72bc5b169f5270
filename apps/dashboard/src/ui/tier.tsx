/** A tier, and whether an admin pinned it: by a word and a picture, never by colour alone. */
import { Badge } from '@mantine/core';
import { PinIcon } from './icons.js';

export function Tier({ name, isPinned }: { readonly name: string; readonly isPinned: boolean }) {
  return (
    <Badge
      variant="default"
      radius="sm"
      fw={550}
      tt="none"
      miw="max-content"
      rightSection={isPinned ? <PinIcon size={12} /> : undefined}
    >
      {name}
      {isPinned && <span className="spoken">, pinned</span>}
    </Badge>
  );
}
