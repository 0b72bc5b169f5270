/**
 * CSV as RFC 4180 has it, in UTF-8 with a header row, safe to open in a spreadsheet: a text that a
 * spreadsheet would take for a formula begins with an apostrophe (OWASP, "CSV Injection"), also behind
 * what it may take for the end of a cell. Numbers
 * stay numbers, negative ones too. Control characters, which colour a terminal or hide what follows,
 * are shown as U+FFFD; tabs and line breaks are text.
 */

export type Cell = string | number | bigint | boolean | null;

/** Header and what stands under it, in order. */
export type Columns<Row> = Readonly<Record<string, (row: Row) => Cell>>;

const END = '\r\n';
/** What begins a formula, in the wide forms that spreadsheets fold too; after white space as well. */
const FORMULA = /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/;
/** Where a spreadsheet may begin another cell: many countries part them with a semicolon. */
const CELL_WITHIN = /(?<!^)([;\t\r\n|]\s*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])/g;
const CONTROL = /(?![\t\n\r])\p{Cc}/gu;
const TO_QUOTE = /[",\r\n]|^\s|\s$/;

export const csvHeader = <Row>(columns: Columns<Row>): string =>
  Object.keys(columns).map(cellOf).join(',') + END;

export function csvRows<Row>(columns: Columns<Row>, rows: readonly Row[]): string {
  const cells = Object.values(columns);
  let text = '';
  for (const row of rows) text += cells.map((cell) => cellOf(cell(row))).join(',') + END;
  return text;
}

function cellOf(value: Cell): string {
  if (value === null) return '';
  if (typeof value !== 'string') return String(value);
  const shown = value.replace(CONTROL, '\ufffd');
  const parted = shown.replace(CELL_WITHIN, "$1'");
  const harmless = FORMULA.test(shown) ? `'${parted}` : parted;
  return TO_QUOTE.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
