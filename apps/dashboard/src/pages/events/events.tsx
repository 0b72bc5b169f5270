/** The log: every event, newest first, narrowed by conditions, followed as it grows, and taken along. */
import { Button } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { type ReactNode, useCallback, useRef, useState } from 'react';
import type { AuditEvent, EventFilter } from '../../api/event-reads.js';
import type { EventsSearch } from '../../router-log.js';
import { useCalendar } from '../../shell/place.js';
import { countText } from '../../ui/figures.js';
import { PageTitle } from '../../ui/page-title.js';
import { Panel } from '../../ui/panel.js';
import { Answer, Empty, Loading } from '../../ui/states.js';
import { Chips } from './chips.js';
import { EventPanel } from './event-panel.js';
import classes from './events.module.css';
import { ExportLink } from './export-link.js';
import { Follow } from './follow.js';
import { GoTo } from './go-to.js';
import { LogList } from './log-list.js';
import { useLog, useSameCause } from './use-log.js';

const route = getRouteApi('/house/events');
const LINES = 12;
const LINE_PX = 44;

const filterOf = ({ creator, member, stream, type, from, to }: EventsSearch): EventFilter => ({
  ...{ creator, member, stream, type, from, to },
});

export function EventsPage() {
  const search = route.useSearch();
  const { event, corr } = search;
  const filter = filterOf(search);
  return (
    <>
      <PageTitle title="Events" />
      <div className={classes.page} data-open={event !== undefined || undefined}>
        {event !== undefined && <EventPanel id={event} creator={search.creator} />}
        <div className={classes.list}>
          <Panel
            title={corr === undefined ? 'The log' : 'What one cause made'}
            flush
            aside={corr === undefined && <ExportLink filter={filter} />}
          >
            {corr === undefined ? (
              <Log filter={filter} />
            ) : (
              <>
                <Bar />
                <SameCause id={corr} />
              </>
            )}
          </Panel>
        </div>
      </div>
    </>
  );
}

/** What narrows the list, and where in it one wants to go. */
function Bar({ children }: { readonly children?: ReactNode }) {
  return (
    <div className={classes.bar}>
      <Chips />
      {children}
      <GoTo />
    </div>
  );
}

function Log({ filter }: { readonly filter: EventFilter }) {
  const { dir = 'newest', pos, follow, event, creator } = route.useSearch();
  const { timeZone = 'UTC' } = useCalendar({ creator });
  const isFollowing = follow !== 'no' && dir === 'newest' && pos === undefined;
  const asked = { ...filter, dir, pos: pos === undefined ? undefined : Number(pos) };
  const log = useLog(asked, { isOn: true, isFollowing });
  const { events } = log;
  const { fresh, onAway } = useFresh(events);
  return (
    <>
      <Bar>
        <Follow isFollowing={isFollowing} />
      </Bar>
      <div className={classes.news} role="status">
        {isFollowing && fresh > 0 && (
          <Button size="compact-sm" onClick={() => window.scrollTo({ top: 0 })}>
            {countText(fresh)} new
          </Button>
        )}
      </div>
      {pos !== undefined && dir === 'newest' && (
        <Above
          top={events[0]?.position ?? Number(pos)}
          isReading={log.read.isFetchingPreviousPage}
          onMore={log.readNewer}
        />
      )}
      <Answer of={log.read} loading={<Loading lines={LINES} height={LINE_PX} />}>
        {() => (
          <>
            {events.length > 0 && (
              <LogList
                events={events}
                names={log.names}
                timeZone={timeZone}
                open={event}
                hasMore={log.hasMore}
                onMore={log.onMore}
                onAway={onAway}
                isInMiddle={pos !== undefined}
              />
            )}
            {events.length === 0 && !log.isAsking && !log.hasMore && (
              <Empty title="No event is so">
                Fewer conditions find more. Times are those of recording, in UTC.
              </Empty>
            )}
            {log.isAsking && (
              <div className={classes.between}>
                <Button
                  size="compact-sm"
                  variant="default"
                  loading={log.read.isFetchingNextPage}
                  onClick={log.onMore}
                >
                  Looked as far as #{countText(log.reached ?? 0)}: look further
                </Button>
              </div>
            )}
          </>
        )}
      </Answer>
    </>
  );
}

/** How many came in on top since one scrolled away from there. */
function useFresh(events: readonly AuditEvent[]) {
  const [seen, setSeen] = useState<number>();
  const top = useRef<number>(undefined);
  top.current = events[0]?.position;
  const onAway = useCallback((isAway: boolean) => setSeen(isAway ? top.current : undefined), []);
  const found = seen === undefined ? 0 : events.findIndex(({ position }) => position <= seen);
  return { fresh: Math.max(0, found), onAway };
}

/** Where the list begins in the middle of the log: what is newer, and the way to the newest. */
function Above({
  top,
  isReading,
  onMore,
}: {
  readonly top: number;
  readonly isReading: boolean;
  readonly onMore: () => unknown;
}) {
  const navigate = route.useNavigate();
  return (
    <div className={classes.between}>
      <Button.Group>
        <Button size="compact-sm" variant="default" loading={isReading} onClick={() => onMore()}>
          Newer than #{countText(top)}
        </Button>
        <Button
          size="compact-sm"
          variant="default"
          onClick={() => void navigate({ search: (old) => ({ ...old, pos: undefined }) })}
        >
          To the newest
        </Button>
      </Button.Group>
    </div>
  );
}

function SameCause({ id }: { readonly id: string }) {
  const { event, creator } = route.useSearch();
  const { timeZone = 'UTC' } = useCalendar({ creator });
  const { read, events, names } = useSameCause(id);
  return (
    <Answer of={read} loading={<Loading lines={3} height={LINE_PX} />}>
      {() => (
        <LogList
          events={events}
          names={names}
          timeZone={timeZone}
          open={event}
          hasMore={false}
          onMore={nothing}
          onAway={nothing}
        />
      )}
    </Answer>
  );
}

const nothing = (): void => {};
