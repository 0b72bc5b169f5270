/** All members of a creator: searched, narrowed and sorted by the server, and drawn as one scrolls. */
import { Group, NativeSelect, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { getRouteApi } from '@tanstack/react-router';
import type { Schemas } from '../api/client.js';
import { apiPath } from '../api/path.js';
import { useCreator, useMembers } from '../api/reads.js';
import { CsvLink } from '../ui/csv-link.js';
import { Count, Instant, Why } from '../ui/figure.js';
import { SearchIcon } from '../ui/icons.js';
import { LongList } from '../ui/long-list.js';
import { MemberName } from '../ui/member-name.js';
import { PageTitle } from '../ui/page-title.js';
import { Panel } from '../ui/panel.js';
import { Empty } from '../ui/states.js';
import type { Column } from '../ui/table.js';
import { Tier } from '../ui/tier.js';

const route = getRouteApi('/house/c/$creator/members');
type Row = Schemas['MemberItemDto'];
type Sort = 'memberId' | 'totalReferrals' | 'signedUpAt';
const UNRANKED = 'Unranked';
/** As long as one types. */
const TYPING_MS = 250;

export function MembersPage() {
  const { creator } = route.useParams();
  const { q, tier, sort = 'totalReferrals' } = route.useSearch();
  const navigate = route.useNavigate();
  const read = useMembers(creator, { q, tier, sort });
  // The list is that of now, whatever month is looked at elsewhere.
  const ofCreator = useCreator({ creator, month: undefined });
  const narrow = (changes: { q?: string; tier?: string; sort?: Sort }): void =>
    void navigate({ search: (old) => ({ ...old, ...changes }), replace: true });
  const search = useDebouncedCallback((text: string) => narrow({ q: text }), TYPING_MS);
  const tiers = ofCreator.data?.settings.tiers.map(({ name }) => name) ?? [];
  return (
    <>
      <PageTitle
        title="Members"
        beside={
          ofCreator.data !== undefined && (
            <>
              <Count n={ofCreator.data.members} /> signed up by now
            </>
          )
        }
      />
      <Panel
        title="All members"
        flush
        aside={
          <CsvLink
            path={apiPath('creators', creator, 'members')}
            query={{ q, tier, sort }}
            label="these members"
          />
        }
      >
        <Group gap="sm" px="1.125rem" pt="xs" pb="sm" wrap="wrap">
          <TextInput
            type="search"
            size="xs"
            w={{ base: '100%', xs: 260 }}
            aria-label="Part of a name, username, referral code or id"
            placeholder="Name, code or id"
            leftSection={<SearchIcon size={14} />}
            defaultValue={q ?? ''}
            key={q === undefined ? 'empty' : 'asked'}
            onChange={(event) => search(event.currentTarget.value)}
          />
          <NativeSelect
            size="xs"
            aria-label="Tier"
            value={tier ?? ''}
            data={[{ value: '', label: 'Any tier' }, ...tiers, UNRANKED]}
            onChange={(event) => narrow({ tier: event.currentTarget.value })}
          />
          <NativeSelect
            size="xs"
            aria-label="Order"
            value={sort}
            data={[
              { value: 'totalReferrals', label: 'Most referrals first' },
              { value: 'signedUpAt', label: 'Newest first' },
              { value: 'memberId', label: 'By id' },
            ]}
            onChange={(event) => narrow({ sort: event.currentTarget.value as Sort })}
          />
        </Group>
        <LongList
          label="Members"
          read={read}
          columnsOf={(timeZone) => columnsOf(creator, timeZone)}
          rowKey={({ memberId }) => memberId}
          empty={<Empty title="Nobody matches">Fewer letters, or another tier, find more.</Empty>}
        />
      </Panel>
    </>
  );
}

const columnsOf = (creator: string, timeZone: string): readonly Column<Row>[] => [
  {
    id: 'name',
    head: 'Name',
    isTitle: true,
    cell: ({ memberId, name }) => (
      <MemberName creator={creator} memberId={memberId} name={name} isRow />
    ),
  },
  {
    id: 'code',
    head: 'Code',
    cell: ({ referralCode }) => <span className="mono">{referralCode}</span>,
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
    id: 'tier',
    head: 'Tier',
    cell: ({ memberId, name, tier, tierPin }) => (
      <Why asks={{ creator, member: memberId, figure: 'tier' }} of={`tier of ${name}`}>
        <Tier name={tier} isPinned={tierPin !== null} />
      </Why>
    ),
  },
  {
    id: 'referrer',
    head: 'Referred by',
    cell: ({ referrer }) =>
      referrer === null ? (
        'nobody'
      ) : (
        <MemberName creator={creator} memberId={referrer.memberId} name={referrer.name} />
      ),
  },
  {
    id: 'signedUp',
    head: 'Signed up',
    cell: ({ signedUpAt }) =>
      signedUpAt === null ? '' : <Instant iso={signedUpAt} timeZone={timeZone} />,
  },
];
