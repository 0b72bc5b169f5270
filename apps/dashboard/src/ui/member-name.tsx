/** Somebody's name: a link to their page, for who may open it; members open none but their own. */
import { useMe } from '../api/session.js';
import { PageLink } from './page-link.js';

interface MemberNameProps {
  readonly creator: string;
  readonly memberId: string;
  readonly name: string;
  /** Undefined: the page shows the current one. */
  readonly month?: string | undefined;
  /** Names its row, for the keyboard. */
  readonly isRow?: boolean;
}

export function MemberName({ creator, memberId, name, month, isRow = false }: MemberNameProps) {
  const me = useMe();
  if (me?.role === 'member' && me.memberId !== memberId)
    return <span className="break">{name}</span>;
  return (
    <PageLink
      to="/c/$creator/members/$member"
      params={{ creator, member: memberId }}
      search={month === undefined ? {} : { month }}
      className="break"
      {...(isRow && { 'data-row': true })}
    >
      {name}
    </PageLink>
  );
}
