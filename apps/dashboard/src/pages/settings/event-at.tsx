/** An event by its place in the log, as a link to its page. */
import { Anchor } from '@mantine/core';
import { useRouter } from '@tanstack/react-router';
import type { MouseEvent } from 'react';
import { countText } from '../../ui/figures.js';

interface EventAtProps {
  readonly creator: string;
  readonly position: number;
}

export function EventAt({ creator, position }: EventAtProps) {
  const router = useRouter();
  const href = `/events/${position}?creator=${encodeURIComponent(creator)}`;
  const follow = (event: MouseEvent): void => {
    // In a tab of its own the browser opens it.
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    void router.navigate({ href });
  };
  return (
    <Anchor inherit underline="always" href={href} onClick={follow} className="num">
      #{countText(position)}
    </Anchor>
  );
}
