/** How a command ends: exit codes that scripts may rely on, and the errors that carry them. */

export const EXIT = {
  done: 0,
  failed: 1,
  /** Drift, failed checks, pending changes. */
  findings: 2,
  usage: 64,
  /** The server or the database does not answer. */
  unreachable: 69,
  /** Another run holds the lock: try again. */
  busy: 75,
  notAllowed: 77,
  configInvalid: 78,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export interface Explanation {
  /** Stable: programs may rely on it. */
  readonly code: string;
  readonly why?: string | undefined;
  /** The command or step to take next. */
  readonly next?: string | undefined;
  readonly cause?: unknown;
}

/** What went wrong, why, and what to do next. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly code: string;
  readonly why: string | undefined;
  readonly next: string | undefined;

  constructor(
    readonly exitCode: ExitCode,
    what: string,
    { code, why, next, cause }: Explanation,
  ) {
    super(what, { cause });
    this.code = code;
    this.why = why;
    this.next = next;
  }
}

/** Errors of other parts, by their stable names and codes; whatever is unknown has failed. */
export function cliErrorOf(error: unknown): CliError {
  if (error instanceof CliError) return error;
  if (!(error instanceof Error))
    return new CliError(EXIT.failed, String(error), { code: 'failed', cause: error });
  const code = 'code' in error && typeof error.code === 'string' ? error.code : 'failed';
  const [what = '', ...rest] = messageOf(error).split('\n');
  const why = rest.length === 0 ? undefined : rest.join('\n');
  return new CliError(exitCodeOf(error.name, code), what, {
    code,
    why,
    next: 'next' in error && typeof error.next === 'string' ? error.next : NEXT_OF_NAME[error.name],
    cause: error,
  });
}

/** An AggregateError, as of a refused connection to several addresses, has an empty message. */
function messageOf(error: Error): string {
  if (error.message !== '') return error.message;
  const first = error instanceof AggregateError ? error.errors[0] : undefined;
  return first instanceof Error ? first.message : error.name;
}

const NEXT_OF_NAME: Readonly<Record<string, string>> = {
  ConfigInvalid: 'correct them in the environment or in .env (see .env.example)',
};

const UNREACHABLE =
  /^(ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|08...|57P0[123]|53300|28P01|28000|3D000|log_unavailable|cluster_refused)$/;

const BUSY = /^(ledger_in_use|restore_running)$/;

function exitCodeOf(name: string, code: string): ExitCode {
  if (name === 'ConfigInvalid' || name === 'VaultError') return EXIT.configInvalid;
  if (name === 'EmbeddedPostgresError' && code === 'in_use') return EXIT.busy;
  if (name === 'BackupError' && BUSY.test(code)) return EXIT.busy;
  if (code === 'log_in_use') return EXIT.busy;
  if (code === 'not_permitted' || code === 'EACCES' || code === 'EPERM') return EXIT.notAllowed;
  if (name === 'DurabilityError') return EXIT.configInvalid;
  if (code === 'EADDRINUSE') return EXIT.busy;
  return UNREACHABLE.test(code) ? EXIT.unreachable : EXIT.failed;
}
