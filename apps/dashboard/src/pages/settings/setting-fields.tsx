/** The fields of each setting: what is typed becomes an order, or nothing while it is none. */
import { Text, TextInput } from '@mantine/core';
import { useId, useState } from 'react';
import type { SettingsInForce, SettingsOrder } from '../../api/settings-reads.js';
import { bpsOf, percentOf, percentText } from '../../ui/rates.js';
import classes from './settings.module.css';
import { hoursText } from './values.js';

interface FieldProps {
  readonly settings: SettingsInForce;
  readonly onValue: (value: SettingsOrder | undefined) => void;
}

const SHARES = [
  ['memberBps', 'Member, %'],
  ['creatorBps', 'Creator, %'],
  ['platformBps', 'Platform, %'],
] as const;
type Share = (typeof SHARES)[number][0];
const WHOLE = 10_000;

export function RatesFields({ settings, onValue }: FieldProps) {
  const { inForce } = settings.rates;
  const [typed, setTyped] = useState<Readonly<Record<Share, string>>>({
    memberBps: percentOf(inForce.memberBps),
    creatorBps: percentOf(inForce.creatorBps),
    platformBps: percentOf(inForce.platformBps),
  });
  const read = (from: Readonly<Record<Share, string>>) => {
    const parts = SHARES.map(([share]) => bpsOf(from[share]));
    const isRead = parts.every((part) => part !== undefined);
    return { isRead, sum: parts.reduce<number>((all, part) => all + (part ?? 0), 0) };
  };
  const { isRead, sum } = read(typed);
  const type = (share: Share, text: string): void => {
    const next = { ...typed, [share]: text };
    setTyped(next);
    const [memberBps, creatorBps, platformBps] = SHARES.map(([one]) => bpsOf(next[one]));
    const isWhole =
      memberBps !== undefined && creatorBps !== undefined && platformBps !== undefined;
    onValue(
      isWhole && read(next).sum === WHOLE
        ? { rates: { memberBps, creatorBps, platformBps } }
        : undefined,
    );
  };
  return (
    <div>
      <div className={classes.beside}>
        {SHARES.map(([share, name]) => (
          <TextInput
            key={share}
            size="xs"
            w={110}
            label={name}
            inputMode="decimal"
            value={typed[share]}
            error={bpsOf(typed[share]) === undefined}
            onChange={(event) => type(share, event.currentTarget.value)}
          />
        ))}
      </div>
      <Text size="sm" mt={6} c={isRead && sum === WHOLE ? 'dimmed' : 'red'} role="status">
        {!isRead
          ? 'Each is a percentage with at most two decimals.'
          : sum === WHOLE
            ? 'Together 100 %.'
            : `Together ${percentText(sum)}: they must be 100 %.`}
      </Text>
    </div>
  );
}

export function ZoneField({ settings, onValue }: FieldProps) {
  const list = useId();
  const [zone, setZone] = useState<string>(settings.timeZone.inForce);
  return (
    <>
      <TextInput
        size="xs"
        maw={320}
        label="Time zone"
        description="A name of the IANA database, such as Europe/Lisbon."
        list={list}
        autoComplete="off"
        value={zone}
        onChange={(event) => {
          const text = event.currentTarget.value;
          setZone(text);
          onValue(text.trim() === '' ? undefined : { timeZone: text.trim() });
        }}
      />
      <datalist id={list}>
        {Intl.supportedValuesOf('timeZone').map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </>
  );
}

const MAX_GRACE = 744;

export function GraceField({ settings, onValue }: FieldProps) {
  const [typed, setTyped] = useState(String(settings.graceHours.inForce));
  const hours = hoursOf(typed);
  return (
    <TextInput
      size="xs"
      maw={220}
      label="Hours"
      inputMode="numeric"
      description={hours === undefined ? `0 to ${MAX_GRACE}` : hoursText(hours)}
      error={hours === undefined}
      value={typed}
      onChange={(event) => {
        const text = event.currentTarget.value;
        const graceHours = hoursOf(text);
        setTyped(text);
        onValue(graceHours === undefined ? undefined : { graceHours });
      }}
    />
  );
}

const hoursOf = (text: string): number | undefined => {
  const hours = /^\d{1,3}$/.test(text.trim()) ? Number(text) : undefined;
  return hours !== undefined && hours <= MAX_GRACE ? hours : undefined;
};

export function CurrencyField({ settings, onValue }: FieldProps) {
  const [currency, setCurrency] = useState<string>(settings.currency.inForce);
  return (
    <TextInput
      size="xs"
      maw={220}
      label="Currency"
      description="A listed ISO 4217 code such as eur."
      value={currency}
      onChange={(event) => {
        const text = event.currentTarget.value;
        setCurrency(text);
        const code = text.trim().toLowerCase();
        onValue(code === '' ? undefined : { currency: code });
      }}
    />
  );
}
