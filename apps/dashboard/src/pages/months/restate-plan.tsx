/** Restating a closed month, the exceptional path: a reason, then the plan, then a version more. */
import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { type OneMonth, type Restated, restateMonth, type Sealed } from '../../api/month-reads.js';
import { useReadAgain } from '../../api/settings-reads.js';
import { countText } from '../../ui/figures.js';
import { monthText } from '../../ui/months.js';
import { PageLink } from '../../ui/page-link.js';
import { Panel } from '../../ui/panel.js';
import { Failed } from '../../ui/states.js';
import { REASON_LENGTH } from '../ops/reason.js';
import { Obstacles } from './blockers.js';
import classes from './months.module.css';
import { SealedNote } from './sealed-note.js';
import { Totals } from './totals.js';

interface RestatePlanProps {
  readonly of: OneMonth;
  /** The version that would be replaced. */
  readonly latest: Sealed;
}

export function RestatePlan({ of, latest }: RestatePlanProps) {
  const { creator, month } = of;
  const readAgain = useReadAgain(creator);
  const navigate = useNavigate();
  const [reason, setReason] = useState('');
  const [replaced] = useState(latest.digest);
  const order = (dryRun: boolean) => ({ reason: reason.trim(), expectedDigest: replaced, dryRun });
  const plan = useMutation({ mutationFn: () => restateMonth(of, order(true)) });
  const act = useMutation({
    mutationFn: () => restateMonth(of, order(false)),
    onSuccess: ({ position }) => readAgain(position),
  });
  if (act.data !== undefined)
    return (
      <SealedNote creator={creator} title={`${monthText(month)} is restated`} done={act.data}>
        <Button
          size="compact-sm"
          variant="default"
          mt="sm"
          onClick={() => void navigate({ to: '.', search: {}, replace: true })}
        >
          Done
        </Button>
      </SealedNote>
    );
  return (
    <div className={classes.plan}>
      <Panel
        title={`Restate ${monthText(month)}`}
        aside={
          <PageLink
            to="/c/$creator/months/$month"
            params={{ creator, month }}
            size="sm"
            inherit={false}
          >
            Cancel
          </PageLink>
        }
      >
        <Stack gap="md">
          <Text size="sm" c="dimmed">
            What is pending is carried by the next close anyway. Restating states this month anew,
            with it: version {latest.version} stays readable, version {latest.version + 1} counts.
          </Text>
          <form
            onSubmit={(event) => {
              event.preventDefault();
              if (reason.trim() !== '') plan.mutate();
            }}
          >
            <Group gap="sm" align="flex-end">
              <TextInput
                label="Reason"
                description="It is sealed with the version and kept for ever: name no person."
                value={reason}
                onChange={(event) => {
                  setReason(event.currentTarget.value);
                  plan.reset();
                }}
                required
                maxLength={REASON_LENGTH}
                maw={520}
                className={classes.grow}
              />
              <Button
                type="submit"
                variant="default"
                disabled={reason.trim() === ''}
                loading={plan.isPending}
              >
                Plan it
              </Button>
            </Group>
          </form>
          {plan.error !== null && <Failed error={plan.error} />}
          {plan.data !== undefined && (
            <Planned
              month={month}
              planned={plan.data}
              isBusy={act.isPending}
              error={act.error}
              onPlan={() => plan.mutate()}
              onAct={() => act.mutate()}
            />
          )}
        </Stack>
      </Panel>
    </div>
  );
}

interface PlannedProps {
  readonly month: string;
  readonly planned: Restated;
  readonly isBusy: boolean;
  readonly error: unknown;
  readonly onPlan: () => void;
  readonly onAct: () => void;
}

function Planned({ month, planned, isBusy, error, onPlan, onAct }: PlannedProps) {
  const { version, pages, lines, digest, totals, changed, blockers, warnings } = planned;
  if (!changed)
    return (
      <Text size="sm" role="status">
        Its latest version states all that is known of it: there is nothing to restate.
      </Text>
    );
  return (
    <Stack gap="md">
      <ul className={classes.checks} aria-label="What must hold">
        <Obstacles blockers={blockers} warnings={warnings} onChange={onPlan} />
      </ul>
      <Text size="sm">
        Will be written: the seal of version {version}, after {countText(pages)}{' '}
        {pages === 1 ? 'page' : 'pages'} with {countText(lines)} lines.{' '}
        <Text span inherit c="dimmed" className="mono break">
          SHA-256 {digest}
        </Text>
      </Text>
      <div className={classes.bleed}>
        <Totals label={`What version ${version} will say`} month={month} totals={totals} />
      </div>
      {error !== null && <Failed error={error} />}
      <Group gap="sm">
        <Button disabled={blockers.length > 0} loading={isBusy} onClick={onAct}>
          Restate as version {version}
        </Button>
        {blockers.length > 0 && (
          <Text size="sm" c="dimmed" role="status">
            Something stands in the way.
          </Text>
        )}
      </Group>
    </Stack>
  );
}
