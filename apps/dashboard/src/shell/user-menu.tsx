/** Who is signed in, and the way out. */
import { ActionIcon, Menu } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { signOut, useMe } from '../api/session.js';
import { UserIcon } from '../ui/icons.js';

export function UserMenu({ onHelp }: { readonly onHelp: () => void }) {
  const me = useMe();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const leave = async (): Promise<void> => {
    await signOut();
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
        <Menu.Item onClick={onHelp}>Keyboard and help</Menu.Item>
        <Menu.Item component="a" href="/docs">
          API documentation
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item onClick={() => void leave()}>Sign out</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
