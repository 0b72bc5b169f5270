/** Closing a month: the plan first, with what stands in the way; then a reason; then just that is sealed. */
import { Button, Checkbox, Group, Stack, Text, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { type Closed, closeMonth, type OneMonth, useClosePlan } from '../../api/month-reads.js';
import { ProblemError } from '../../api/problem.js';
import { useMonths, useTopReferrers } from '../../api/reads.js';
import { useReadAgain } from '../../api/settings-reads.js';
import { useCalendar } from '../../shell/place.js';
import { Count, Instant } from '../../ui/figure.js';
import { countText } from '../../ui/figures.js';
import { MemberName } from '../../ui/member-name.js';
import { monthNameText, monthText } from '../../ui/months.js';
import { PageLink } from '../../ui/page-link.js';
import { Panel } from '../../ui/panel.js';
import { Failed, Loading } from '../../ui/states.js';
import { FigureTable } from '../../ui/table.js';
import { Tier } from '../../ui/tier.js';
import { REASON_LENGTH } from '../ops/reason.js';
import { Check, Obstacles } from './blockers.js';
import classes from './months.module.css';
import { SealedNote } from './sealed-note.js';
import { Totals } from './totals.js';

export function ClosePlan({ of }: { readonly of: OneMonth }) {
  const readAgain = useReadAgain(of.creator);
  const close = useMutation({
    mutationFn: (order: Parameters<typeof closeMonth>[1]) => closeMonth(of, order),
    onSuccess: ({ position }) => readAgain(position),
  });
  // What was done stays said; there is nothing left to plan.
  const plan = useClosePlan(of, close.data === undefined);
  const done = close.data ?? (plan.data?.alreadyClosed ? plan.data : undefined);
  if (done !== undefined) return <Done of={of} done={done} />;
  return (
    <div className={classes.plan}>
      <Panel title={`Close ${monthText(of.month)}`} aside={<Cancel of={of} />}>
        {plan.data === undefined && plan.error === null && <Loading lines={6} height={24} />}
        {plan.error !== null && <Refused of={of} error={plan.error} onRetry={plan.refetch} />}
        {plan.data?.plan != null && plan.error === null && (
          <Planned
            of={of}
            planned={plan.data}
            plan={plan.data.plan}
            isBusy={plan.isFetching || close.isPending}
            error={close.error}
            onPlan={() => {
              close.reset();
              void plan.refetch();
            }}
            onClose={(order) => close.mutate(order)}
          />
        )}
      </Panel>
    </div>
  );
}

function Done({ of: { creator, month }, done }: { readonly of: OneMonth; readonly done: Closed }) {
  const navigate = useNavigate();
  return (
    <SealedNote
      creator={creator}
      title={
        done.alreadyClosed
          ? `${monthText(month)} is closed already`
          : `${monthText(month)} is closed`
      }
      done={done}
    >
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
}

const Cancel = ({ of: { creator, month } }: { readonly of: OneMonth }) => (
  <PageLink to="/c/$creator/months/$month" params={{ creator, month }} size="sm" inherit={false}>
    Cancel
  </PageLink>
);

interface RefusedProps {
  readonly of: OneMonth;
  readonly error: unknown;
  readonly onRetry: () => unknown;
}

/** What no plan can be made of is said with what to do instead. */
function Refused({ of: { creator }, error, onRetry }: RefusedProps) {
  const code = error instanceof ProblemError ? error.code : undefined;
  const first = useMonths(creator).data?.items.findLast(({ status }) => status !== 'closed')?.month;
  return (
    <Stack gap="sm">
      <Failed error={error} onRetry={onRetry} />
      {code === 'month_out_of_order' && (
        <Text size="sm">
          Months are closed one after the other.{' '}
          {first === undefined ? (
            <PageLink to="/c/$creator/months" params={{ creator }}>
              All months
            </PageLink>
          ) : (
            <PageLink
              to="/c/$creator/months/$month"
              params={{ creator, month: first }}
              search={{ act: 'close' }}
            >
              Close {monthText(first)}…
            </PageLink>
          )}
        </Text>
      )}
    </Stack>
  );
}

interface PlannedProps {
  readonly of: OneMonth;
  readonly planned: Closed;
  readonly plan: NonNullable<Closed['plan']>;
  readonly isBusy: boolean;
  readonly error: unknown;
  readonly onPlan: () => void;
  readonly onClose: (order: Parameters<typeof closeMonth>[1]) => void;
}

function Planned({ of, planned, plan, isBusy, error, onPlan, onClose }: PlannedProps) {
  const { creator, month } = of;
  const { timeZone = 'UTC' } = useCalendar({ creator });
  const [isForced, setForced] = useState(false);
  const [reason, setReason] = useState('');
  const { blockers, early, closableAt } = plan;
  const { pages, lines, totals, digest, throughPosition, warnings } = planned;
  const hasEnded = early?.code !== 'month_not_ended';
  const missing = missingOf({
    blockers: blockers.length,
    isEarly: early !== null,
    isForced,
    reason,
  });
  const isOther = error instanceof ProblemError && error.code === 'digest_differs';
  return (
    <Stack gap="md">
      <ul className={classes.checks} aria-label="What must hold">
        <Check state="holds" says="It is the next month to be closed" />
        <Check
          state={hasEnded ? 'holds' : 'early'}
          says={`The month has ${hasEnded ? '' : 'not '}ended in ${timeZone}`}
        />
        <Check
          state={early === null ? 'holds' : 'early'}
          says={
            <>
              The grace for late deliveries {early === null ? 'was' : 'is'} over{' '}
              <Instant iso={closableAt} timeZone={timeZone} as="time" />
            </>
          }
        />
        <Check
          state="holds"
          says={
            <>
              The read models contain the log up to #<Count n={throughPosition} />
            </>
          }
        />
        <Obstacles blockers={blockers} warnings={warnings} onChange={onPlan} />
      </ul>
      <Text size="sm">
        Will be written: one seal, after {countText(pages)} {pages === 1 ? 'page' : 'pages'} with{' '}
        {countText(lines)} lines of the creator and {countText(totals.members)} members.{' '}
        <Text span inherit c="dimmed" className="mono break">
          SHA-256 {digest}
        </Text>
      </Text>
      <div className={classes.bleed}>
        <Totals label="What will be sealed" month={month} totals={totals} />
      </div>
      <div className={classes.bleed}>
        <Top of={of} top={plan.top} />
      </div>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (missing !== undefined || isBusy) return;
          const said = reason.trim();
          onClose({
            force: isForced,
            expectedDigest: digest,
            ...(said === '' ? {} : { reason: said }),
          });
        }}
      >
        <Stack gap="sm">
          {early !== null && (
            <Checkbox
              label={`Close it before it is due (${hasEnded ? 'its grace is not over' : 'it has not ended'})`}
              description="What comes later is pending then, and carried by the next close."
              checked={isForced}
              onChange={(event) => setForced(event.currentTarget.checked)}
            />
          )}
          <TextInput
            label={isForced ? 'Reason' : 'Reason (may be left out)'}
            description="It is sealed with the month and kept for ever: name no person."
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
            required={isForced}
            maxLength={REASON_LENGTH}
            maw={520}
          />
          {error !== null && <Failed error={error} {...(isOther && { onRetry: onPlan })} />}
          <Group gap="sm" align="center">
            <Button type="submit" disabled={missing !== undefined} loading={isBusy}>
              Close {monthNameText(month)}
            </Button>
            <Button variant="default" onClick={onPlan} disabled={isBusy}>
              Plan again
            </Button>
            {missing !== undefined && (
              <Text size="sm" c="dimmed" role="status">
                {missing}
              </Text>
            )}
          </Group>
        </Stack>
      </form>
    </Stack>
  );
}

interface Given {
  readonly blockers: number;
  readonly isEarly: boolean;
  readonly isForced: boolean;
  readonly reason: string;
}

/** Why it cannot be closed yet; undefined: it can. */
function missingOf({ blockers, isEarly, isForced, reason }: Given): string | undefined {
  if (blockers > 0)
    return `${countText(blockers)} ${blockers === 1 ? 'thing stands' : 'things stand'} in the way.`;
  if (isEarly && !isForced) return 'It is not due yet.';
  if (isForced && reason.trim() === '') return 'Say why it is closed early.';
  return undefined;
}

interface TopProps {
  readonly of: OneMonth;
  readonly top: NonNullable<Closed['plan']>['top'];
}

const TOP = 10;

function Top({ of, top }: TopProps) {
  const { creator, month } = of;
  const { data } = useTopReferrers(of, TOP);
  if (top.length === 0) return null;
  const names = new Map(data?.items.map(({ memberId, name }) => [memberId, name]));
  return (
    <FigureTable
      label={`The first ten of ${monthText(month)}, as they will be sealed`}
      rows={top}
      rowKey={({ memberId }) => memberId}
      columns={[
        { id: 'rank', head: '#', isExtra: true, cell: ({ rank }) => <Count n={rank} /> },
        {
          id: 'member',
          head: 'Member',
          isTitle: true,
          cell: ({ memberId }) => (
            <MemberName
              creator={creator}
              memberId={memberId}
              name={names.get(memberId) ?? memberId}
              month={month}
            />
          ),
        },
        {
          id: 'total',
          head: 'Total referrals',
          isFigure: true,
          cell: ({ totalReferrals }) => <Count n={totalReferrals} />,
        },
        { id: 'tier', head: 'Tier', cell: ({ tier }) => <Tier name={tier} isPinned={false} /> },
      ]}
    />
  );
}
