/** The heading of a page, what is said beside it, and the title of the browser's tab. */
import { Group, Text, Title } from '@mantine/core';
import { type ReactNode, useEffect } from 'react';

export function PageTitle({
  title,
  beside,
  aside,
}: {
  readonly title: string;
  readonly beside?: ReactNode;
  readonly aside?: ReactNode;
}) {
  useEffect(() => {
    document.title = `${title} · Flywheel`;
  }, [title]);
  return (
    <Group justify="space-between" mb="md" gap="sm" align="baseline">
      <Group gap="sm" align="baseline">
        <Title order={1}>{title}</Title>
        {beside !== undefined && (
          <Text component="span" size="sm" c="dimmed">
            {beside}
          </Text>
        )}
      </Group>
      {aside}
    </Group>
  );
}
