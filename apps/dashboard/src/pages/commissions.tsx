/** Every sale of a creator with who gets what of it, and what was taken back: newest first. */
import { Group, NativeSelect, SegmentedControl } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { usePayments } from '../api/month-reads.js';
import { apiPath } from '../api/path.js';
import { useCreator } from '../api/reads.js';
import type { CommissionsSearch } from '../router-months.js';
import { mayBeAhead, useCalendar } from '../shell/place.js';
import { CsvLink } from '../ui/csv-link.js';
import { LongList } from '../ui/long-list.js';
import { monthText } from '../ui/months.js';
import { NotBegun } from '../ui/not-begun.js';
import { PageTitle } from '../ui/page-title.js';
import { Panel } from '../ui/panel.js';
import { Empty, Loading } from '../ui/states.js';
import { Sales, saleColumns } from './sales.js';

const route = getRouteApi('/house/c/$creator/commissions');
const ALL = 'all';

export function CommissionsPage() {
  const { creator } = route.useParams();
  const { month: asked } = route.useSearch();
  const { currentMonth } = useCalendar({ creator });
  const month = asked ?? currentMonth;
  const isUnsure = month !== undefined && mayBeAhead(month, currentMonth);
  return (
    <>
      <PageTitle title="Commissions" beside={month !== undefined && monthText(month)} />
      {month === undefined || (isUnsure && currentMonth === undefined) ? (
        <Loading lines={8} height={28} />
      ) : isUnsure && currentMonth !== undefined ? (
        <NotBegun month={month} currentMonth={currentMonth} />
      ) : (
        <OfMonth creator={creator} month={month} />
      )}
    </>
  );
}

function OfMonth({ creator, month }: { readonly creator: string; readonly month: string }) {
  const { status, kind } = route.useSearch();
  const navigate = route.useNavigate();
  const asked = { month, status, kind };
  const read = usePayments({ creator }, asked);
  const { data } = useCreator({ creator, month });
  const withCode = (data?.otherCurrencies.length ?? 0) > 0;
  const narrow = (changes: Pick<CommissionsSearch, 'status' | 'kind'>): void =>
    void navigate({ search: (old) => ({ ...old, ...changes }), replace: true });
  return (
    <Panel
      title="Sales, and who gets what of them"
      flush
      aside={
        <CsvLink
          path={apiPath('creators', creator, 'payments')}
          query={asked}
          label="these commissions"
        />
      }
    >
      <Group gap="sm" px="1.125rem" pt="xs" pb="sm" wrap="wrap">
        <SegmentedControl
          size="xs"
          aria-label="What became of them"
          value={status ?? ALL}
          onChange={(value) =>
            narrow({ status: value === 'standing' || value === 'reversed' ? value : undefined })
          }
          data={[
            { value: ALL, label: 'All' },
            { value: 'standing', label: 'Standing' },
            { value: 'reversed', label: 'Taken back' },
          ]}
        />
        <NativeSelect
          size="xs"
          aria-label="Kind"
          value={kind ?? ''}
          data={[
            { value: '', label: 'Any kind' },
            { value: 'initial', label: 'First payments' },
            { value: 'recurring', label: 'Later payments' },
            { value: 'organic', label: 'Of organic members' },
          ]}
          onChange={({ currentTarget: { value } }) =>
            narrow({
              kind:
                value === 'initial' || value === 'recurring' || value === 'organic'
                  ? value
                  : undefined,
            })
          }
        />
      </Group>
      <Sales>
        <LongList
          label={`Commissions of ${monthText(month)}`}
          read={read}
          columnsOf={(timeZone) =>
            saleColumns({ creator, timeZone, isOfReferrer: false, withCode })
          }
          rowKey={({ paymentId }) => paymentId}
          empty={
            <Empty title="No such sale in this month">Another kind or month may have some.</Empty>
          }
        />
      </Sales>
    </Panel>
  );
}
