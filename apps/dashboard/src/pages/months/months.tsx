/** Every month: where it stands, what is known of it, what was sealed, and whether they still agree. */
import { Button, Text } from '@mantine/core';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Schemas } from '../../api/client.js';
import type { Listed } from '../../api/month-reads.js';
import { useCreator, useEarnings, useGrowth, useMonths } from '../../api/reads.js';
import { useMe } from '../../api/session.js';
import { useCalendar } from '../../shell/place.js';
import { Count, Instant, Money, Why } from '../../ui/figure.js';
import { moneyText, signedText } from '../../ui/figures.js';
import { AlertIcon, CheckIcon } from '../../ui/icons.js';
import {
  addMonths,
  monthNameText,
  monthsBetween,
  monthText,
  shortMonthText,
} from '../../ui/months.js';
import { PageLink } from '../../ui/page-link.js';
import { PageTitle } from '../../ui/page-title.js';
import { Panel } from '../../ui/panel.js';
import { Answer, Empty, Loading } from '../../ui/states.js';
import { type Column, FigureTable } from '../../ui/table.js';
import { MonthChip } from './month-chip.js';
import classes from './months.module.css';

const route = getRouteApi('/house/c/$creator/months');
/** As many as the figures of months are answered for at once. */
const MOST = 240;

export function MonthsPage() {
  const { creator } = route.useParams();
  const { currentMonth } = useCalendar({ creator });
  const read = useMonths(creator);
  return (
    <>
      <PageTitle
        title="Months"
        beside={<Rhythm creator={creator} items={read.data?.items ?? []} />}
        aside={
          <PageLink to="/c/$creator/commissions" params={{ creator }} size="sm" inherit={false}>
            Commissions
          </PageLink>
        }
      />
      <Panel title="All months" flush>
        <Answer of={read} loading={<Loading lines={8} height={28} />}>
          {({ items }) =>
            items.length === 0 || currentMonth === undefined ? (
              <Empty title="No month yet">The first one begins with the first event.</Empty>
            ) : (
              <div className={classes.wide}>
                <MonthTable creator={creator} items={items} currentMonth={currentMonth} />
              </div>
            )
          }
        </Answer>
      </Panel>
      <Text size="sm" c="dimmed" mt="sm">
        A closed month never changes. What is learned of it later is shown beside it, and the next
        close carries it.
      </Text>
    </>
  );
}

/** Zone and grace, and when what is to be closed next closes by itself. */
function Rhythm({
  creator,
  items,
}: {
  readonly creator: string;
  readonly items: readonly Listed[];
}) {
  const { data } = useCreator({ creator, month: undefined });
  if (data === undefined) return null;
  const { timeZone, settings } = data;
  const next = items.findLast(({ status }) => status !== 'closed');
  return (
    <>
      {timeZone} · grace {settings.graceHours} h
      {next !== undefined && (
        <>
          {' '}
          · {shortMonthText(next.month)} closes by itself{' '}
          <Instant iso={next.closableAt} timeZone={timeZone} as="time" />
        </>
      )}
    </>
  );
}

type Figures = Pick<Schemas['GrowthMonthDto'], 'referrals'> &
  Pick<Schemas['EarningsPeriodDto'], 'earningsMinor'>;

interface Row extends Figures {
  readonly listed: Listed;
  readonly currency: string;
  /** Undefined: nothing is sealed. */
  readonly sealed: Figures | undefined;
}

interface MonthTableProps {
  readonly creator: string;
  readonly items: readonly Listed[];
  readonly currentMonth: string;
}

function MonthTable({ creator, items, currentMonth }: MonthTableProps) {
  const isAdmin = useMe()?.role === 'admin';
  const oldest = items.at(-1)?.month ?? currentMonth;
  const months = Math.min(MOST, monthsBetween(oldest, currentMonth) + 1);
  const earnings = useEarnings(creator, {
    from: addMonths(currentMonth, 1 - months),
    to: currentMonth,
    by: 'month',
  });
  const growth = useGrowth(creator, months);
  const waiting = <Loading lines={items.length} height={28} />;
  return (
    <Answer of={earnings} loading={waiting}>
      {(earned) => (
        <Answer of={growth} loading={waiting}>
          {(grown) => {
            const earningsOf = new Map(earned.items.map((one) => [one.month, one]));
            const referralsOf = new Map(grown.items.map((one) => [one.month, one]));
            const rows = items.map((listed): Row => {
              const [money, count] = [earningsOf.get(listed.month), referralsOf.get(listed.month)];
              return {
                listed,
                currency: earned.currency,
                referrals: count?.referrals ?? 0,
                earningsMinor: money?.earningsMinor ?? 0,
                sealed:
                  listed.asClosed === null
                    ? undefined
                    : {
                        referrals: count?.asClosed?.referrals ?? 0,
                        earningsMinor: money?.asClosed?.earningsMinor ?? 0,
                      },
              };
            });
            const next = items.findLast(({ status }) => status !== 'closed')?.month;
            const others = earned.otherCurrencies.join(', ').toUpperCase();
            return (
              <FigureTable
                label="Months"
                columns={columnsOf({ creator, closable: isAdmin ? next : undefined })}
                rows={rows}
                rowKey={({ listed }) => listed.month}
                foot={
                  others === ''
                    ? undefined
                    : `Earnings are in ${earned.currency.toUpperCase()}; there is more in ${others}.`
                }
              />
            );
          }}
        </Answer>
      )}
    </Answer>
  );
}

interface Shown {
  readonly creator: string;
  /** The month that the reader may close next. */
  readonly closable: string | undefined;
}

function columnsOf({ creator, closable }: Shown): readonly Column<Row>[] {
  const path = (month: string) => ({
    to: '/c/$creator/months/$month' as const,
    params: { creator, month },
  });
  const asks = ({ listed: { month } }: Row, figure: string) => ({ creator, figure, month });
  return [
    {
      id: 'month',
      head: 'Month',
      isTitle: true,
      cell: ({ listed: { month } }) => (
        <PageLink {...path(month)} className="num" data-row>
          {shortMonthText(month)}
        </PageLink>
      ),
    },
    {
      id: 'state',
      head: 'State',
      cell: ({ listed: { status, asClosed } }) => (
        <MonthChip status={status} version={asClosed?.version} />
      ),
    },
    {
      id: 'referrals',
      head: 'Referrals',
      isFigure: true,
      cell: (row) => (
        <>
          <Why asks={asks(row, 'referrals')} of={`referrals of ${monthText(row.listed.month)}`}>
            <Count n={row.referrals} />
          </Why>
          {row.sealed !== undefined && row.sealed.referrals !== row.referrals && (
            <AsClosed>
              <Count n={row.sealed.referrals} />
            </AsClosed>
          )}
        </>
      ),
    },
    {
      id: 'earned',
      head: 'Earnings',
      isFigure: true,
      cell: (row) => (
        <>
          <Why
            asks={{ ...asks(row, 'earningsMinor'), currency: row.currency }}
            of={`earnings of ${monthText(row.listed.month)}`}
          >
            <Money minor={row.earningsMinor} currency={row.currency} />
          </Why>
          {row.sealed !== undefined && row.sealed.earningsMinor !== row.earningsMinor && (
            <AsClosed>
              <Money minor={row.sealed.earningsMinor} currency={row.currency} />
            </AsClosed>
          )}
        </>
      ),
    },
    {
      id: 'since',
      head: 'Adjusted later',
      isFigure: true,
      cell: (row) => <Since creator={creator} row={row} />,
    },
    { id: 'snapshot', head: 'Snapshot', cell: ({ listed }) => <Snapshot listed={listed} /> },
    {
      id: 'drift',
      head: 'Drift',
      cell: ({ listed }) => <Drift creator={creator} listed={listed} />,
    },
    {
      id: 'act',
      head: '',
      cell: ({ listed: { month } }) =>
        month === closable ? (
          <Button
            size="compact-sm"
            variant="default"
            renderRoot={(props: object) => (
              <Link {...props} {...path(month)} search={{ act: 'close' }} />
            )}
          >
            Close {monthNameText(month)}…
          </Button>
        ) : null,
    },
  ];
}

const AsClosed = ({ children }: { readonly children: ReactNode }) => (
  <Text size="xs" c="dimmed" className="num">
    {children} as closed
  </Text>
);

/** As now known, less as it was sealed. */
function Since({ creator, row }: { readonly creator: string; readonly row: Row }) {
  const { sealed, currency, listed } = row;
  if (sealed === undefined) return <None />;
  const minor = row.earningsMinor - sealed.earningsMinor;
  const count = row.referrals - sealed.referrals;
  if (minor === 0 && count === 0) return <None />;
  const said = [
    ...(minor === 0 ? [] : [`${minor > 0 ? '+' : ''}${moneyText(minor, currency)}`]),
    ...(count === 0
      ? []
      : [`${signedText(count)} ${Math.abs(count) === 1 ? 'referral' : 'referrals'}`]),
  ];
  return (
    <PageLink
      to="/c/$creator/months/$month"
      params={{ creator, month: listed.month }}
      search={{ tab: 'since' }}
      className="num"
    >
      {said.join(', ')}
    </PageLink>
  );
}

const None = () => (
  <Text span inherit c="dimmed">
    —<span className="spoken">nothing</span>
  </Text>
);

function Snapshot({ listed: { asClosed, status } }: { readonly listed: Listed }) {
  if (asClosed === null) return status === 'closed' ? 'before the first close' : <None />;
  const { digest, throughPosition } = asClosed;
  return (
    <span className={classes.snapshot} title={`SHA-256 ${digest}`}>
      <span className="mono">{digest.slice(0, 8)}</span>
      <Text span size="xs" c="dimmed" className="num">
        #<Count n={throughPosition} />
      </Text>
    </span>
  );
}

/** Whether all that is known of it is stated, by its own seal or a later one. */
function Drift({ creator, listed }: { readonly creator: string; readonly listed: Listed }) {
  if (listed.status !== 'closed') return <None />;
  if (listed.pending.length === 0)
    return (
      <span className={`${classes.state} ${classes.good}`}>
        <CheckIcon size={15} />
        none
      </span>
    );
  return (
    <span className={`${classes.state} ${classes.look}`}>
      <AlertIcon size={15} />
      <PageLink
        to="/c/$creator/months/$month"
        params={{ creator, month: listed.month }}
        search={{ tab: 'since' }}
      >
        pending
      </PageLink>
    </span>
  );
}
