/** How figures are asked for: for people a table, for programs what the server said, or its CSV. */
import { type ApiClient, pathOf, type Query } from '../api-client.js';
import { CliError, EXIT } from '../exit.js';
import { connect, creatorOf, type Invocation, type Outcome } from '../invocation.js';
import { type Column, tableOf } from '../table.js';
import type { Terminal } from '../terminal.js';

export interface CsvOption {
  readonly csv?: boolean;
}

export interface Question<T> extends CsvOption {
  /** Below the creator: `['members', 'user_a', 'earnings']`. */
  readonly path: readonly string[];
  readonly query: Query;
  readonly schema: string;
  readonly title: (found: T) => string;
  readonly text: (found: T, zone: string) => string;
  /** Not the first page alone: all of them, for what is only right when it is whole. */
  readonly whole?: boolean;
}

interface Answer {
  readonly items: readonly unknown[];
  readonly nextCursor?: string | null;
  readonly timeZone: string;
}

/** Asks, and says the answer in the form that is wanted. */
export async function figures<T extends Answer>(
  invocation: Invocation,
  question: Question<T>,
): Promise<Outcome> {
  const { terminal, globals } = invocation;
  const { csv = false, schema, title, text } = question;
  if (csv && terminal.json)
    throw new CliError(EXIT.usage, '--csv and --json are two answers: ask for one.', {
      code: 'format_ambiguous',
    });
  const { client } = await connect(invocation, globals.creator);
  const creator = await creatorOf(invocation, client);
  const path = pathOf('api', 'creators', creator, ...question.path);
  if (csv) {
    const { limit: _, ...query } = question.query;
    for await (const bytes of client.download(path, query, 'text/csv')) await terminal.data(bytes);
    return;
  }
  const found = await (question.whole ? allOf<T> : firstOf<T>)(client, path, question.query);
  if (!terminal.json) terminal.note(`${title(found)} · ${creator}`);
  terminal.answer(schema, { creator, ...found }, () => text(found, globals.tz ?? found.timeZone));
  if (found.nextCursor != null) terminal.note('There are more: raise --limit, or take --csv.');
}

const firstOf = <T>(client: ApiClient, path: string, query: Query): Promise<T> =>
  client.get<T>(path, query);

const PAGE = 500;

/** Every page; beside the items all say the same, or the ledger has moved on and the last says it. */
async function allOf<T extends Answer>(client: ApiClient, path: string, query: Query): Promise<T> {
  const items: unknown[] = [];
  let page = await client.get<T>(path, { ...query, limit: PAGE });
  items.push(...page.items);
  while (page.nextCursor != null) {
    page = await client.get<T>(path, { ...query, limit: PAGE, cursor: page.nextCursor });
    items.push(...page.items);
  }
  return { ...page, items };
}

export const right = (title: string): Column => ({ title, align: 'right' });
export const left = (title: string): Column => ({ title });

export const table = (
  terminal: Pick<Terminal, 'colors'>,
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  none: string,
): string => (rows.length === 0 ? none : tableOf(terminal, columns, rows));

export const others = (currencies: readonly string[]): string =>
  currencies.length === 0 ? '' : ` (also in ${currencies.join(', ')})`;

export interface RangeOptions extends CsvOption {
  readonly from?: string;
  readonly to?: string;
  readonly currency?: string;
}
