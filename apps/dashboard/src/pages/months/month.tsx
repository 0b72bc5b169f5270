/** One month in full: as it was sealed, what later closes carry of it, what is pending, and what one may do. */
import { Button, Group, Tabs, Text } from '@mantine/core';
import { getRouteApi, Link } from '@tanstack/react-router';
import { type Month, type OneMonth, useMonth } from '../../api/month-reads.js';
import { apiPath } from '../../api/path.js';
import { useMe } from '../../api/session.js';
import { mayBeAhead, useCalendar } from '../../shell/place.js';
import { CsvLink } from '../../ui/csv-link.js';
import { Instant } from '../../ui/figure.js';
import { isMonth, monthText } from '../../ui/months.js';
import { PageLink } from '../../ui/page-link.js';
import { PageTitle } from '../../ui/page-title.js';
import { Answer, Empty, Loading } from '../../ui/states.js';
import { ClosePlan } from './close-plan.js';
import { Figures } from './figures.js';
import { MonthChip } from './month-chip.js';
import { RestatePlan } from './restate-plan.js';
import { SealedMembers } from './sealed-members.js';
import { Since } from './since.js';
import { Versions } from './versions.js';

const route = getRouteApi('/house/c/$creator/months/$month');

export function MonthPage() {
  const { creator, month } = route.useParams();
  const { currentMonth } = useCalendar({ creator });
  if (!isMonth(month))
    return (
      <>
        <PageTitle title="Month" aside={<All creator={creator} />} />
        <Empty title="There is no such month">A month is written YYYY-MM.</Empty>
      </>
    );
  const title = <PageTitle title={monthText(month)} aside={<All creator={creator} />} />;
  if (!mayBeAhead(month, currentMonth)) return <Known key={month} of={{ creator, month }} />;
  if (currentMonth === undefined)
    return (
      <>
        {title}
        <Loading lines={6} height={40} />
      </>
    );
  return (
    <>
      {title}
      <Empty title={`${monthText(month)} has not begun`}>
        <PageLink to="/c/$creator/months/$month" params={{ creator, month: currentMonth }}>
          To {monthText(currentMonth)}
        </PageLink>
      </Empty>
    </>
  );
}

const All = ({ creator }: { readonly creator: string }) => (
  <PageLink to="/c/$creator/months" params={{ creator }} size="sm" inherit={false}>
    All months
  </PageLink>
);

function Known({ of }: { readonly of: OneMonth }) {
  const { creator, month } = of;
  const { act } = route.useSearch();
  const read = useMonth(of);
  const isAdmin = useMe()?.role === 'admin';
  const found = read.data;
  return (
    <>
      <PageTitle
        title={monthText(month)}
        beside={found && <Standing found={found} />}
        aside={
          <Group gap="sm">
            <All creator={creator} />
            {isAdmin && found !== undefined && act === undefined && <Acts of={of} found={found} />}
          </Group>
        }
      />
      {act === 'close' && isAdmin && <ClosePlan of={of} />}
      {act !== undefined && !isAdmin && (
        <Text size="sm" c="dimmed" mb="md">
          Only an admin may close or restate a month.
        </Text>
      )}
      <Answer of={read} loading={<Loading lines={8} height={36} />}>
        {(known) =>
          act === 'close' && isAdmin && known.status !== 'closed' ? null : (
            <>
              {act === 'restate' && isAdmin && known.asClosed !== null && (
                <RestatePlan of={of} latest={known.asClosed} />
              )}
              <Figures of={of} found={known} />
              {known.status === 'closed' ? (
                <Lists of={of} found={known} />
              ) : (
                <NotSealed found={known} />
              )}
            </>
          )
        }
      </Answer>
    </>
  );
}

function Standing({ found: { status, asClosed, timeZone } }: { readonly found: Month }) {
  return (
    <>
      <MonthChip status={status} version={asClosed?.version} />
      {asClosed !== null && (
        <>
          {' '}
          · sealed <Instant iso={asClosed.sealedAt} timeZone={timeZone} as="time" />
        </>
      )}
    </>
  );
}

/** What an admin may do. Nothing is done at once: each leads to a plan. */
function Acts({ of: { creator, month }, found }: { readonly of: OneMonth; readonly found: Month }) {
  const isClosed = found.status === 'closed';
  // Before the first close nothing is sealed that could be stated anew.
  if (isClosed && found.asClosed === null) return null;
  return (
    <Button
      size="xs"
      variant={isClosed ? 'default' : 'filled'}
      renderRoot={(props: object) => (
        <Link
          {...props}
          to="/c/$creator/months/$month"
          params={{ creator, month }}
          search={{ act: isClosed ? 'restate' : 'close' }}
        />
      )}
    >
      {isClosed ? 'Restate…' : 'Close…'}
    </Button>
  );
}

function NotSealed({ found: { closableAt, timeZone } }: { readonly found: Month }) {
  return (
    <Empty title="Nothing is sealed yet">
      It closes by itself <Instant iso={closableAt} timeZone={timeZone} as="time" />, {timeZone}.
      Until then its figures follow what is known.
    </Empty>
  );
}

function Lists({ of, found }: { readonly of: OneMonth; readonly found: Month }) {
  const { tab = 'members', version } = route.useSearch();
  const navigate = route.useNavigate();
  const { creator, month } = of;
  const shown = version === undefined ? undefined : Number(version);
  const hasSeal = found.asClosed !== null;
  return (
    <Tabs
      mt="md"
      value={hasSeal || tab !== 'members' ? tab : 'since'}
      keepMounted={false}
      onChange={(value) =>
        void navigate({
          search: (old) => ({
            ...old,
            tab: value === 'since' || value === 'versions' ? value : undefined,
          }),
          replace: true,
        })
      }
    >
      <Tabs.List mb="md">
        {hasSeal && <Tabs.Tab value="members">Members as closed</Tabs.Tab>}
        <Tabs.Tab value="since">Learned since</Tabs.Tab>
        {hasSeal && <Tabs.Tab value="versions">Versions and proof</Tabs.Tab>}
      </Tabs.List>
      <Tabs.Panel value="members">
        <SealedMembers
          of={of}
          version={shown}
          aside={
            <CsvLink
              path={apiPath('creators', creator, 'months', month, 'snapshot.csv')}
              query={{ version }}
              label={`every line of ${monthText(month)}`}
              isCsv
            />
          }
        />
      </Tabs.Panel>
      <Tabs.Panel value="since">
        <Since of={of} found={found} />
      </Tabs.Panel>
      <Tabs.Panel value="versions">
        <Versions of={of} versions={found.versions} />
      </Tabs.Panel>
    </Tabs>
  );
}
