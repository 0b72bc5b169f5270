/** A setting's value as people read it, and as the options take it. */

interface Rates {
  readonly memberBps: number;
  readonly creatorBps: number;
  readonly platformBps: number;
}
interface Tier {
  readonly name: string;
  readonly from: number;
}
export type SettingValue = string | number | Rates | readonly Tier[] | null;

/** `1000/7000/2000`, `Bronze=5,Silver=10`, `Europe/Lisbon`. */
export function settingText(value: SettingValue): string {
  if (value === null) return '—';
  if (typeof value !== 'object') return String(value);
  if ('memberBps' in value) return `${value.memberBps}/${value.creatorBps}/${value.platformBps}`;
  return value.map(({ name, from }) => `${name}=${from}`).join(',');
}
