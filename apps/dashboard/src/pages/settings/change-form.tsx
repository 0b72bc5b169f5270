/** One setting, changed: the value, from when, why; then what that would change; then the change. */
import { Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import {
  changeSettings,
  type SettingsInForce,
  type SettingsOrder,
  useReadAgain,
} from '../../api/settings-reads.js';
import { OrderForm, useOrdering } from './ordering.js';
import { Applied, hasChanges, Plan } from './plan.js';
import { CurrencyField, GraceField, RatesFields, ZoneField } from './setting-fields.js';
import classes from './settings.module.css';
import { type GeneralSetting, SETTINGS } from './values.js';
import { FromDay, FromMonth, MAX_REASON } from './when.js';

export interface ChangeFormProps {
  readonly creator: string;
  readonly setting: GeneralSetting;
  readonly settings: SettingsInForce;
  readonly timeZone: string;
  readonly onClose: () => void;
}

const FIELDS = {
  rates: RatesFields,
  timeZone: ZoneField,
  graceHours: GraceField,
  currency: CurrencyField,
} as const;

export function ChangeForm({ creator, setting, settings, timeZone, onClose }: ChangeFormProps) {
  const [value, setValue] = useState<SettingsOrder | undefined>();
  const [effectiveAt, setEffectiveAt] = useState<string>();
  const [reason, setReason] = useState('');
  const readAgain = useReadAgain(creator);
  const order = {
    ...value,
    ...(effectiveAt !== undefined && { effectiveAt }),
    ...(reason.trim() !== '' && { reason: reason.trim() }),
  };
  const ordering = useOrdering({
    send: (dryRun) => changeSettings(creator, { ...order, dryRun }),
    onDone: ({ position }) => readAgain(position),
    meant: JSON.stringify(order),
  });
  const Field = FIELDS[setting];
  const isZone = setting === 'timeZone';
  return (
    <OrderForm
      label={`Change ${SETTINGS[setting].name}`}
      ordering={ordering}
      isComplete={value !== undefined && effectiveAt !== ''}
      plan={(changed) => <Plan changed={changed} />}
      changes={hasChanges}
      apply={`Change ${SETTINGS[setting].name.toLowerCase()}`}
      done={(changed) => <Applied changed={changed} />}
      onClose={onClose}
    >
      <Field settings={settings} onValue={setValue} />
      {isZone ? (
        <FromMonth timeZone={timeZone} onChange={setEffectiveAt} />
      ) : (
        <FromDay onChange={setEffectiveAt} />
      )}
      {isZone && <WhatAZoneMeans />}
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

const WhatAZoneMeans = () => (
  <Text size="sm" className={classes.plan}>
    A time zone begins with a month that lies ahead in the old zone and in the new one, at that
    month’s first instant in the new zone. The month before ends where it begins, so it may be some
    hours longer or shorter. Months and days that were booked stay as they are; closed months are
    not touched.
  </Text>
);
