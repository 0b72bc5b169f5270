/**
 * Money is an integer in minor units of its own currency; decimals exist only at the edge and are
 * read and written exactly, as text.
 */
import { DomainError } from './domain-error.js';

/**
 * ISO 4217, the active codes by their number of decimals, as of amendment 179 and the euro in
 * Bulgaria. Left out are the X codes that nobody is paid in: metals, bond units, xdr, xsu, xua,
 * the test code and "no currency".
 */
const CODES_BY_EXPONENT: readonly (readonly [exponent: number, codes: string])[] = [
  [0, 'bif clp djf gnf isk jpy kmf krw pyg rwf ugx uyi vnd vuv xaf xof xpf'],
  [
    2,
    `aed afn all amd aoa ars aud awg azn bam bbd bdt bmd bnd bob bov brl bsd btn bwp byn bzd cad
     cdf che chf chw cny cop cou crc cup cve czk dkk dop dzd egp ern etb eur fjd fkp gbp gel ghs
     gip gmd gtq gyd hkd hnl htg huf idr ils inr irr jmd kes kgs khr kpw kyd kzt lak lbp lkr lrd
     lsl mad mdl mga mkd mmk mnt mop mru mur mvr mwk mxn mxv myr mzn nad ngn nio nok npr nzd pab
     pen pgk php pkr pln qar ron rsd rub sar sbd scr sdg sek sgd shp sle sos srd ssp stn svc syp
     szl thb tjs tmt top try ttd twd tzs uah usd usn uyu uzs ved ves wst xad xcd xcg yer zar zmw
     zwg`,
  ],
  [3, 'bhd iqd jod kwd lyd omr tnd'],
  [4, 'clf uyw'],
  // Not ISO: the balance that Whop itself keeps, in cents.
  [2, 'whop_usd'],
];

const exponents: ReadonlyMap<string, number> = new Map(
  CODES_BY_EXPONENT.flatMap(([exponent, codes]) =>
    codes.split(/\s+/).map((code): [string, number] => [code, exponent]),
  ),
);

/** Every listed currency, lower case. */
export const currencies: readonly string[] = [...exponents.keys()].sort();

/** Largest amount of one fact: 10^12 minor units. */
export const LARGEST_MINOR = 1_000_000_000_000n;
const LARGEST_DIGITS = LARGEST_MINOR.toString().length;

/** Whether the ledger knows this currency; codes are lower case inside. */
export const isCurrency = (code: string): boolean => exponents.has(code);

/** The form in which codes are compared: only `A` to `Z` are lowered, no other letter is one of ours. */
export const currencyCode = (text: string): string =>
  text.trim().replace(/[A-Z]+/g, (letters) => letters.toLowerCase());

/** The code as the ledger writes it: lower case, listed. */
export function currencyOf(text: string): string {
  const code = currencyCode(text);
  exponentOf(code);
  return code;
}

/** How many decimals the currency has. */
export function exponentOf(currency: string): number {
  const exponent = exponents.get(currency);
  if (exponent === undefined) {
    throw new DomainError('currency_unknown', `'${clipped(currency)}' is not a listed currency`);
  }
  return exponent;
}

// A number as JSON writes it: amounts arrive as the source text of JSON numbers or in quotes.
// Nobody writes an amount this long; a body may, to keep us busy.
const LONGEST_DECIMAL = 256;
const DECIMAL = /^(-?)(0|[1-9]\d*)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/**
 * The amount in minor units, exact or refused. Zeros at the end say nothing ("100.0" is 100 yen),
 * any other digit beyond the currency's decimals is too precise.
 */
export function minorOf(decimal: string, currency: string): bigint {
  const exponent = exponentOf(currency);
  const match = decimal.length > LONGEST_DECIMAL ? null : DECIMAL.exec(decimal);
  if (match === null) throw refused('amount_malformed', decimal, currency);
  const [, sign = '', whole = '', fraction = '', power = '0'] = match;
  const written = `${whole}${fraction}`.replace(/^0+/, '');
  const digits = written.replace(/0+$/, '');
  if (digits === '') return 0n;
  if (sign === '-') throw refused('amount_negative', decimal, currency);
  // How many zeros follow the digits that count, in minor units; an absurd power is infinite here.
  const zeros = written.length - digits.length - fraction.length + Number(power) + exponent;
  if (digits.length + zeros > LARGEST_DIGITS) throw refused('amount_too_large', decimal, currency);
  if (zeros < 0) throw refused('amount_too_precise', decimal, currency);
  const minor = BigInt(digits + '0'.repeat(zeros));
  if (minor > LARGEST_MINOR) throw refused('amount_too_large', decimal, currency);
  return minor;
}

/** The amount as a decimal with all the decimals of its currency: '49.99', '100' yen, '-0.050' dinar. */
export function decimalOf(minor: bigint, currency: string): string {
  const exponent = exponentOf(currency);
  const sign = minor < 0n ? '-' : '';
  const digits = (minor < 0n ? -minor : minor).toString().padStart(exponent + 1, '0');
  if (exponent === 0) return `${sign}${digits}`;
  return `${sign}${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`;
}

/** `4999` usd is "49.99", `1000` is "10": without superfluous zeros, as tellings give amounts. */
export function plainDecimalOf(minor: bigint, currency: string): string {
  const decimal = decimalOf(minor, currency);
  return decimal.includes('.') ? decimal.replace(/\.?0+$/, '') : decimal;
}

/**
 * Whether two amounts are the same decimal, whatever their currencies: one telling may have had to
 * assume the currency that another names.
 */
export function sameAmount(
  minorA: bigint,
  currencyA: string,
  minorB: bigint,
  currencyB: string,
): boolean {
  const a = minorA * 10n ** BigInt(exponentOf(currencyB));
  const b = minorB * 10n ** BigInt(exponentOf(currencyA));
  return a === b;
}

const SYMBOLS: ReadonlyMap<string, string> = new Map([
  ['usd', '$'],
  ['eur', '€'],
  ['gbp', '£'],
]);

/** The amount for people: '$1,299.91', '-€0.50', '5,000 JPY'. */
export function formatMinor(minor: bigint, currency: string): string {
  const sign = minor < 0n ? '-' : '';
  const [whole = '', fraction] = decimalOf(minor < 0n ? -minor : minor, currency).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  const amount = fraction === undefined ? grouped : `${grouped}.${fraction}`;
  const symbol = SYMBOLS.get(currency);
  if (symbol !== undefined) return `${sign}${symbol}${amount}`;
  return `${sign}${amount} ${currency.toUpperCase()}`;
}

function refused(code: string, decimal: string, currency: string): DomainError {
  return new DomainError(code, `'${clipped(decimal)}' ${currency}`);
}

// What is refused comes from outside and may be a megabyte long.
const clipped = (text: string): string => (text.length > 40 ? `${text.slice(0, 40)}…` : text);
