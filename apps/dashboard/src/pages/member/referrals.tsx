/** Whom a member referred, those who have not paid yet too: nobody asks where their referral is. */
import { Badge, SegmentedControl } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import type { Schemas } from '../../api/client.js';
import { apiPath } from '../../api/path.js';
import { type OfMember, type ReferralStatus, useMemberReferrals } from '../../api/reads.js';
import { CsvLink } from '../../ui/csv-link.js';
import { Instant } from '../../ui/figure.js';
import { LongList } from '../../ui/long-list.js';
import { MemberName } from '../../ui/member-name.js';
import { shortMonthText } from '../../ui/months.js';
import { Panel } from '../../ui/panel.js';
import { Empty } from '../../ui/states.js';
import type { Column } from '../../ui/table.js';

type Row = Schemas['ReferralDto'];
const ALL = 'all';

export function Referrals({
  of,
  status,
}: {
  readonly of: OfMember;
  readonly status: ReferralStatus;
}) {
  const { creator, member } = of;
  const read = useMemberReferrals(of, status);
  const navigate = useNavigate();
  return (
    <Panel
      title="Referrals"
      flush
      aside={
        <>
          <SegmentedControl
            size="xs"
            aria-label="Which"
            value={status ?? ALL}
            onChange={(value) =>
              void navigate({
                to: '.',
                search: (old) => ({
                  ...old,
                  status: value === ALL ? undefined : (value as ReferralStatus),
                }),
                replace: true,
              })
            }
            data={[
              { value: ALL, label: 'All' },
              { value: 'converted', label: 'Converted' },
              { value: 'signedUp', label: 'Not yet' },
            ]}
          />
          <CsvLink
            path={apiPath('creators', creator, 'members', member, 'referrals')}
            query={{ status }}
            label="these referrals"
          />
        </>
      }
    >
      <LongList
        label="Referrals"
        read={read}
        columnsOf={(timeZone) => columnsOf(creator, timeZone)}
        rowKey={({ memberId }) => memberId}
        empty={
          <Empty title={status === 'signedUp' ? 'Everybody has paid' : 'Nobody yet'}>
            Who signs up with the referral code appears here, before they pay too.
          </Empty>
        }
      />
    </Panel>
  );
}

const columnsOf = (creator: string, timeZone: string): readonly Column<Row>[] => [
  {
    id: 'name',
    head: 'Who',
    isTitle: true,
    cell: ({ memberId, name }) => (
      <MemberName creator={creator} memberId={memberId} name={name} isRow />
    ),
  },
  {
    id: 'status',
    head: 'Status',
    cell: ({ status }) => (
      <Badge variant="default" radius="sm" tt="none" fw={550}>
        {status === 'converted' ? 'Converted' : 'Signed up, not paid yet'}
      </Badge>
    ),
  },
  {
    id: 'signedUp',
    head: 'Signed up',
    cell: ({ signedUpAt }) =>
      signedUpAt === null ? '' : <Instant iso={signedUpAt} timeZone={timeZone} />,
  },
  {
    id: 'converted',
    head: 'Converted',
    cell: ({ convertedAt }) =>
      convertedAt === null ? 'not yet' : <Instant iso={convertedAt} timeZone={timeZone} />,
  },
  {
    id: 'month',
    head: 'Counts in',
    cell: ({ month }) => (month === null ? '' : shortMonthText(month)),
  },
];
