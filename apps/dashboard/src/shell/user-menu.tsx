/** Who is signed in, and the way out. */
import { ActionIcon, Menu, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { signOut, useMe } from '../api/session.js';
import { UserIcon } from '../ui/icons.js';
import { Failed } from '../ui/states.js';

interface UserMenuProps {
  readonly creator: string | undefined;
  readonly onHelp: () => void;
  readonly onCalls: () => void;
}

const placeOf = (creator: string | undefined) => (creator === undefined ? {} : { creator });

export function UserMenu({ creator, onHelp, onCalls }: UserMenuProps) {
  const me = useMe();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [error, setError] = useState<unknown>();
  const leave = async (): Promise<void> => {
    setError(undefined);
    try {
      await signOut();
    } catch (refusal) {
      // Nobody may walk away believing that they are signed out.
      setError(refusal);
      return;
    }
    queries.clear();
    await navigate({ to: '/sign-in' });
  };
  return (
    <Menu position="bottom-end" width={230} shadow="md">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label="You">
          <UserIcon />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {me === undefined
            ? 'Signed in'
            : `${me.role} · ${me.memberId ?? me.creatorId ?? me.actor}`}
        </Menu.Label>
        {me !== undefined && me.role !== 'member' && (
          <Menu.Item onClick={() => void navigate({ to: '/settings', search: placeOf(creator) })}>
            Settings
          </Menu.Item>
        )}
        <Menu.Item onClick={onHelp}>Keyboard and help</Menu.Item>
        <Menu.Item onClick={onCalls}>What this page asked</Menu.Item>
        <Menu.Item component="a" href="/docs">
          API documentation
        </Menu.Item>
        <Menu.Divider />
        {error !== undefined && (
          <>
            <Text size="sm" fw={600} px="sm" py={4}>
              You are still signed in.
            </Text>
            <Failed error={error} />
          </>
        )}
        <Menu.Item closeMenuOnClick={false} onClick={() => void leave()}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
