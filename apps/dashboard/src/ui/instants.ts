/** Instants as people read them, in the creator's zone; never without saying in which. */
const LOCALE = 'en-US';

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${timeZone} ${JSON.stringify(options)}`;
  const known = formats.get(key);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat(LOCALE, { timeZone, ...options });
  formats.set(key, made);
  return made;
}

const DATE = { month: 'short', day: 'numeric', year: 'numeric' } as const;
const TIME = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' } as const;

/** Oct 25, 2025 */
export const dateText = (iso: string, timeZone: string): string =>
  formatOf(timeZone, DATE).format(new Date(iso));

/** Oct 25, 2025, 21:14:07 */
export const timeText = (iso: string, timeZone: string): string =>
  formatOf(timeZone, { ...DATE, ...TIME }).format(new Date(iso));

/** 21:14:07 */
export const clockOfText = (iso: string, timeZone: string): string =>
  formatOf(timeZone, TIME).format(new Date(iso));

/** Oct 25, 2025, 21:14:07 EDT */
export const zonedText = (iso: string, timeZone: string): string =>
  formatOf(timeZone, { ...DATE, ...TIME, timeZoneName: 'short' }).format(new Date(iso));

/** Oct 25, 2025, 21:14:07 EDT (2025-10-26T01:14:07Z) */
export function wholeText(iso: string, timeZone: string): string {
  const local = formatOf(timeZone, { ...DATE, ...TIME, timeZoneName: 'short' });
  const utc = new Date(iso).toISOString().replace('.000Z', 'Z');
  return `${local.format(new Date(iso))} (${utc})`;
}

/** 14:07:31 by this computer’s clock: whose it is is said, for no creator's zone is meant. */
export const clockText = (at: number): string =>
  `${new Intl.DateTimeFormat(LOCALE, TIME).format(new Date(at))} by this computer’s clock`;
