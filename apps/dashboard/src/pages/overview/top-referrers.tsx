/** Who referred most: total, this month, what they earned in it, and their tier. */
import { Button, Text } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import type { Schemas } from '../../api/client.js';
import { apiPath } from '../../api/path.js';
import { useTopReferrers } from '../../api/reads.js';
import { CsvLink } from '../../ui/csv-link.js';
import { Count, Money, Why } from '../../ui/figure.js';
import { MemberName } from '../../ui/member-name.js';
import { monthText } from '../../ui/months.js';
import { PageLink } from '../../ui/page-link.js';
import { Panel } from '../../ui/panel.js';
import { Answer, Empty, Loading } from '../../ui/states.js';
import { type Column, FigureTable } from '../../ui/table.js';
import { Tier } from '../../ui/tier.js';

type Row = Schemas['TopReferrerDto'];
const FIRST = 10;
const MORE = 50;

interface OfMonth {
  readonly creator: string;
  readonly month: string;
}

interface TopReferrersProps extends OfMonth {
  /** More of them. */
  readonly isLong: boolean;
}

export function TopReferrers({ creator, month, isLong }: TopReferrersProps) {
  const navigate = useNavigate();
  const limit = isLong ? MORE : FIRST;
  const read = useTopReferrers({ creator, month }, limit);
  return (
    <Panel
      title="Top referrers"
      flush
      aside={
        <CsvLink
          path={apiPath('creators', creator, 'top-referrers')}
          query={{ month }}
          label="all referrers"
        />
      }
    >
      <Answer of={read} loading={<Loading lines={FIRST} height={28} />}>
        {({ items, nextCursor }) =>
          items.length === 0 ? (
            <Empty title="Nobody has referred anybody yet">
              A referral counts when the referred member makes their first payment above zero.
            </Empty>
          ) : (
            <FigureTable
              label={`Top referrers, ${monthText(month)}`}
              columns={columnsOf({ creator, month })}
              rows={items}
              rowKey={(row) => row.memberId}
              foot={
                <>
                  Ties: who reached the total first.
                  {nextCursor !== null && !isLong && (
                    <Button
                      variant="subtle"
                      size="compact-sm"
                      ml="sm"
                      onClick={() =>
                        void navigate({
                          to: '.',
                          search: (old) => ({ ...old, top: 'more' as const }),
                          replace: true,
                          resetScroll: false,
                        })
                      }
                    >
                      Show {MORE}
                    </Button>
                  )}
                  {nextCursor !== null && isLong && (
                    <PageLink
                      to="/c/$creator/members"
                      params={{ creator }}
                      search={{ sort: 'totalReferrals' }}
                      ml="sm"
                    >
                      All members
                    </PageLink>
                  )}
                </>
              }
            />
          )
        }
      </Answer>
    </Panel>
  );
}

function columnsOf({ creator, month }: OfMonth): readonly Column<Row>[] {
  // A closed month is shown as it was sealed.
  const asks = (row: Row, figure: string) => ({
    ...{ creator, member: row.memberId, figure, month },
    ...(row.asNowKnown !== undefined && { state: 'closed' as const }),
  });
  return [
    { id: 'rank', head: '#', isExtra: true, cell: ({ rank }) => <Count n={rank} /> },
    {
      id: 'name',
      head: 'Name',
      isTitle: true,
      cell: ({ memberId, name }) => (
        <MemberName creator={creator} memberId={memberId} name={name} month={month} isRow />
      ),
    },
    {
      id: 'total',
      head: 'Total referrals',
      isFigure: true,
      cell: (row) => (
        <Why asks={asks(row, 'totalReferrals')} of={`total referrals of ${row.name}`}>
          <Count n={row.totalReferrals} />
        </Why>
      ),
    },
    {
      id: 'month',
      head: 'This month',
      isFigure: true,
      cell: (row) => (
        <>
          <Why asks={asks(row, 'monthlyReferrals')} of={`this month, ${row.name}`}>
            <Count n={row.monthlyReferrals} />
          </Why>
          <NowKnown row={row} />
        </>
      ),
    },
    {
      id: 'earned',
      head: 'Earned this month',
      isFigure: true,
      cell: (row) => (
        <>
          <Why
            asks={{ ...asks(row, 'monthlyEarningsMinor'), currency: row.currency }}
            of={`earned this month, ${row.name}`}
          >
            <Money minor={row.monthlyEarningsMinor} currency={row.currency} />
          </Why>
          <EarnedNowKnown row={row} />
        </>
      ),
    },
    {
      id: 'tier',
      head: 'Tier',
      cell: (row) => (
        <Why asks={asks(row, 'tier')} of={`tier of ${row.name}`}>
          <Tier name={row.tier} isPinned={row.pinned} />
        </Why>
      ),
    },
  ];
}

/** What came after the close. */
function NowKnown({ row }: { readonly row: Row }) {
  const known = row.asNowKnown?.monthlyReferrals;
  if (known === undefined || known === row.monthlyReferrals) return null;
  return (
    <Text span size="xs" c="dimmed">
      {' '}
      (now <Count n={known} />)
    </Text>
  );
}

function EarnedNowKnown({ row }: { readonly row: Row }) {
  const known = row.asNowKnown?.monthlyEarningsMinor;
  if (known === undefined || known === row.monthlyEarningsMinor) return null;
  return (
    <Text span size="xs" c="dimmed">
      {' '}
      (now <Money minor={known} currency={row.currency} />)
    </Text>
  );
}
