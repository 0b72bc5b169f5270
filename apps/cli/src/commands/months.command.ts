/** `flywheel months list|show|drift|close|restate`: orders are dry runs unless `--apply`. */
import { type ApiClient, pathOf } from '../api-client.js';
import { CliError, EXIT } from '../exit.js';
import { count, instant, monthName } from '../format.js';
import { connect, creatorOf, type Invocation, type Outcome } from '../invocation.js';
import { factsOf, tableOf } from '../table.js';
import {
  type CreatorAmounts,
  carriedTable,
  type Drift,
  driftText,
  figuresTable,
  type Totals,
} from './months.said.js';
import type { OrderOptions } from './order.command.js';

interface Sealed {
  readonly version: number;
  readonly digest: string;
  readonly throughPosition: number;
  readonly sealedAt: string;
  readonly replaces: string | null;
  readonly reason: string | null;
  readonly totals: Totals;
}

interface Months {
  readonly items: readonly {
    readonly month: string;
    readonly status: string;
    readonly closableAt: string;
    readonly asClosed: Sealed | null;
    readonly pending: readonly CreatorAmounts[];
  }[];
  readonly timeZone: string;
}

interface Month extends Drift {
  readonly month: string;
  readonly status: string;
  readonly closableAt: string;
  readonly live: {
    readonly members: number;
    readonly totalReferrals: number;
    readonly creator: readonly CreatorAmounts[];
  };
  readonly asClosed: Sealed | null;
  readonly versions: readonly Sealed[];
  readonly timeZone: string;
}

const zoneOf = ({ globals }: Invocation, zone: string): string => globals.tz ?? zone;
const short = (digest: string): string => digest.slice(0, 12);

export async function listMonths(invocation: Invocation): Promise<Outcome> {
  const { terminal } = invocation;
  const { client } = await connect(invocation, 'months');
  const creator = await creatorOf(invocation, client);
  const found = await client.get<Months>(pathOf('api', 'creators', creator, 'months'));
  terminal.answer('flywheel.months/1', found, () =>
    tableOf(
      terminal,
      [
        { title: 'month' },
        { title: 'state' },
        { title: 'version', align: 'right' },
        { title: 'digest' },
        { title: 'pending' },
        { title: 'closed, or closable from' },
      ],
      found.items.map(({ month, status, closableAt, asClosed, pending }) => [
        monthName(month),
        status,
        asClosed === null ? '' : String(asClosed.version),
        asClosed === null ? '' : short(asClosed.digest),
        pending.length === 0 ? '' : 'yes',
        instant(asClosed?.sealedAt ?? closableAt, zoneOf(invocation, found.timeZone)),
      ]),
    ),
  );
}

interface ShowOptions {
  readonly csv?: boolean;
  readonly version?: number;
}

export async function showMonth(
  invocation: Invocation,
  month: string,
  { csv = false, version }: ShowOptions,
): Promise<Outcome> {
  const { terminal } = invocation;
  if (csv && terminal.json)
    throw new CliError(EXIT.usage, '--csv and --json are two answers: ask for one.', {
      code: 'output_ambiguous',
      next: 'leave one of them out',
    });
  const { client } = await connect(invocation, month);
  const path = await pathOfMonth(invocation, client, month);
  if (csv) {
    const lines = client.download(`${path}/snapshot.csv`, { version }, 'text/csv');
    for await (const bytes of lines) await terminal.data(bytes);
    return EXIT.done;
  }
  const found = await client.get<Month>(path);
  terminal.answer('flywheel.month/1', found, () => {
    const zone = zoneOf(invocation, found.timeZone);
    const facts: [string, string][] = [
      ['month', monthName(found.month)],
      ['state', found.status],
      ...(found.asClosed === null
        ? ([['closable from', instant(found.closableAt, zone)]] as [string, string][])
        : found.versions.map((one): [string, string] => [
            `version ${one.version}`,
            `${short(one.digest)}, sealed ${instant(one.sealedAt, zone)} through position ${one.throughPosition}` +
              `${one.reason === null ? '' : `: ${one.reason}`}`,
          ])),
      ['members', count(found.live.members)],
      ['total referrals', count(found.live.totalReferrals)],
    ];
    const drift = driftText(terminal, found);
    return [
      factsOf(terminal, facts),
      figuresTable(terminal, found.live.creator, found.asClosed?.totals.creator),
      ...(drift === undefined ? [] : [drift]),
    ].join('\n\n');
  });
  return EXIT.done;
}

/** Exit code 2 if anything is pending. */
export async function driftOfMonth(invocation: Invocation, month: string): Promise<Outcome> {
  const { terminal } = invocation;
  const { client } = await connect(invocation, `${month} · drift`);
  const found = await client.get<Month>(await pathOfMonth(invocation, client, month));
  if (found.status !== 'closed')
    throw new CliError(EXIT.failed, `${month} is ${found.status}: nothing is stated of it yet.`, {
      code: 'month_not_closed',
      next: `flywheel months close ${month}`,
    });
  const { pending, adjustments, asClosed } = found;
  const drift = driftText(terminal, found);
  const answer = { month, asClosed, pending, adjustments };
  terminal.answer('flywheel.month-drift/1', answer, () => drift ?? 'Nothing is pending.');
  if (drift === undefined) return EXIT.done;
  terminal.note('The next close carries it; `flywheel months restate` states the month anew.');
  return EXIT.findings;
}

interface Closed {
  readonly month: string;
  readonly version: number;
  readonly digest: string;
  readonly throughPosition: number;
  readonly totals: Totals;
  readonly alreadyClosed: boolean;
  readonly warnings: readonly string[];
  readonly plan: {
    readonly blockers: readonly Blocker[];
    readonly early: { readonly says: string } | null;
    readonly top: readonly {
      readonly rank: number;
      readonly memberId: string;
      readonly tier: string;
      readonly totalReferrals: number;
    }[];
  } | null;
}
interface Blocker {
  readonly says: string;
  readonly next: string;
}

/** Exit code 2 for a plan that would seal something. */
export async function closeMonth(
  invocation: Invocation,
  month: string,
  { apply, reason, force }: OrderOptions & { readonly force?: boolean },
): Promise<Outcome> {
  const { terminal } = invocation;
  const dryRun = apply !== true;
  const { client } = await connect(invocation, `${month} · close${dryRun ? ' · dry run' : ''}`);
  const path = await pathOfMonth(invocation, client, month);
  const done = await client.post<Closed>(`${path}/close`, { reason, force, dryRun });
  terminal.answer('flywheel.month-close/1', done, () => closedText(invocation, done));
  for (const warning of done.warnings) terminal.note(warning);
  if (done.plan === null) return EXIT.done;
  const { blockers, early } = done.plan;
  for (const { says, next } of blockers) terminal.note(`in the way: ${says}; ${next}`);
  if (early !== null && force !== true) terminal.note(`too early: ${early.says}`);
  if (blockers.length === 0) terminal.note('next: the same command with --apply');
  return EXIT.findings;
}

function closedText({ terminal }: Invocation, done: Closed): string {
  const { month, version, digest, throughPosition, totals, plan } = done;
  if (done.alreadyClosed)
    return `${monthName(month)} is closed already: version ${version}, ${digest}.`;
  const verb = plan === null ? 'is closed' : 'would be closed';
  const said = [
    `${monthName(month)} ${verb} through position ${throughPosition}: ${count(totals.members)} members, ${count(totals.totalReferrals)} total referrals.`,
    `digest ${digest}`,
    figuresTable(terminal, totals.creator),
  ];
  const carried = carriedTable(terminal, totals);
  if (carried !== undefined) said.push(`Carried from earlier months:\n\n${carried}`);
  if (plan !== null && plan.top.length > 0)
    said.push(
      tableOf(
        terminal,
        [
          { title: 'rank', align: 'right' },
          { title: 'member' },
          { title: 'tier' },
          { title: 'total', align: 'right' },
        ],
        plan.top.map(({ rank, memberId, tier, totalReferrals }) => [
          String(rank),
          memberId,
          tier,
          count(totalReferrals),
        ]),
      ),
    );
  return said.join('\n\n');
}

interface Restated extends Omit<Closed, 'alreadyClosed' | 'plan'> {
  readonly changed: boolean;
  readonly blockers: readonly Blocker[];
}

/** Without `--digest` a dry run replaces whatever is latest; exit code 2 if it would change anything. */
export async function restateMonth(
  invocation: Invocation,
  month: string,
  { apply, reason, digest }: OrderOptions & { readonly digest?: string },
): Promise<Outcome> {
  const { terminal } = invocation;
  const dryRun = apply !== true;
  if (!dryRun && digest === undefined)
    throw new CliError(EXIT.usage, 'Say which version is replaced: --digest is missing.', {
      code: 'digest_required',
      next: `flywheel months restate ${month} --reason "…" without --apply shows it`,
    });
  const { client } = await connect(invocation, `${month} · restate${dryRun ? ' · dry run' : ''}`);
  const path = await pathOfMonth(invocation, client, month);
  const expectedDigest = digest ?? (await client.get<Month>(path)).asClosed?.digest ?? '';
  const order = { reason, expectedDigest, dryRun };
  const done = await client.post<Restated>(`${path}/restate`, order);
  terminal.answer('flywheel.month-restate/1', done, () =>
    done.changed
      ? [
          `${monthName(month)} ${dryRun ? 'would be' : 'is'} stated by version ${done.version} through position ${done.throughPosition}.`,
          `digest ${done.digest}`,
          figuresTable(terminal, done.totals.creator),
        ].join('\n\n')
      : 'It states all that is known already.',
  );
  if (!dryRun || !done.changed) return EXIT.done;
  for (const { says, next } of done.blockers) terminal.note(`in the way: ${says}; ${next}`);
  terminal.note(`next: the same command with --digest ${expectedDigest} --apply`);
  return EXIT.findings;
}

const pathOfMonth = async (
  invocation: Invocation,
  client: ApiClient,
  month: string,
): Promise<string> =>
  pathOf('api', 'creators', await creatorOf(invocation, client), 'months', month);
