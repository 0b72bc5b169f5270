/**
 * Where a command speaks: data to stdout, everything else to stderr. With `--json` data is one
 * object (or one a line, for streams) with a `schema`, and an error is an object too.
 */
import picocolors from 'picocolors';
import type { CliError } from './exit.js';

export interface TerminalOptions {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  /** `--no-color`. */
  readonly color: boolean;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export interface Stream {
  write(text: string | Uint8Array): unknown;
  once?(event: 'drain', listener: () => void): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

type Colors = ReturnType<typeof picocolors.createColors>;

export class Terminal {
  readonly json: boolean;
  readonly verbose: boolean;
  readonly #quiet: boolean;
  /** Colours of what goes to stdout, and of what goes to stderr: each may be a terminal or not. */
  readonly colors: Colors;
  readonly noteColors: Colors;

  constructor(
    options: TerminalOptions,
    private readonly stdout: Stream = process.stdout,
    private readonly stderr: Stream = process.stderr,
  ) {
    this.json = options.json;
    this.verbose = options.verbose;
    this.#quiet = options.quiet;
    const env = options.env ?? process.env;
    const wanted = options.color && !env.NO_COLOR && env.TERM !== 'dumb';
    const forced = wanted && env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== '0';
    this.colors = picocolors.createColors(forced || (wanted && stdout.isTTY === true));
    this.noteColors = picocolors.createColors(forced || (wanted && stderr.isTTY === true));
  }

  /** The answer of a command: an object for programs, a text for people. */
  answer(schema: string, object: object, text: () => string): void {
    if (this.json) this.record(schema, object);
    else this.stdout.write(`${text()}\n`);
  }

  /** One line of a stream for programs; nothing for people. */
  record(schema: string, object: object): void {
    if (this.json) this.stdout.write(`${JSON.stringify({ schema, ...object }, jsonValue)}\n`);
  }

  /** Bytes of an answer as they come; waits while whoever reads them is behind. */
  async data(bytes: Uint8Array): Promise<void> {
    const { stdout } = this;
    if (stdout.write(bytes) === false && stdout.once !== undefined)
      await new Promise<void>((resolve) => stdout.once?.('drain', resolve));
  }

  /** For people, beside the data. */
  note(text: string): void {
    if (!this.#quiet) this.stderr.write(`${text}\n`);
  }

  /** What only `--verbose` says. */
  detail(text: string): void {
    if (this.verbose) this.stderr.write(`${this.noteColors.dim(text)}\n`);
  }

  /** Whom the command talks to: said always, so that nobody changes the wrong ledger. */
  target(text: string): void {
    this.stderr.write(`${this.noteColors.dim(`→ ${harmless(text)}`)}\n`);
  }

  /** Whether a line of progress may be drawn over. */
  get isLive(): boolean {
    return this.stderr.isTTY === true && !this.#quiet && !this.json;
  }

  get columns(): number {
    return this.stderr.columns ?? 100;
  }

  /** Draws over the present line; the empty text clears it. */
  live(text: string): void {
    if (this.isLive) this.stderr.write(`\r\u001b[2K${text}`);
  }

  failure(error: CliError): void {
    const { code, message: what, why, next, exitCode } = error;
    if (this.json) {
      this.stderr.write(
        `${JSON.stringify({ schema: 'flywheel.error/1', exitCode, code, what, why, next })}\n`,
      );
      return;
    }
    const { red, dim } = this.noteColors;
    this.stderr.write(`${red('error:')} ${harmless(what)}\n`);
    if (why !== undefined) this.stderr.write(`  ${harmless(why.trim())}\n`);
    if (next !== undefined) this.stderr.write(`${dim('next:')} ${harmless(next)}\n`);
    if (this.verbose && error.cause instanceof Error) this.detail(error.cause.stack ?? '');
  }
}

/** Positions and amounts are bigint inside; beyond 2^53 they are said as text, never rounded. */
function jsonValue(_key: string, value: unknown): unknown {
  if (typeof value !== 'bigint') return value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

/** What somebody else may have written, a file's name among it: nothing in it moves the cursor or colours. */
export const harmless = (text: string): string => text.replace(/(?![\t\n])\p{Cc}/gu, '\ufffd');
