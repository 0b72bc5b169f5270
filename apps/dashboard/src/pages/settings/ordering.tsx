/** An order in three steps: what is meant, what it would change, and that it is done. Never at once. */
import { Alert, Button, Group, Stack } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { Failed } from '../../ui/states.js';
import classes from './settings.module.css';

export interface Ordering<Answer> {
  readonly planned: Answer | undefined;
  readonly done: Answer | undefined;
  readonly error: unknown;
  readonly isBusy: boolean;
  readonly plan: () => Promise<void>;
  readonly apply: () => Promise<void>;
}

interface Order<Answer> {
  /** Asked with true for what it would change, and with false to do it. */
  readonly send: (dryRun: boolean) => Promise<Answer>;
  readonly onDone: (answer: Answer) => Promise<void>;
  /** What is meant, as a text: another meaning is another plan. */
  readonly meant: string;
}

export function useOrdering<Answer>({ send, onDone, meant }: Order<Answer>): Ordering<Answer> {
  const [plan, setPlan] = useState<{ readonly meant: string; readonly answer: Answer }>();
  const [done, setDone] = useState<Answer>();
  const [failure, setFailure] = useState<{ readonly meant: string; readonly error: unknown }>();
  const [isBusy, setBusy] = useState(false);
  const attempt = async (step: () => Promise<void>): Promise<void> => {
    setBusy(true);
    setFailure(undefined);
    try {
      await step();
    } catch (error) {
      setFailure({ meant, error });
    } finally {
      setBusy(false);
    }
  };
  return {
    planned: plan?.meant === meant ? plan.answer : undefined,
    done,
    error: failure?.meant === meant ? failure.error : undefined,
    isBusy,
    plan: () => attempt(async () => setPlan({ meant, answer: await send(true) })),
    apply: () =>
      attempt(async () => {
        const answer = await send(false);
        setDone(answer);
        await onDone(answer);
      }),
  };
}

interface OrderFormProps<Answer> {
  /** Says what is ordered, for who cannot see the heading. */
  readonly label: string;
  readonly ordering: Ordering<Answer>;
  /** What is meant, and for as long as nothing is planned. */
  readonly children: ReactNode;
  readonly isComplete: boolean;
  readonly plan: (answer: Answer) => ReactNode;
  /** It would change something: only then it can be applied. */
  readonly changes: (answer: Answer) => boolean;
  readonly apply: string;
  readonly done: (answer: Answer) => ReactNode;
  readonly onClose: () => void;
}

export function OrderForm<Answer>(props: OrderFormProps<Answer>) {
  const { label, ordering, children, isComplete, plan, changes, apply, done, onClose } = props;
  const { planned, error, isBusy } = ordering;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (planned === undefined) void ordering.plan();
    else if (changes(planned)) void ordering.apply();
  };
  if (ordering.done !== undefined)
    return (
      <Stack className={classes.form} gap="sm">
        <Alert color="green" variant="light" role="status">
          {done(ordering.done)}
        </Alert>
        <Group>
          <Button size="xs" variant="default" onClick={onClose}>
            Close
          </Button>
        </Group>
      </Stack>
    );
  return (
    <form className={classes.form} onSubmit={submit} aria-label={label}>
      <Stack gap="sm">
        <fieldset className={classes.fields} disabled={isBusy}>
          {children}
        </fieldset>
        {planned !== undefined && (
          <section className={classes.plan} aria-label="What would change">
            {plan(planned)}
          </section>
        )}
        {error !== undefined && <Failed error={error} />}
        <Group gap="xs">
          {planned === undefined ? (
            <Button size="xs" type="submit" loading={isBusy} disabled={!isComplete}>
              Show what would change
            </Button>
          ) : (
            <Button size="xs" type="submit" loading={isBusy} disabled={!changes(planned)}>
              {apply}
            </Button>
          )}
          <Button size="xs" variant="default" onClick={onClose} disabled={isBusy}>
            Cancel
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
