/** Months and days as the ledger writes them, YYYY-MM and YYYY-MM-DD, and as people read them. */
const LOCALE = 'en-US';
/** Calendar dates have no zone: they are read and written as if everywhere were UTC. */
const UTC = { timeZone: 'UTC' } as const;

const longMonth = new Intl.DateTimeFormat(LOCALE, { month: 'long', year: 'numeric', ...UTC });
const shortMonth = new Intl.DateTimeFormat(LOCALE, { month: 'short', year: 'numeric', ...UTC });
const monthName = new Intl.DateTimeFormat(LOCALE, { month: 'long', ...UTC });
const dayOfMonth = new Intl.DateTimeFormat(LOCALE, { month: 'short', day: 'numeric', ...UTC });
const wholeDay = new Intl.DateTimeFormat(LOCALE, {
  ...{ month: 'short', day: 'numeric', year: 'numeric' },
  ...UTC,
});

/** The months that the ledger knows: 1970-01 to 2199-12. */
const MONTH = /^(19[7-9]\d|2[01]\d\d)-(0[1-9]|1[0-2])$/;
export const isMonth = (text: unknown): text is string =>
  typeof text === 'string' && MONTH.test(text);

/** A month or day without a time is read as UTC (ECMA-262, Date Time String Format). */
const dateOf = (text: string): Date => new Date(text);

/** October 2025 */
export const monthText = (month: string): string => longMonth.format(dateOf(month));
/** Oct 2025 */
export const shortMonthText = (month: string): string => shortMonth.format(dateOf(month));
/** October */
export const monthNameText = (month: string): string => monthName.format(dateOf(month));
/** Oct 25 */
export const shortDayText = (day: string): string => dayOfMonth.format(dateOf(day));
/** Oct 25, 2025 */
export const dayText = (day: string): string => wholeDay.format(dateOf(day));

export function addMonths(month: string, n: number): string {
  const [year = 0, number = 1] = month.split('-').map(Number);
  const months = year * 12 + number - 1 + n;
  return `${String(Math.floor(months / 12)).padStart(4, '0')}-${String((months % 12) + 1).padStart(2, '0')}`;
}

/** How many months lie between them; negative when `to` is earlier. */
export function monthsBetween(from: string, to: string): number {
  const [fromYear = 0, fromMonth = 1] = from.split('-').map(Number);
  const [toYear = 0, toMonth = 1] = to.split('-').map(Number);
  return (toYear - fromYear) * 12 + toMonth - fromMonth;
}

export const daysInMonth = (month: string): number => {
  const next = dateOf(addMonths(month, 1));
  return Math.round((next.getTime() - dateOf(month).getTime()) / 86_400_000);
};

/** The local day of an instant, YYYY-MM-DD. */
export function dayIn(timeZone: string, instant: Date): string {
  // Swedish writes dates as ISO does.
  return new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' }).format(instant);
}

export const monthIn = (timeZone: string, instant: Date): string =>
  dayIn(timeZone, instant).slice(0, 7);
