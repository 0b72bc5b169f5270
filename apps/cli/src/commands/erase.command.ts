/** `flywheel member erase`: what would go, unless `--apply`. */
import { pathOf } from '../api-client.js';
import { EXIT } from '../exit.js';
import { count } from '../format.js';
import { connect, creatorOf, type Invocation, type Outcome } from '../invocation.js';
import { factsOf } from '../table.js';

const SCHEMA = 'flywheel.erasure/1';

export interface EraseOptions {
  readonly reason?: string;
  readonly apply?: boolean;
  readonly yes?: boolean;
}

interface Erased {
  readonly changed: boolean;
  readonly dryRun: boolean;
  readonly position: number | null;
  readonly profile: boolean;
  readonly deliveries: number;
  readonly scrubbed: number;
}

/** Exit code 2 for a dry run that would change something. */
export async function erasePerson(
  invocation: Invocation,
  member: string,
  { reason, apply = false, yes = false }: EraseOptions,
): Promise<Outcome> {
  const { terminal } = invocation;
  const dryRun = !(apply || yes);
  const { client } = await connect(invocation, `${member}${dryRun ? ' · dry run' : ''}`);
  const creator = await creatorOf(invocation, client);
  const path = pathOf('api', 'creators', creator, 'members', member, 'personal-data');
  const done = await client.delete<Erased>(path, {
    dryRun,
    ...(reason === undefined ? {} : { reason }),
  });
  terminal.answer(SCHEMA, { ...done, creator, member }, () =>
    factsOf(terminal, [
      [member, saidOf(done)],
      ['profile', done.profile ? (dryRun ? 'would go' : 'gone') : 'there is none'],
      [
        'deliveries',
        `${count(done.deliveries)} ${dryRun ? 'would lose' : 'lost'} body and headers`,
      ],
      [
        'undecided',
        `${count(done.scrubbed)} ${dryRun ? 'would keep' : 'keep'} what money needs, without words`,
      ],
      ['figures', 'none changes'],
    ]),
  );
  if (!dryRun) return EXIT.done;
  const anything = done.changed || done.deliveries > 0 || done.scrubbed > 0;
  if (!anything) return EXIT.done;
  terminal.note(
    'It cannot be undone, and backups made before hold them still (docs/personal-data.md).',
  );
  terminal.note('next: the same command with --apply');
  return EXIT.findings;
}

function saidOf({ changed, dryRun }: Erased): string {
  if (!changed) return 'was erased before';
  return dryRun ? 'would be erased' : 'is erased';
}
