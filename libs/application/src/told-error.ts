/**
 * What a log may say of an error. An error of PostgreSQL carries the row that it refused (`detail`,
 * `where`), and many messages quote what somebody sent: a log is read by more people, and kept for
 * longer, than the ledger. So this is a list of what is told, not of what is hidden: the kind of
 * error, its code, the names of tables and constraints, the places in the program, and the message
 * without anything that it quotes. The chain of causes is told in the same way.
 */
export interface ToldError {
  readonly type: string;
  readonly code?: string;
  readonly table?: string;
  readonly constraint?: string;
  readonly message?: string;
  /** Where it happened: frames only. */
  readonly stack?: string;
  readonly cause?: ToldError;
}

/** V8 writes values into these without quoting them: `Cannot convert Rui to a BigInt`. */
const VALUES_IN_MESSAGE: ReadonlySet<string> = new Set(['SyntaxError', 'RangeError', 'URIError']);
const QUOTED = /"[^"]*"|'[^']*'|`[^`]*`/g;
const EMAIL = /[^\s<>"',;]+@[^\s<>"',;]+/g;
/** PostgreSQL's `(name)=(value)`, a quotation that is not closed, and a line break end what is told. */
const END = /(\([^()]*\)=\(|["'`\r\n]).*$/s;
const FRAME = /^ {4}at .*:\d+:\d+\)?$/;
const NAME = /^\w[\w.$]{0,100}$/;
const MAX_MESSAGE = 500;
const MAX_CAUSES = 3;

/** Never throws. */
export function toldError(error: unknown, causes = MAX_CAUSES): ToldError {
  if (!(error instanceof Error)) return { type: typeof error };
  const { name, message, stack, cause } = error;
  const { code, table, constraint } = error as unknown as Record<string, unknown>;
  return {
    type: isName(name) ? name : 'Error',
    ...(isName(code) && { code }),
    ...(isName(table) && { table }),
    ...(isName(constraint) && { constraint }),
    ...(!VALUES_IN_MESSAGE.has(name) && { message: withoutValues(message) }),
    ...(typeof stack === 'string' && { stack: framesOf(stack, message) }),
    ...(cause instanceof Error && causes > 0 && { cause: toldError(cause, causes - 1) }),
  };
}

const isName = (value: unknown): value is string => typeof value === 'string' && NAME.test(value);

const withoutValues = (message: string): string =>
  message.replace(QUOTED, '…').replace(END, '…').replace(EMAIL, '…').slice(0, MAX_MESSAGE);

/** The message stands before the frames, and may hold what looks like one. */
const framesOf = (stack: string, message: string): string =>
  stack
    .slice(stack.indexOf(message) + message.length)
    .split('\n')
    .filter((line) => FRAME.test(line))
    .join('\n');
