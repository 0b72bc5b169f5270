/** One event on a page of its own: what is sent to somebody who asks why. */
import { Stack } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { type EventInFull, useEvent } from '../../api/event-reads.js';
import { Money } from '../../ui/figure.js';
import { countText } from '../../ui/figures.js';
import { dayText } from '../../ui/months.js';
import { PageLink } from '../../ui/page-link.js';
import { PageTitle } from '../../ui/page-title.js';
import { Panel } from '../../ui/panel.js';
import { Answer, Loading } from '../../ui/states.js';
import { FigureTable } from '../../ui/table.js';
import { EventActions } from './actions.js';
import { EventInFullView } from './event-in-full.js';
import { type Names, nameIn, namesOf } from './says.js';

const route = getRouteApi('/house/events/$event');

export function EventPage() {
  const { event: id } = route.useParams();
  const { creator } = route.useSearch();
  const read = useEvent(id);
  const of = creator === undefined ? {} : { creator };
  const position = read.data?.position;
  return (
    <>
      <PageTitle
        title={read.data?.type ?? 'Event'}
        beside={position !== undefined && `#${countText(position)}`}
        aside={
          position !== undefined && (
            <PageLink to="/events" search={{ ...of, pos: String(position), event: id }} fz="sm">
              In the log
            </PageLink>
          )
        }
      />
      <Answer of={read} loading={<Loading lines={8} />}>
        {(event) => (
          <Stack gap="md">
            <Panel title="What it says">
              <EventInFullView event={event} creator={creator} />
              <EventActions event={event} />
            </Panel>
            {event.lines.length > 0 && <Lines event={event} names={namesOf(event.people)} />}
          </Stack>
        )}
      </Answer>
    </>
  );
}

type Line = EventInFull['lines'][number];
/** The others count. */
const OF_MONEY: ReadonlySet<string> = new Set(['sale', 'reversal']);
const SHARES = [
  ['memberMinor', 'Member'],
  ['creatorMinor', 'Creator'],
  ['platformMinor', 'Platform'],
] as const;

/** What the books have of it, signed: every figure is a sum of such lines. */
function Lines({ event, names }: { readonly event: EventInFull; readonly names: Names }) {
  const { lines } = event;
  const hasMoney = lines.some(({ currency }) => currency !== null);
  const money = (line: Line, minor: number) =>
    line.currency === null || !OF_MONEY.has(line.kind) ? (
      ''
    ) : (
      <Money minor={minor} currency={line.currency} />
    );
  return (
    <Panel title={lines.length === 1 ? 'Its line in the books' : 'Its lines in the books'} flush>
      <FigureTable
        label="Lines"
        rows={lines.map((line, n) => ({ ...line, n }))}
        rowKey={({ n }) => String(n)}
        columns={[
          {
            id: 'kind',
            head: 'Line',
            isTitle: true,
            cell: ({ kind, count }) => (count < 0 ? `${kind}, taken back` : kind),
          },
          {
            id: 'at',
            head: 'Dated',
            // On the creator's calendar, as the event says it.
            cell: ({ at, day }) => (
              <time dateTime={at} className="num">
                {dayText(day)}
              </time>
            ),
          },
          {
            id: 'referrer',
            head: 'Referrer',
            cell: ({ referrerId, creatorId }) =>
              referrerId === null ? 'nobody' : nameIn(names, creatorId, referrerId),
          },
          ...(hasMoney
            ? [
                {
                  id: 'sale',
                  head: 'Sale',
                  isFigure: true,
                  cell: (line: Line) => money(line, line.saleMinor),
                },
                ...SHARES.map(([share, head]) => ({
                  id: share,
                  head,
                  isFigure: true,
                  cell: (line: Line) => money(line, line[share]),
                })),
              ]
            : []),
        ]}
      />
    </Panel>
  );
}
