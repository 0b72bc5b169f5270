/** What every command is given: where it speaks, what was said globally, whom it talks to. */
import { ApiClient } from './api-client.js';
import type { Environment } from './environment.js';
import { CliError, EXIT, type ExitCode } from './exit.js';
import { findTarget, type Target } from './target.js';
import type { Terminal } from './terminal.js';

export interface GlobalOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  readonly color?: boolean;
  readonly url?: string;
  readonly tokenFile?: string;
  readonly creator?: string;
  readonly tz?: string;
}

export interface Invocation {
  readonly terminal: Terminal;
  readonly globals: GlobalOptions;
  readonly env: Environment;
}

/** Nothing said: done. */
// biome-ignore lint/suspicious/noConfusingVoidType: a command that ends well says nothing
export type Outcome = ExitCode | void;

export interface Connection {
  readonly client: ApiClient;
  readonly target: Target;
}

/** The server that the command talks to; says which, for whoever has several. */
export async function connect(
  { terminal, globals, env }: Invocation,
  about?: string,
  connections?: number,
): Promise<Connection> {
  const target = await findTarget(globals, env);
  const subject = about === undefined ? '' : ` · ${about}`;
  terminal.target(`${target.url} (${target.from})${subject}`);
  return {
    client: new ApiClient({
      url: target.url,
      token: target.token,
      ...(connections && { connections }),
    }),
    target,
  };
}

/** `--creator`, or the only one there is. */
export async function creatorOf({ globals }: Invocation, client: ApiClient): Promise<string> {
  if (globals.creator !== undefined) return globals.creator;
  const { items } = await client.get<Creators>('/api/creators', { limit: 20 });
  const [only, ...others] = items.map(({ creatorId }) => creatorId);
  if (only === undefined)
    throw new CliError(EXIT.failed, 'The ledger knows no creator yet.', {
      code: 'no_creator',
      why: 'A creator comes into being with the first delivery or setting that names it.',
      next: 'flywheel demo load, or flywheel webhooks trigger payment.succeeded --creator biz_…',
    });
  if (others.length === 0) return only;
  throw new CliError(EXIT.usage, 'There are several creators: name one with --creator.', {
    code: 'creator_ambiguous',
    why: [only, ...others].join(', '),
    next: `add --creator ${only}`,
  });
}

interface Creators {
  readonly items: readonly { readonly creatorId: string }[];
}
