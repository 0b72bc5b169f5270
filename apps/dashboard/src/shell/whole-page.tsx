/** Whole pages that are none: waiting, not found, and an error that nothing else caught. */
import { Center, Loader, Stack, Text, Title } from '@mantine/core';
import type { ErrorComponentProps } from '@tanstack/react-router';
import { PageLink } from '../ui/page-link.js';
import { Failed } from '../ui/states.js';

export function Waiting() {
  return (
    <Center mih="40vh">
      <Loader type="dots" aria-label="Loading" />
    </Center>
  );
}

/** Inside the shell, whose main part it stands in. */
export function NotFound() {
  return (
    <Center mih="60vh" p="md">
      <Stack gap="xs" ta="center" maw={420}>
        <Title order={1}>No such page</Title>
        <Text c="dimmed">The address leads nowhere. Press ⌘K or Ctrl K to find what you want.</Text>
        <PageLink to="/">To the overview</PageLink>
      </Stack>
    </Center>
  );
}

/** Inside the shell. */
export function Lost({ error, reset }: ErrorComponentProps) {
  return (
    <Center mih="60vh" p="md">
      <Stack maw={560} w="100%">
        <Failed error={error} onRetry={reset} />
      </Stack>
    </Center>
  );
}

export const NotFoundPage = () => (
  <main>
    <NotFound />
  </main>
);

export const LostPage = (props: ErrorComponentProps) => (
  <main>
    <Lost {...props} />
  </main>
);
