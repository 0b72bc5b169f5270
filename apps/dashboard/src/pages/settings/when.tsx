/** From when a setting applies: from now, from a local day to come, or from a month to come. */
import { NativeSelect, SegmentedControl, TextInput } from '@mantine/core';
import { useState } from 'react';
import { addMonths, monthIn, monthText } from '../../ui/months.js';
import { now } from '../../ui/now.js';
import classes from './settings.module.css';

/** Longer ones are refused by the interface. */
export const MAX_REASON = 500;
const MONTHS_AHEAD = 12;

interface WhenProps {
  /** Undefined: from now; empty: it is not said yet. */
  readonly onChange: (effectiveAt: string | undefined) => void;
}

export function FromDay({ onChange }: WhenProps) {
  const [isNow, setNow] = useState(true);
  return (
    <div className={classes.beside}>
      <SegmentedControl
        size="xs"
        aria-label="From when"
        value={isNow ? 'now' : 'day'}
        data={[
          { value: 'now', label: 'From now' },
          { value: 'day', label: 'From a day' },
        ]}
        onChange={(value) => {
          setNow(value === 'now');
          onChange(value === 'now' ? undefined : '');
        }}
      />
      {!isNow && (
        <TextInput
          size="xs"
          type="date"
          label="First day, in the creator’s zone"
          required
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      )}
    </div>
  );
}

export function FromMonth({ timeZone, onChange }: WhenProps & { readonly timeZone: string }) {
  const current = monthIn(timeZone, now());
  const months = Array.from({ length: MONTHS_AHEAD }, (_, n) => addMonths(current, n + 1));
  return (
    <NativeSelect
      size="xs"
      w={220}
      label="From the beginning of"
      data={[
        { value: '', label: 'the next month that can be' },
        ...months.map((month) => ({ value: `${month}-01`, label: monthText(month) })),
      ]}
      onChange={(event) => onChange(event.currentTarget.value || undefined)}
    />
  );
}
