/** Checks are run now, over all rows; what they find is kept for whoever asks later. */
import { Button } from '@mantine/core';
import { runChecks, useOrder } from '../../api/ops-acts.js';
import { Failed } from '../../ui/states.js';
import { durationText } from './values.js';

/** `check`: this one alone; absent: all. */
export function useRunChecks(check?: string) {
  const run = useOrder(runChecks);
  return {
    button: (
      <Button
        size="xs"
        variant="default"
        loading={run.isPending}
        onClick={() => run.mutate(check === undefined ? undefined : [check])}
      >
        {check === undefined ? 'Run all checks' : 'Run it now'}
      </Button>
    ),
    said: run.isError ? (
      <Failed error={run.error} />
    ) : run.isSuccess ? (
      <span role="status">Run in {durationText(run.data.executionTime)}.</span>
    ) : null,
  };
}
