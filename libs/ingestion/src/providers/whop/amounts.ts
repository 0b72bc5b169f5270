/**
 * Reads the provider's amounts: a JSON number, a numeric string or a Money object, in major units.
 * Never rounded, never computed with: a number is taken by its shortest decimal form, as text.
 */
import { currencyCode, DomainError, isCurrency, LARGEST_MINOR, minorOf } from '#libs/ledger';
import { objectOf } from './body.js';

export interface ToldAmount {
  /** Without sign, exponent or superfluous zeros. */
  readonly decimal: string;
  /** Lower case; null where none was told: the creator's setting decides. */
  readonly currency: string | null;
}

const LONGEST_AMOUNT = 64;
const DECIMAL = /^(-?)(0|[1-9]\d*)(?:\.(\d+))?$/;

/**
 * @param value what the amount's field holds
 * @param besides the currency told beside it; that of a Money object wins
 * @throws DomainError `amount_missing`, `amount_malformed`, `amount_negative`, `amount_too_precise`,
 *   `amount_too_large`, `currency_unknown`
 */
export function amountOf(value: unknown, besides: unknown): ToldAmount {
  const money = objectOf(value);
  const decimal = decimalOf(money === undefined ? value : money.amount);
  const currency = currencyOf(money?.currency) ?? currencyOf(besides) ?? null;
  // The ledger's own reading decides whether the decimal fits the currency.
  if (currency !== null) minorOf(decimal, currency);
  return { decimal, currency };
}

/** The currency of an amount that moves nothing: an unlisted one is as if absent. */
export function idleCurrencyOf(value: unknown, besides: unknown): string | undefined {
  try {
    return currencyOf(objectOf(value)?.currency) ?? currencyOf(besides);
  } catch {
    return undefined;
  }
}

function decimalOf(value: unknown): string {
  if (value === undefined || value === null || value === '')
    throw new DomainError('amount_missing', 'no amount is told');
  if (typeof value !== 'number' && typeof value !== 'string')
    throw new DomainError('amount_malformed', `the amount is a ${typeof value}`);
  const text = String(value);
  const parts = text.length > LONGEST_AMOUNT ? null : DECIMAL.exec(text);
  if (parts === null)
    throw new DomainError('amount_malformed', `the amount is not a decimal: ${text.slice(0, 40)}`);
  const whole = parts[2] ?? '0';
  const fraction = (parts[3] ?? '').replace(/0+$/, '');
  const decimal = fraction === '' ? whole : `${whole}.${fraction}`;
  if (parts[1] === '-' && decimal !== '0')
    throw new DomainError('amount_negative', `the amount is negative: ${text}`);
  // Holds where no currency is known: no minor unit is larger than the major one.
  if (BigInt(whole) > LARGEST_MINOR)
    throw new DomainError('amount_too_large', `the amount is too large: ${text}`);
  return decimal;
}

function currencyOf(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string')
    throw new DomainError('currency_unknown', 'the currency is no text');
  const currency = currencyCode(value);
  if (currency === '') return undefined;
  if (!isCurrency(currency))
    throw new DomainError('currency_unknown', `the currency is unlisted: ${currency.slice(0, 40)}`);
  return currency;
}
