/** What a panel shows while there is nothing else to show: loading, empty, failed. Used everywhere. */
import { Alert, Button, Group, Skeleton, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { ProblemError } from '../api/problem.js';

/** The parts of a query that a panel looks at. */
export interface Asked<T> {
  readonly data: T | undefined;
  readonly error: unknown;
  readonly isPending: boolean;
  readonly isPlaceholderData?: boolean;
  readonly refetch: () => unknown;
}

/** As many lines as will come, so that nothing jumps. */
export function Loading({ lines = 3, height = 20 }: { lines?: number; height?: number }) {
  return (
    <Stack gap="sm" role="status" aria-label="Loading" aria-busy="true">
      {Array.from({ length: lines }, (_, n) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines of nothing have no other name.
        <Skeleton key={n} height={height} radius="sm" width={n % 3 === 2 ? '72%' : '100%'} />
      ))}
    </Stack>
  );
}

export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <Stack gap={4} py="lg" align="center" ta="center">
      <Text fw={600}>{title}</Text>
      {children !== undefined && (
        <Text size="sm" c="dimmed" maw={420}>
          {children}
        </Text>
      )}
    </Stack>
  );
}

/** Which request failed, why, its id, and a way to ask again; the other panels stay. */
export function Failed({ error, onRetry }: { error: unknown; onRetry?: () => unknown }) {
  const problem = error instanceof ProblemError ? error : undefined;
  const said = error instanceof Error ? error.message : 'Something failed.';
  return (
    <Alert color="red" variant="light" title={titleOf(problem)} role="alert">
      <Text size="sm" className="break">
        {problem?.detail ?? said}
      </Text>
      {problem !== undefined && (
        <Text size="xs" c="dimmed" mt={6} className="mono break">
          {problem.request}
          {problem.requestId !== undefined && <> · request {problem.requestId}</>} · {problem.code}
        </Text>
      )}
      {onRetry !== undefined && (
        <Group mt="sm">
          <Button size="compact-sm" variant="default" onClick={() => onRetry()}>
            Try again
          </Button>
        </Group>
      )}
    </Alert>
  );
}

function titleOf(problem: ProblemError | undefined): string {
  if (problem === undefined) return 'This could not be shown';
  if (problem.status === 0) return 'The server does not answer';
  if (problem.status === 401) return 'You were not let in';
  if (problem.status === 403) return 'You may not see this';
  if (problem.status === 404) return 'There is no such thing here';
  return problem.request.startsWith('GET ') ? 'This could not be read' : 'This was not done';
}

/** The answer, or what stands in for it; an older one stays while the next is read. */
export function Answer<T>({
  of,
  loading = <Loading />,
  children,
}: {
  readonly of: Asked<T>;
  readonly loading?: ReactNode;
  readonly children: (data: T) => ReactNode;
}) {
  if (of.data !== undefined)
    return (
      <div data-older={of.isPlaceholderData || undefined} aria-busy={of.isPlaceholderData}>
        {of.error !== null && of.error !== undefined && (
          <Failed error={of.error} onRetry={of.refetch} />
        )}
        {children(of.data)}
      </div>
    );
  if (of.error !== null && of.error !== undefined)
    return <Failed error={of.error} onRetry={of.refetch} />;
  return loading;
}
