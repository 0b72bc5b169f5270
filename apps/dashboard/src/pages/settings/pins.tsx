/** Whose tier an admin has pinned: since when, why, by which event; pinning one more, and unpinning. */
import { Button } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useMe } from '../../api/session.js';
import {
  type PinEvent,
  type PinnedMember,
  usePinEvents,
  usePinnedMembers,
} from '../../api/settings-reads.js';
import { Count, Instant, Why } from '../../ui/figure.js';
import { MemberName } from '../../ui/member-name.js';
import { Panel } from '../../ui/panel.js';
import { Answer, Empty, Loading } from '../../ui/states.js';
import { type Column, FigureTable } from '../../ui/table.js';
import { Tier } from '../../ui/tier.js';
import { EventAt } from './event-at.js';
import { PinForm } from './pin-form.js';
import { mayOrder } from './sections.js';

const route = getRouteApi('/house/settings/$section');

interface PinsProps {
  readonly creator: string;
  readonly tiers: readonly string[];
}

export function Pins({ creator, tiers }: PinsProps) {
  const read = usePinnedMembers(creator);
  const events = usePinEvents(creator);
  const { change, member } = route.useSearch();
  const navigate = route.useNavigate();
  const isAdmin = mayOrder(useMe());
  const isOpen = isAdmin && change === 'pin';
  const open = (of: string | undefined): void =>
    void navigate({ search: (old) => ({ ...old, change: 'pin', member: of }), replace: true });
  const close = (): void =>
    void navigate({
      search: (old) => ({ ...old, change: undefined, member: undefined }),
      replace: true,
    });
  const pinned = read.data?.items.find(({ memberId }) => memberId === member);
  return (
    <Panel
      title="Pinned by an admin"
      flush
      aside={
        isAdmin &&
        !isOpen && (
          <Button size="xs" variant="default" onClick={() => open(undefined)}>
            Pin a tier…
          </Button>
        )
      }
    >
      {isOpen && (member === undefined || read.data !== undefined) && (
        <PinForm
          key={member ?? ''}
          creator={creator}
          tiers={tiers}
          pinned={pinned}
          member={member}
          onClose={close}
        />
      )}
      <Answer of={read} loading={<Loading lines={3} height={28} />}>
        {({ items, timeZone }) =>
          items.length === 0 ? (
            <Empty title="Nobody is pinned">Every tier follows from the total referrals.</Empty>
          ) : (
            <FigureTable
              label="Pinned tiers"
              rows={items}
              rowKey={({ memberId }) => memberId}
              columns={columnsOf({
                creator,
                timeZone,
                events: events.data?.items ?? [],
                onUnpin: isAdmin ? open : undefined,
              })}
            />
          )
        }
      </Answer>
    </Panel>
  );
}

interface Shown {
  readonly creator: string;
  readonly timeZone: string;
  readonly events: readonly PinEvent[];
  readonly onUnpin: ((member: string) => void) | undefined;
}

const columnsOf = ({
  creator,
  timeZone,
  events,
  onUnpin,
}: Shown): readonly Column<PinnedMember>[] => [
  {
    id: 'who',
    head: 'Who',
    isTitle: true,
    cell: ({ memberId, name }) => (
      <MemberName creator={creator} memberId={memberId} name={name} isRow />
    ),
  },
  {
    id: 'tier',
    head: 'Pinned to',
    cell: ({ memberId, name, tier }) => (
      <Why asks={{ creator, member: memberId, figure: 'tier' }} of={`tier of ${name}`}>
        <Tier name={tier} isPinned />
      </Why>
    ),
  },
  {
    id: 'total',
    head: 'Total referrals',
    isFigure: true,
    cell: ({ memberId, name, totalReferrals }) => (
      <Why
        asks={{ creator, member: memberId, figure: 'totalReferrals' }}
        of={`total referrals of ${name}`}
      >
        <Count n={totalReferrals} />
      </Why>
    ),
  },
  {
    id: 'since',
    head: 'Since',
    cell: ({ tierPin }) => tierPin && <Instant iso={tierPin.since} timeZone={timeZone} />,
  },
  {
    id: 'reason',
    head: 'Reason',
    cell: ({ tierPin }) => <span className="break">{tierPin?.reason}</span>,
  },
  {
    id: 'by',
    head: 'Event',
    cell: ({ memberId }) => {
      // The newest of a member is the one that stands.
      const event = events.find((one) => one.memberId === memberId);
      if (event === undefined) return '';
      return (
        <>
          <EventAt creator={creator} position={event.position} />
          {event.cause.actor !== null && ` by ${event.cause.actor}`}
        </>
      );
    },
  },
  ...(onUnpin === undefined
    ? []
    : [
        {
          id: 'unpin',
          head: '',
          cell: ({ memberId, name }: PinnedMember) => (
            <Button size="compact-xs" variant="default" onClick={() => onUnpin(memberId)}>
              Change…<span className="spoken"> the pin of {name}</span>
            </Button>
          ),
        },
      ]),
];
