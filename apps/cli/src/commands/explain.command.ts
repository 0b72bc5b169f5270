/** `flywheel explain`: why a number is what it is. */
import { pathOf } from '../api-client.js';
import { EXIT } from '../exit.js';
import { connect, creatorOf, type Invocation, type Outcome } from '../invocation.js';
import { tableOf } from '../table.js';
import { type Explained, explanationSaid } from './explain.said.js';

export interface ExplainOptions {
  readonly month?: string;
  readonly day?: string;
  readonly throughDay?: string;
  readonly currency?: string;
  readonly state?: string;
  readonly version?: number;
  readonly origin?: string;
  readonly source?: string;
  readonly limit: number;
}

interface Explainable {
  readonly figures: readonly {
    readonly figure: string;
    readonly says: string;
    readonly ofSource: boolean;
  }[];
}

/** Ends with 2 when the read models say something else than the log. */
export async function explain(
  invocation: Invocation,
  subject: string,
  figure: string | undefined,
  options: ExplainOptions,
): Promise<Outcome> {
  const { terminal, globals } = invocation;
  const { client } = await connect(invocation, subject);
  const isMember = subject.startsWith('user_');
  const creator = isMember ? await creatorOf(invocation, client) : subject;
  const below = isMember ? ['members', subject, 'explain'] : ['explain'];
  const path = pathOf('api', 'creators', creator, ...below);
  if (figure === undefined) {
    const { figures } = await client.get<Explainable>(path);
    terminal.answer('flywheel.explainable/1', { figures }, () =>
      tableOf(
        terminal,
        [{ title: 'metric' }, { title: 'what it counts' }],
        figures.map((one) => [`${one.figure}${one.ofSource ? ' --source' : ''}`, one.says]),
      ),
    );
    return undefined;
  }
  const found = await client.get<Explained>(path, { figure, ...options });
  terminal.answer('flywheel.explanation/1', found, () =>
    explanationSaid(found, globals.tz ?? found.timeZone),
  );
  if (found.nextCursor !== null) terminal.note('There are more: raise --limit, or take --json.');
  return found.agrees ? EXIT.done : EXIT.findings;
}
