/** Figures as text: whole minor units and counts, never through a float; negatives with a real minus. */
// The one import from the ledger: a page must not have an opinion of its own about decimals, and
// Intl has one (0 for huf and iqd, where ISO 4217 says 2 and 3). The file is pure and small.
import { decimalOf, exponentOf } from '../../../../libs/ledger/src/values/money.js';

const MINUS = '\u2212';
const LOCALE = 'en-US';
/** Groups of digits in counts are set apart by a thin space that does not break. */
const GROUP = '\u202f';

const formats = new Map<string, Intl.NumberFormat>();

/** Of ISO 4217; what Intl can name. */
const isIso = (currency: string): boolean => /^[a-z]{3}$/i.test(currency);

function formatOf(currency: string): Intl.NumberFormat {
  const known = formats.get(currency);
  if (known !== undefined) return known;
  const decimals = exponentOf(currency);
  const made = new Intl.NumberFormat(LOCALE, {
    ...(isIso(currency) && { style: 'currency', currency }),
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  });
  formats.set(currency, made);
  return made;
}

/**
 * `$99.91`, `−€4.99`, `12.00 WHOP_USD`; with the decimals that the ledger gives the currency,
 * exactly. Throws `currency_unknown` for one that the ledger does not list: no figure is guessed.
 */
export function moneyText(minor: number, currency: string): string {
  const decimal = decimalOf(BigInt(Math.abs(minor)), currency);
  const number = formatOf(currency).format(decimal as Intl.StringNumericLiteral);
  const amount = isIso(currency) ? number : `${number}\u00a0${currency.toUpperCase()}`;
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
