/** What must hold before a month is sealed, each with its picture and its word, and the way out of what does not. */
import { Button, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import type { Schemas } from '../../api/client.js';
import { excludeDelivery } from '../../api/month-reads.js';
import { AlertIcon, CheckIcon, ClockIcon, CloseIcon } from '../../ui/icons.js';
import { PageLink } from '../../ui/page-link.js';
import { Failed } from '../../ui/states.js';
import { REASON_LENGTH } from '../ops/reason.js';
import classes from './months.module.css';

export type Blocker = Schemas['BlockerDto'];

const STATES = {
  holds: { word: 'holds', Icon: CheckIcon },
  early: { word: 'too early, can be forced', Icon: ClockIcon },
  stands: { word: 'in the way', Icon: CloseIcon },
  look: { word: 'worth a look', Icon: AlertIcon },
} as const;

interface CheckProps {
  readonly state: keyof typeof STATES;
  readonly says: ReactNode;
  readonly children?: ReactNode;
}

export function Check({ state, says, children }: CheckProps) {
  const { word, Icon } = STATES[state];
  return (
    <li className={classes.check}>
      <span className={classes.mark} data-state={state}>
        <Icon size={16} />
      </span>
      <span className={classes.said}>
        {says} <span className={classes.word}>· {word}</span>
      </span>
      {children}
    </li>
  );
}

const sentence = (says: string): string => says.charAt(0).toUpperCase() + says.slice(1);

interface ObstaclesProps {
  readonly blockers: readonly Blocker[];
  readonly warnings: readonly string[];
  /** Something was taken out of the way. */
  readonly onChange: () => void;
}

export function Obstacles({ blockers, warnings, onChange }: ObstaclesProps) {
  const of = (kind: Blocker['kind']) => blockers.filter((one) => one.kind === kind);
  const [checks, deliveries] = [of('check'), of('delivery')];
  return (
    <>
      {checks.length === 0 && <Check state="holds" says="The checks hold" />}
      {checks.map((one) => (
        <Check key={one.code} state="stands" says={sentence(one.says)}>
          <div className={classes.way}>
            <span className={classes.word}>{one.next}</span>
            <PageLink
              to="/ops/checks/$check"
              params={{ check: one.code }}
              size="sm"
              inherit={false}
            >
              The check
            </PageLink>
          </div>
        </Check>
      ))}
      {deliveries.length === 0 && (
        <Check state="holds" says="No delivery of this month is parked or in quarantine" />
      )}
      {deliveries.map((one) => (
        <Delivery key={one.delivery ?? one.code} blocker={one} onChange={onChange} />
      ))}
      {warnings.map((says) => (
        <Check key={says} state="look" says={sentence(says)} />
      ))}
    </>
  );
}

/** What was asked for is where one is. */
const focused = (field: HTMLInputElement | null): void => field?.focus();

interface DeliveryProps {
  readonly blocker: Blocker;
  readonly onChange: () => void;
}

/** Looked at, or set aside with a reason; redriving it takes that back. */
function Delivery({ blocker: { says, next, delivery }, onChange }: DeliveryProps) {
  const [isAsking, setAsking] = useState(false);
  const [reason, setReason] = useState('');
  const exclude = useMutation({
    mutationFn: (id: string) => excludeDelivery(id, reason.trim()),
    onSuccess: onChange,
  });
  return (
    <Check state="stands" says={sentence(says)}>
      <div className={classes.way}>
        {delivery === null ? (
          <PageLink to="/ops/quarantine" size="sm" inherit={false}>
            All of them
          </PageLink>
        ) : isAsking ? (
          <form
            className={classes.way}
            onSubmit={(event) => {
              event.preventDefault();
              if (reason.trim() !== '') exclude.mutate(delivery);
            }}
          >
            <TextInput
              size="xs"
              label={`Why delivery ${delivery} does not count`}
              description="It is kept for ever: name no person."
              value={reason}
              onChange={(event) => setReason(event.currentTarget.value)}
              required
              maxLength={REASON_LENGTH}
              ref={focused}
            />
            <Button
              type="submit"
              size="xs"
              disabled={reason.trim() === ''}
              loading={exclude.isPending}
            >
              Exclude it
            </Button>
            <Button size="xs" variant="subtle" color="gray" onClick={() => setAsking(false)}>
              Cancel
            </Button>
          </form>
        ) : (
          <>
            <span className={classes.word}>{next}</span>
            <PageLink
              to="/ops/quarantine/$delivery"
              params={{ delivery }}
              size="sm"
              inherit={false}
            >
              Look at it
            </PageLink>
            <Button size="compact-xs" variant="default" onClick={() => setAsking(true)}>
              Exclude {delivery}…
            </Button>
          </>
        )}
      </div>
      {exclude.error !== null && (
        <div className={classes.way}>
          <Failed error={exclude.error} />
        </div>
      )}
    </Check>
  );
}
