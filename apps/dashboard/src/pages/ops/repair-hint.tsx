/** Where checks fail that a replay repairs: what that means, and the way there. */
import { Alert } from '@mantine/core';
import { type KnownCheck, useReplays } from '../../api/ops-reads.js';
import { isAtWork } from '../../api/replay-feed.js';
import { isOperator, useMe } from '../../api/session.js';
import { PageLink } from '../../ui/page-link.js';
import { isFailing } from './check-state.js';

export function RepairHint({ checks }: { readonly checks: readonly KnownCheck[] }) {
  const mayOrder = isOperator(useMe());
  const [last] = useReplays().data?.pages[0]?.items ?? [];
  const n = checks.filter((check) => isFailing(check) && check.remedy === 'replay').length;
  if (n === 0) return null;
  const isUnderWay = last !== undefined && (isAtWork(last) || last.state === 'ready');
  return (
    <Alert color="red" title="Figures say something else than the log">
      The log is right, and the read models are made from it again by a replay, which shows first
      what differs.{' '}
      {isUnderWay ? (
        <PageLink to="/ops/runs/$run" params={{ run: last.id }} underline="always">
          {last.state === 'ready'
            ? `Replay ${last.id} is ready to be looked at`
            : `Replay ${last.id} is under way`}
        </PageLink>
      ) : mayOrder ? (
        <PageLink to="/ops/runs" underline="always">
          Repair by a replay…
        </PageLink>
      ) : (
        'An admin may order one.'
      )}
    </Alert>
  );
}
