/** A creator's month at a glance. */
import { Grid } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useCreator } from '../../api/reads.js';
import { mayBeAhead, useCalendar } from '../../shell/place.js';
import { monthText } from '../../ui/months.js';
import { NotBegun } from '../../ui/not-begun.js';
import { PageTitle } from '../../ui/page-title.js';
import { Failed, Loading } from '../../ui/states.js';
import { EarningsPanel } from './earnings-panel.js';
import { MonthKpis } from './kpis.js';
import { MonthState } from './month-state.js';
import { RecentReferrals } from './recent-referrals.js';
import { Snapshots } from './snapshots.js';
import { TopReferrers } from './top-referrers.js';

const route = getRouteApi('/house/c/$creator');

export function OverviewPage() {
  const { creator } = route.useParams();
  const { month: asked, by = 'day', as = 'chart', top } = route.useSearch();
  const { currentMonth } = useCalendar({ creator });
  const month = asked ?? currentMonth;
  // By the answer about now, which also says the calendar.
  const { data, error, refetch } = useCreator({ creator, month: undefined });
  if (error !== null && data === undefined)
    return (
      <>
        <PageTitle title="Overview" />
        <Failed error={error} onRetry={refetch} />
      </>
    );
  return (
    <>
      <PageTitle
        title={month === undefined ? 'Overview' : monthText(month)}
        beside={
          month !== undefined && (
            <MonthState creator={creator} month={month} isCurrent={month === currentMonth} />
          )
        }
      />
      {month === undefined || (currentMonth === undefined && mayBeAhead(month, undefined)) ? (
        <Loading lines={6} height={48} />
      ) : currentMonth !== undefined && month > currentMonth ? (
        <NotBegun month={month} currentMonth={currentMonth} />
      ) : (
        <>
          <MonthKpis creator={creator} month={month} currentMonth={currentMonth ?? month} />
          <Grid mt="md" gap="md">
            <Grid.Col span={12}>
              <EarningsPanel creator={creator} month={month} by={by} as={as} />
            </Grid.Col>
            <Grid.Col span={12}>
              <TopReferrers creator={creator} month={month} isLong={top === 'more'} />
            </Grid.Col>
            <Grid.Col span={{ base: 12, md: 7 }}>
              <RecentReferrals creator={creator} />
            </Grid.Col>
            <Grid.Col span={{ base: 12, md: 5 }}>
              <Snapshots creator={creator} />
            </Grid.Col>
          </Grid>
        </>
      )}
    </>
  );
}
