/** A new token: whose, what for, until when; then the token itself, this once. */
import { Alert, Button, Group, NativeSelect, Stack, Text, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { type MadeToken, makeToken, useReadAgain } from '../../api/settings-reads.js';
import { clockNow } from '../../ui/now.js';
import { Panel } from '../../ui/panel.js';
import { Failed } from '../../ui/states.js';
import { Copied } from './copied.js';
import classes from './settings.module.css';
import { idsOf, isWhole, ROLE_SAYS, type Whose, WhoseFields } from './whose-fields.js';

const ROLES = ['creator', 'member', 'auditor', 'admin', 'cron'] as const;
const DAY_MS = 86_400_000;
const NEVER = '';
const DAYS = [
  { value: '1', label: 'tomorrow' },
  { value: '30', label: 'in 30 days' },
  { value: '90', label: 'in 90 days' },
  { value: '365', label: 'in a year' },
  { value: NEVER, label: 'when somebody ends it' },
];
const DEFAULT_DAYS = '90';
const MAX_LABEL = 100;

export function NewToken({ creator }: { readonly creator: string | undefined }) {
  const first: Whose = { role: 'creator', creatorId: creator ?? '', memberId: '' };
  const [whose, setWhose] = useState<Whose>(first);
  const [days, setDays] = useState(DEFAULT_DAYS);
  const [label, setLabel] = useState('');
  const [made, setMade] = useState<MadeToken>();
  const [error, setError] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const readAgain = useReadAgain(undefined);
  const make = async (): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      const until = days === NEVER ? undefined : clockNow() + Number(days) * DAY_MS;
      const token = await makeToken({
        role: whose.role,
        ...idsOf(whose),
        ...(label.trim() !== '' && { label: label.trim() }),
        ...(until !== undefined && { expiresAt: new Date(until).toISOString() }),
      });
      setMade(token);
      setLabel('');
      await readAgain(null);
    } catch (refusal) {
      setError(refusal);
    } finally {
      setBusy(false);
    }
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void make();
  };
  return (
    <Panel title="New token">
      {made === undefined ? (
        <form onSubmit={submit} aria-label="New token">
          <Stack gap="sm">
            <WhoseFields roles={ROLES} value={whose} onValue={setWhose} />
            <Text size="sm" c="dimmed">
              A token of this role {ROLE_SAYS[whose.role]}.
            </Text>
            <div className={classes.beside}>
              <TextInput
                size="xs"
                w={260}
                label="What for (name no person)"
                maxLength={MAX_LABEL}
                value={label}
                onChange={(event) => setLabel(event.currentTarget.value)}
              />
              <NativeSelect
                size="xs"
                label="It ends"
                value={days}
                data={DAYS}
                onChange={(event) => setDays(event.currentTarget.value)}
              />
            </div>
            {error !== undefined && <Failed error={error} />}
            <Group>
              <Button size="xs" type="submit" loading={isBusy} disabled={!isWhole(whose)}>
                Make the token
              </Button>
            </Group>
          </Stack>
        </form>
      ) : (
        <Stack gap="sm">
          <Alert color="ink" variant="light" role="status" title="Copy it now">
            This is the only time that it is shown. The ledger keeps nothing by which it could be
            found again.
          </Alert>
          <Copied text={made.token} label="the token" />
          <Group>
            <Button size="xs" variant="default" onClick={() => setMade(undefined)}>
              I have it
            </Button>
          </Group>
        </Stack>
      )}
    </Panel>
  );
}
