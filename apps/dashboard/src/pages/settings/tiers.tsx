/** What members are called: the thresholds with their days, and whom an admin has pinned. */
import { Button, Stack, Text, TextInput } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { useMe } from '../../api/session.js';
import {
  changeSettings,
  type SettingsInForce,
  useReadAgain,
  useSettings,
} from '../../api/settings-reads.js';
import { Panel } from '../../ui/panel.js';
import { Answer, Loading } from '../../ui/states.js';
import { InForce } from './general.js';
import { OrderForm, useOrdering } from './ordering.js';
import { Pins } from './pins.js';
import { Applied, hasChanges, Plan } from './plan.js';
import { mayOrder } from './sections.js';
import classes from './settings.module.css';
import { SETTINGS } from './values.js';
import { FromDay, MAX_REASON } from './when.js';

const route = getRouteApi('/house/settings/$section');

export function Tiers({ creator }: { readonly creator: string }) {
  const read = useSettings(creator);
  const { change } = route.useSearch();
  const navigate = route.useNavigate();
  const isAdmin = mayOrder(useMe());
  const open = (tiers: 'tiers' | undefined): void =>
    void navigate({ search: (old) => ({ ...old, change: tiers }), replace: true });
  return (
    <Stack gap="md">
      <Panel
        title="Thresholds"
        aside={
          isAdmin &&
          change !== 'tiers' && (
            <Button size="xs" variant="default" onClick={() => open('tiers')}>
              Change…<span className="spoken"> the thresholds</span>
            </Button>
          )
        }
      >
        <Text size="sm" c="dimmed" mb="xs">
          {SETTINGS.tiers.decides} Below the first a member is Unranked. Those in force at the end
          of a month are that month’s.
        </Text>
        <Answer of={read} loading={<Loading lines={3} height={28} />}>
          {({ settings, timeZone }) => (
            <>
              <InForce of={settings} setting="tiers" timeZone={timeZone} />
              {isAdmin && change === 'tiers' && (
                <TiersForm creator={creator} settings={settings} onClose={() => open(undefined)} />
              )}
            </>
          )}
        </Answer>
      </Panel>
      <Pins
        creator={creator}
        tiers={read.data?.settings.tiers.inForce.map(({ name }) => name) ?? []}
      />
    </Stack>
  );
}

interface TiersFormProps {
  readonly creator: string;
  readonly settings: SettingsInForce;
  readonly onClose: () => void;
}

interface Typed {
  readonly id: number;
  readonly name: string;
  readonly from: string;
}

function TiersForm({ creator, settings, onClose }: TiersFormProps) {
  const [rows, setRows] = useState<readonly Typed[]>(
    settings.tiers.inForce.map(({ name, from }, id) => ({ id, name, from: String(from) })),
  );
  const [effectiveAt, setEffectiveAt] = useState<string>();
  const [reason, setReason] = useState('');
  const readAgain = useReadAgain(creator);
  const tiers = rows.map(({ name, from }) => ({ name: name.trim(), from: Number(from) }));
  const order = {
    tiers,
    ...(effectiveAt !== undefined && { effectiveAt }),
    ...(reason.trim() !== '' && { reason: reason.trim() }),
  };
  const ordering = useOrdering({
    send: (dryRun) => changeSettings(creator, { ...order, dryRun }),
    onDone: ({ position }) => readAgain(position),
    meant: JSON.stringify(order),
  });
  const isComplete =
    rows.length > 0 &&
    effectiveAt !== '' &&
    rows.every(({ name, from }) => name.trim() !== '' && /^[1-9]\d{0,8}$/.test(from.trim()));
  return (
    <OrderForm
      label="Change the thresholds"
      ordering={ordering}
      isComplete={isComplete}
      plan={(changed) => <Plan changed={changed} />}
      changes={hasChanges}
      apply="Change tiers"
      done={(changed) => <Applied changed={changed} />}
      onClose={onClose}
    >
      <TierRows rows={rows} onRows={setRows} />
      <FromDay onChange={setEffectiveAt} />
      <TextInput
        size="xs"
        label="Reason"
        description="Optional. Kept in the log for ever: name no person."
        maxLength={MAX_REASON}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
    </OrderForm>
  );
}

interface TierRowsProps {
  readonly rows: readonly Typed[];
  readonly onRows: (rows: readonly Typed[]) => void;
}

/** From the lowest to the highest. */
function TierRows({ rows, onRows }: TierRowsProps) {
  const type = (id: number, changes: Partial<Typed>): void =>
    onRows(rows.map((row) => (row.id === id ? { ...row, ...changes } : row)));
  const add = (): void =>
    onRows([...rows, { id: Math.max(-1, ...rows.map(({ id }) => id)) + 1, name: '', from: '' }]);
  return (
    <>
      {rows.map(({ id, name, from }, n) => (
        <div key={id} className={classes.beside}>
          <TextInput
            size="xs"
            w={150}
            label="Tier"
            maxLength={40}
            value={name}
            onChange={(event) => type(id, { name: event.currentTarget.value })}
          />
          <TextInput
            size="xs"
            w={110}
            label="From referrals"
            inputMode="numeric"
            value={from}
            onChange={(event) => type(id, { from: event.currentTarget.value.trim() })}
          />
          <Button
            size="xs"
            variant="subtle"
            color="gray"
            disabled={rows.length === 1}
            onClick={() => onRows(rows.filter((row) => row.id !== id))}
          >
            Remove<span className="spoken"> {name === '' ? `tier ${n + 1}` : name}</span>
          </Button>
        </div>
      ))}
      <div>
        <Button size="xs" variant="default" onClick={add}>
          Add a tier
        </Button>
      </div>
    </>
  );
}
