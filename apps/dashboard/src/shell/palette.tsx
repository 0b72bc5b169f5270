/** Find anything: a member by name, code or id; a payment or refund by its id; a month; a page. */
import '@mantine/spotlight/styles.css';
import { useDebouncedValue } from '@mantine/hooks';
import { createSpotlight, Spotlight, type SpotlightActionData } from '@mantine/spotlight';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useMembers } from '../api/reads.js';
import { mayOperate, useMe } from '../api/session.js';
import { SearchIcon } from '../ui/icons.js';
import { isMonth, monthText } from '../ui/months.js';
import { useNamedById } from './palette-ids.js';
import type { Place } from './place.js';

interface PaletteProps {
  readonly place: Place;
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

const [store, spotlight] = createSpotlight();
const TYPING_MS = 200;
const SHOWN = 8;
/** Payments, refunds and disputes, as Whop names them. */
const SOURCE = /^(pay|rf|ref|dspt|disp)_\w+$/;

export function Palette({ place, isOpen, onClose }: PaletteProps) {
  const [query, setQuery] = useState('');
  const actions = useActions(place, query.trim());
  useEffect(() => {
    if (isOpen) spotlight.open();
    else spotlight.close();
  }, [isOpen]);
  return (
    <Spotlight
      store={store}
      shortcut={null}
      query={query}
      onQueryChange={setQuery}
      onSpotlightClose={onClose}
      actions={[...actions]}
      // The server searched already.
      filter={(_, all) => all}
      limit={SHOWN + 6}
      scrollable
      maxHeight={420}
      nothingFound="Nothing of this name here"
      searchProps={{
        leftSection: <SearchIcon />,
        placeholder: 'A member, pay_…, 2025-10, a page',
        'aria-label': 'Find',
      }}
    />
  );
}

function useActions({ creator, month }: Place, query: string): readonly SpotlightActionData[] {
  const navigate = useNavigate();
  const me = useMe();
  const [settled] = useDebouncedValue(query, TYPING_MS);
  const mayList = creator !== undefined && me !== undefined && me.role !== 'member';
  const found = useMembers(
    creator ?? '',
    { q: settled === '' ? undefined : settled, sort: 'totalReferrals' },
    mayList,
  );
  const byId = useNamedById(creator, query);
  const operations = mayOperate(me) ? operationsOf(navigate, query) : [];
  if (creator === undefined) return [...byId, ...operations];
  const search = month === undefined ? {} : { month };
  const pages: SpotlightActionData[] = [
    {
      id: 'overview',
      label: 'Overview',
      onClick: () => void navigate({ to: '/c/$creator', params: { creator }, search }),
    },
    {
      id: 'members',
      label: 'Members',
      onClick: () => void navigate({ to: '/c/$creator/members', params: { creator }, search }),
    },
    {
      id: 'months',
      label: 'Months',
      onClick: () => void navigate({ to: '/c/$creator/months', params: { creator } }),
    },
    {
      id: 'commissions',
      label: 'Commissions',
      onClick: () => void navigate({ to: '/c/$creator/commissions', params: { creator }, search }),
    },
    {
      id: 'explain',
      label: 'Explain a figure',
      onClick: () => void navigate({ to: '/explain', search: { creator, ...search } }),
    },
    {
      id: 'events',
      label: 'Events',
      onClick: () => void navigate({ to: '/events', search: { creator, ...search } }),
    },
    {
      id: 'settings',
      label: 'Settings',
      onClick: () => void navigate({ to: '/settings', search: { creator, ...search } }),
    },
  ]
    .filter(({ id }) => id !== 'events' || mayList)
    .filter(({ label }) => label.toLowerCase().includes(query.toLowerCase()));
  const named: SpotlightActionData[] = [];
  if (isMonth(query))
    named.push({
      id: 'month',
      label: monthText(query),
      description: 'Look at this month',
      onClick: () =>
        void navigate({ to: '/c/$creator', params: { creator }, search: { month: query } }),
    });
  if (SOURCE.test(query))
    named.push({
      id: 'source',
      label: query,
      description: 'Explain this payment, refund or dispute',
      onClick: () =>
        void navigate({
          to: '/explain',
          search: { creator, figure: 'saleMinor', source: query },
        }),
    });
  const members = (found.data?.pages[0]?.items ?? []).slice(0, SHOWN);
  return [
    ...named,
    ...byId,
    ...members.map(({ memberId, name, referralCode }) => ({
      id: memberId,
      label: name,
      description: `${referralCode} · ${memberId}`,
      onClick: () =>
        void navigate({
          to: '/c/$creator/members/$member',
          params: { creator, member: memberId },
          search,
        }),
    })),
    ...pages,
    ...operations,
  ];
}

const OPERATIONS = [
  ['/ops', 'Operations', 'Lag, checks, quarantine and what runs'],
  ['/ops/checks', 'Checks', 'What must always hold'],
  ['/ops/runs', 'Replays', 'Read models made from the log again'],
  ['/ops/quarantine', 'Quarantine', 'Deliveries that do not count'],
  ['/ops/diagnosis', 'Diagnosis', 'A month beside a recount from the log'],
] as const;

const operationsOf = (
  navigate: ReturnType<typeof useNavigate>,
  query: string,
): SpotlightActionData[] =>
  OPERATIONS.filter(([, label]) => label.toLowerCase().includes(query.toLowerCase())).map(
    ([to, label, description]) => ({
      id: to,
      label,
      description,
      onClick: () => void navigate({ to }),
    }),
  );
