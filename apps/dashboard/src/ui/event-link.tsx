/** An event by its place in the log: a link to it, for who may read the log. */
import type { ReactNode } from 'react';
import { useMe } from '../api/session.js';
import { countText } from './figures.js';
import { PageLink } from './page-link.js';

interface EventLinkProps {
  readonly position: number;
  /** Its own name, where it is known. */
  readonly id?: string | undefined;
  /** Whose pages one is on. */
  readonly creator?: string | undefined;
  /** Instead of its position. */
  readonly children?: ReactNode;
}

export function EventLink({ position, id, creator, children }: EventLinkProps) {
  const me = useMe();
  const text = children ?? `#${countText(position)}`;
  if (me === undefined || me.role === 'member') return <span className="num">{text}</span>;
  return (
    <PageLink
      to="/events/$event"
      params={{ event: id ?? String(position) }}
      search={creator === undefined ? {} : { creator }}
      underline="always"
      className="num"
    >
      {text}
    </PageLink>
  );
}
