/** Which events: all conditions at once, said when they are applied. */
import { Autocomplete, Button, Group, NativeSelect, Stack, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { getRouteApi } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { useMembers } from '../../api/reads.js';
import { TYPE_CHOICES } from './types.js';

const route = getRouteApi('/house/events');
const TYPING_MS = 200;
const SHOWN = 6;
const WHEN = '2025-10-25, 2025-10 or 2025-10-25T12:00Z';

export function Conditions({ onDone }: { readonly onDone: () => void }) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const [member, setMember] = useState(search.member ?? '');
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const said = new FormData(event.currentTarget);
    const text = (name: string): string | undefined => {
      const value = said.get(name);
      return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
    };
    const changes = {
      ...{ type: text('type'), from: text('from'), to: text('to'), stream: text('stream') },
      ...{ member: memberIn(member), pos: undefined },
    };
    onDone();
    void navigate({ search: (old) => ({ ...old, ...changes }) });
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="xs">
        <NativeSelect
          size="xs"
          label="Type"
          name="type"
          defaultValue={search.type ?? ''}
          data={[{ value: '', label: 'Any type' }, ...TYPE_CHOICES.map(withLabels)]}
        />
        <MemberField creator={search.creator} value={member} onChange={setMember} />
        <TextInput
          size="xs"
          label="Stream"
          name="stream"
          placeholder="member-biz_….user_…"
          defaultValue={search.stream ?? ''}
        />
        <TextInput
          size="xs"
          label="Recorded from (UTC)"
          name="from"
          placeholder={WHEN}
          defaultValue={search.from ?? ''}
        />
        <TextInput
          size="xs"
          label="Recorded to, inclusive (UTC)"
          name="to"
          placeholder={WHEN}
          defaultValue={search.to ?? ''}
        />
        <Group justify="flex-end">
          <Button type="submit" size="xs">
            Show these
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

const withLabels = ({ group, items }: (typeof TYPE_CHOICES)[number]) => ({
  group,
  items: items.map((type) => ({ value: type, label: type })),
});

/** `Nicole King · user_9c1e`, or what was typed. */
const memberIn = (text: string): string | undefined =>
  /(?:^|· )(user_\w+)$/.exec(text.trim())?.[1] ?? (text.trim() === '' ? undefined : text.trim());

interface MemberFieldProps {
  readonly creator: string | undefined;
  readonly value: string;
  readonly onChange: (text: string) => void;
}

/** By name, where it is known of which creator; else by id. */
function MemberField({ creator, value, onChange }: MemberFieldProps) {
  const [settled] = useDebouncedValue(value.trim(), TYPING_MS);
  const found = useMembers(
    creator ?? '',
    { q: settled === '' ? undefined : settled, sort: 'totalReferrals' },
    creator !== undefined && !settled.includes('·'),
  );
  const members = (found.data?.pages[0]?.items ?? []).slice(0, SHOWN);
  return (
    <Autocomplete
      size="xs"
      label="Member"
      placeholder={creator === undefined ? 'user_…' : 'Name or user_…'}
      value={value}
      onChange={onChange}
      data={members.map(({ memberId, name }) => `${name} · ${memberId}`)}
      // The server searched already.
      filter={({ options }) => options}
      comboboxProps={{ withinPortal: false }}
    />
  );
}
