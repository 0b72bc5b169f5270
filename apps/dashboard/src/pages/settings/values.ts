/** Settings as people read them: what each is called, what it decides, and its values as text. */
import type { SettingName, SettingsInForce } from '../../api/settings-reads.js';
import { percentText } from '../../ui/rates.js';

type Rates = SettingsInForce['rates']['inForce'];
type Tiers = SettingsInForce['tiers']['inForce'];

interface Told {
  readonly name: string;
  readonly decides: string;
}

export const SETTINGS: Readonly<Record<SettingName, Told>> = {
  timeZone: {
    name: 'Time zone',
    decides: 'Which month and which day something belongs to.',
  },
  rates: {
    name: 'Rates',
    decides: 'How a sale to a referred member is shared, by when it was paid.',
  },
  graceHours: {
    name: 'Grace',
    decides: 'How long a month that has ended waits for late deliveries before it may be closed.',
  },
  currency: {
    name: 'Currency',
    decides: 'What a payment is in that names none, and what figures are shown in.',
  },
  tiers: { name: 'Tiers', decides: 'What a member is called, by total referrals.' },
};

/** Of the page of general settings; tiers have their own. */
export const GENERAL = ['timeZone', 'rates', 'graceHours', 'currency'] as const;
export type GeneralSetting = (typeof GENERAL)[number];

const isRates = (value: object): value is Rates => 'memberBps' in value;

/** What a setting is, in a line. */
export function valueText(setting: SettingName | null, value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (setting === 'graceHours') return hoursText(Number(value));
  if (setting === 'currency') return String(value).toUpperCase();
  if (Array.isArray(value))
    return (value as Tiers).map(({ name, from }) => `${name} from ${from}`).join(', ');
  if (typeof value === 'object' && isRates(value)) return ratesText(value);
  return String(value);
}

const ratesText = ({ memberBps, creatorBps, platformBps }: Rates): string =>
  `${percentText(memberBps)} member, ${percentText(creatorBps)} creator, ${percentText(platformBps)} platform`;

/** 72 hours, 3 days */
export function hoursText(hours: number): string {
  const days = hours / 24;
  const inDays = days >= 1 && Number.isInteger(days) ? `, ${counted(days, 'day')}` : '';
  return `${counted(hours, 'hour')}${inDays}`;
}

const counted = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;
