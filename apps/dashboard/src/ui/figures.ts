/** Figures as text: whole minor units and counts, never through a float; negatives with a real minus. */

const MINUS = '\u2212';
const LOCALE = 'en-US';
/** Groups of digits in counts are set apart by a thin space that does not break. */
const GROUP = '\u202f';

const formats = new Map<string, Intl.NumberFormat>();

function formatOf(currency: string): Intl.NumberFormat {
  const known = formats.get(currency);
  if (known !== undefined) return known;
  const made = new Intl.NumberFormat(LOCALE, { style: 'currency', currency });
  formats.set(currency, made);
  return made;
}

/** `$99.91`, `−€4.99`; with the currency's decimals (ISO 4217), exactly. */
export function moneyText(minor: number, currency: string): string {
  const format = formatOf(currency);
  const decimals = format.resolvedOptions().maximumFractionDigits ?? 0;
  const digits = String(Math.abs(minor)).padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals);
  const text = decimals === 0 ? whole : `${whole}.${digits.slice(-decimals)}`;
  const amount = format.format(text as Intl.StringNumericLiteral);
  return minor < 0 ? `${MINUS}${amount}` : amount;
}

/** `1 204`, `−3`. */
export function countText(count: number): string {
  const digits = String(Math.abs(count)).replaceAll(/\B(?=(\d{3})+(?!\d))/g, GROUP);
  return count < 0 ? `${MINUS}${digits}` : digits;
}

/** `+3`, `−3`, `0`: for differences. */
export const signedText = (count: number): string =>
  count > 0 ? `+${countText(count)}` : countText(count);

/** `+37.5 %` of what was before; undefined where there was nothing. */
export function changeText(now: number, before: number): string | undefined {
  if (before <= 0) return undefined;
  const permille = Math.round(((now - before) * 1000) / before);
  const text = `${countText(Math.floor(Math.abs(permille) / 10))}.${Math.abs(permille) % 10} %`;
  return permille === 0 ? text : `${permille < 0 ? MINUS : '+'}${text}`;
}
