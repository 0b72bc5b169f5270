/** Where one is: whose figures, of which month, in which zone. All of it from the address, but the zone. */
import { useParams, useSearch } from '@tanstack/react-router';
import { useCreator, useCreators, useMemberStats } from '../api/reads.js';
import { useMe } from '../api/session.js';
import { isMonth, monthIn } from '../ui/months.js';
import { now } from '../ui/now.js';

export interface Place {
  readonly creator: string | undefined;
  readonly member: string | undefined;
  /** Undefined: the current one. */
  readonly month: string | undefined;
}

export function usePlace(): Place {
  const { creator, member, month } = useParams({ strict: false });
  const search = useSearch({ strict: false });
  const me = useMe();
  return {
    // Who may see one creator is always there.
    creator: creator ?? search.creator ?? me?.creatorId ?? undefined,
    member: member ?? search.member,
    month: isMonth(month) ? month : search.month,
  };
}

/** Where the ways to other pages lead: from a page of nobody's, to the only creator there is. */
export function useNear(place: Place): Place {
  const me = useMe();
  const isFree = me !== undefined && me.creatorId === null && me.role !== 'member';
  const { data } = useCreators(isFree && place.creator === undefined);
  const only = data?.items.length === 1 ? data.items[0]?.creatorId : undefined;
  return { ...place, creator: place.creator ?? me?.creatorId ?? only };
}

export interface Calendar {
  readonly timeZone: string | undefined;
  /** The month that now is, in the zone; undefined until the zone is known. */
  readonly currentMonth: string | undefined;
}

/** Whether a month must wait until it is known which is current: it may not have begun. */
export const mayBeAhead = (month: string, currentMonth: string | undefined): boolean =>
  month > (currentMonth ?? monthIn('UTC', now()));

/**
 * The calendar by which months are counted here, as the answer about now said it: the zone of
 * another month may be another, and a month that does not exist has no answer.
 */
export function useCalendar({ creator = '' }: Pick<Place, 'creator'>): Calendar {
  const me = useMe();
  const own = me?.role === 'member' ? (me.memberId ?? undefined) : undefined;
  const isKnown = creator !== '' && me !== undefined;
  const ofCreator = useCreator({ creator, month: undefined }, isKnown && own === undefined);
  const ofMember = useMemberStats(
    { creator, month: undefined, member: own ?? '' },
    isKnown && own !== undefined,
  );
  const answer = own === undefined ? ofCreator.data : ofMember.data;
  const timeZone = answer?.timeZone;
  return {
    timeZone,
    currentMonth: timeZone === undefined ? undefined : monthIn(timeZone, now()),
  };
}
