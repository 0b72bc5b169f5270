/** `flywheel import`: history, and what was missed, from a file or a pipe. */
import { setTimeout as pause } from 'node:timers/promises';
import { formatMinor } from '#libs/ledger';
import type { ApiClient } from '../api-client.js';
import { CliError, EXIT } from '../exit.js';
import { count, duration } from '../format.js';
import { type DryRun, DryRunOf } from '../import/dry-run.js';
import { perSecond, rate, withProgress } from '../import/progress.js';
import {
  findImport,
  type Import,
  type ImportAsked,
  openImport,
  sendImport,
} from '../import/send-import.js';
import { type LineSource, sourceOf } from '../import/source.js';
import { connect, type Invocation, type Outcome } from '../invocation.js';
import { isSettled } from '../load/settle.js';
import { factsOf, tableOf } from '../table.js';
import type { Terminal } from '../terminal.js';

export interface ImportOptions {
  readonly type?: string;
  readonly dryRun?: boolean;
  readonly wait: boolean;
}

const SCHEMA = 'flywheel.import/1';
const CONNECTIONS = 4;
const POLL_MS = 200;
/** Without any progress for so long, something is stuck. */
const STUCK_MS = 60_000;
const SHOWN_SUMS = 60;

export async function importFile(
  invocation: Invocation,
  file: string,
  { type, dryRun, wait }: ImportOptions,
): Promise<Outcome> {
  const { terminal, globals } = invocation;
  const { client } = await connect(
    invocation,
    `import ${file}${dryRun === true ? ' · dry run' : ''}`,
    CONNECTIONS,
  );
  const asked = { type, creatorId: globals.creator };
  try {
    const source = await sourceOf(file, process.stdin);
    return dryRun === true
      ? await rehearse(terminal, client, source, asked)
      : await carryOut(terminal, client, source, asked, wait);
  } finally {
    client.close();
  }
}

async function carryOut(
  terminal: Terminal,
  client: ApiClient,
  source: LineSource,
  asked: ImportAsked,
  wait: boolean,
): Promise<Outcome> {
  const before = await openImport(client, source, asked);
  if (before.position > 0)
    terminal.note(
      before.complete
        ? `import ${before.id} has stored all of it before`
        : `import ${before.id} goes on at line ${count(before.lines + 1)}, byte ${count(before.position)}`,
    );
  const begun = performance.now();
  let storedAt = begun;
  const look = async () => progressOf(await findImport(client, before.id), before, begun);
  const ended = await withProgress(
    terminal,
    SCHEMA,
    look,
    (async () => {
      if (!before.complete) await sendImport(client, before, source);
      storedAt = performance.now();
      return wait ? untilBooked(client, before.id) : findImport(client, before.id);
    })(),
  );
  const tookMs = performance.now() - begun;
  const lines = ended.lines - before.lines;
  const decided = ended.decided - before.decided;
  const result = {
    ...ended,
    storedPerSecond: Math.round((lines * 1000) / Math.max(1, storedAt - begun)),
    decidedPerSecond: perSecond(decided, begun),
    tookMs: Math.round(tookMs),
  };
  terminal.answer(SCHEMA, { type: 'result', ...result }, () => textOf(terminal, result));
  return hasFindings(ended) ? EXIT.findings : EXIT.done;
}

function progressOf(now: Import, before: Import, begun: number) {
  const { stored, known, unreadable, decided, position, bytes, settled } = now;
  const taken = stored + known - before.stored - before.known;
  const booked = decided - before.decided;
  // Deciding is what takes long: what is stored and not decided is not done.
  const part = stored === 0 ? 1 : decided / stored;
  const share = bytes === null || bytes === 0 ? undefined : (position / bytes) * part;
  return {
    text:
      `stored ${count(stored + known)} (${rate(taken, begun)})  ` +
      `decided ${count(decided)} (${rate(booked, begun)})  unreadable ${count(unreadable)}`,
    figures: { position, stored, known, unreadable, decided, settled },
    share,
  };
}

/** Waits until the intake has settled all of it and the read models show it. Throws `not_settled`. */
async function untilBooked(client: ApiClient, id: string): Promise<Import> {
  let seen = -1;
  let since = performance.now();
  for (;;) {
    const found = await findImport(client, id);
    if (found.outcomes !== null) {
      while (!(await isSettled(client, String(found.outcomes.position))));
      return found;
    }
    if (found.decided !== seen) {
      seen = found.decided;
      since = performance.now();
    } else if (performance.now() - since > STUCK_MS)
      throw new CliError(EXIT.failed, 'The intake does not come further.', {
        code: 'not_settled',
        why: 'All lines are stored, and for a minute none was decided.',
        next: 'flywheel status; is the worker running? The import itself need not be repeated.',
      });
    await pause(POLL_MS);
  }
}

const hasFindings = ({ unreadable, outcomes }: Import): boolean =>
  unreadable > 0 ||
  (outcomes?.counts ?? []).some(
    ({ outcome, code }) => outcome === 'parked' || outcome === 'quarantined' || code === 'conflict',
  );

type Result = Import & {
  readonly storedPerSecond: number;
  readonly decidedPerSecond: number;
  readonly tookMs: number;
};

function textOf(terminal: Terminal, result: Result): string {
  const { id, name, lines, stored, known, unreadable, outcomes, problems } = result;
  const speed = `${count(result.storedPerSecond)}/s stored, ${count(result.decidedPerSecond)}/s decided`;
  const parts = [
    factsOf(terminal, [
      ['import', `${id}, ${name}`],
      ['lines', count(lines)],
      ['stored', count(stored)],
      ['stored before', count(known)],
      ['unreadable', count(unreadable)],
      ['took', `${duration(result.tookMs)}, ${speed}`],
    ]),
  ];
  if (outcomes === null) return [...parts, 'not booked yet: run it again to see'].join('\n\n');
  if (outcomes.counts.length > 0)
    parts.push(
      tableOf(
        terminal,
        [
          { title: 'what' },
          { title: 'became' },
          { title: 'code' },
          { title: 'lines', align: 'right' },
        ],
        outcomes.counts.map(({ type, outcome, code, count: n }) => [
          type ?? '—',
          wordOf(outcome, code),
          code ?? '',
          count(n),
        ]),
      ),
    );
  const named = [
    ...problems.map((one) => ({ ...one, what: 'unreadable' })),
    ...outcomes.named.map((one) => ({ ...one, what: wordOf(one.outcome, one.code) })),
  ];
  if (named.length > 0) parts.push(namedTable(terminal, named));
  return parts.join('\n\n');
}

const WORDS: Readonly<Record<string, string>> = { applied: 'new', unchanged: 'known' };
const wordOf = (outcome: string, code: string | null): string =>
  code === 'conflict' ? 'conflict' : (WORDS[outcome] ?? outcome);

interface Named {
  readonly line: number;
  readonly what: string;
  readonly code: string | null;
  readonly detail: string | null;
}

const namedTable = (terminal: Terminal, named: readonly Named[]): string =>
  tableOf(
    terminal,
    [{ title: 'line', align: 'right' }, { title: 'is' }, { title: 'code' }, { title: 'why' }],
    [...named]
      .sort((a, b) => a.line - b.line)
      .map(({ line, what, code, detail }) => [count(line), what, code ?? '', detail ?? '']),
  );

async function rehearse(
  terminal: Terminal,
  client: ApiClient,
  source: LineSource,
  asked: ImportAsked,
): Promise<Outcome> {
  const run = new DryRunOf(client, source, asked);
  const begun = performance.now();
  const look = async () => ({
    text: `judged ${count(run.sofar.lines)} (${rate(run.sofar.lines, begun)})`,
    figures: run.sofar,
    share: source.bytes === undefined ? undefined : run.sofar.bytes / Math.max(1, source.bytes),
  });
  const judged = await withProgress(terminal, SCHEMA, look, run.run());
  terminal.answer(SCHEMA, { type: 'result', dryRun: true, ...judged }, () =>
    rehearsedText(terminal, judged),
  );
  const changes = judged.counts.some(
    ({ verdict, count: n }) => n > 0 && verdict !== 'known' && verdict !== 'stored',
  );
  if (!changes && judged.unreadable === 0) return EXIT.done;
  terminal.note('next: the same command without --dry-run');
  return EXIT.findings;
}

function rehearsedText(terminal: Terminal, judged: DryRun): string {
  const { lines, unreadable, counts, sums, problems, named } = judged;
  const parts = [
    factsOf(terminal, [
      ['lines', count(lines)],
      ['unreadable', count(unreadable)],
    ]),
  ];
  const shown = counts.filter(({ count: n }) => n > 0);
  if (shown.length > 0)
    parts.push(
      tableOf(
        terminal,
        [{ title: 'what' }, { title: 'would be' }, { title: 'lines', align: 'right' }],
        shown.map(({ kind, verdict, count: n }) => [kind, verdict, count(n)]),
      ),
    );
  if (sums.length > 0)
    parts.push(
      tableOf(
        terminal,
        [
          { title: 'creator' },
          { title: 'month' },
          { title: 'new payments', align: 'right' },
          { title: 'sales', align: 'right' },
        ],
        sums
          .slice(0, SHOWN_SUMS)
          .map(({ creatorId, month, payments, amountMinor, currency }) => [
            creatorId,
            month,
            count(payments),
            formatMinor(amountMinor, currency),
          ]),
      ),
    );
  if (sums.length > SHOWN_SUMS)
    parts.push(`… and ${count(sums.length - SHOWN_SUMS)} more with --json`);
  const reasons = [
    ...problems.map((one) => ({ ...one, what: 'unreadable' })),
    ...named.map((one) => ({ ...one, what: one.verdict })),
  ];
  if (reasons.length > 0) parts.push(namedTable(terminal, reasons));
  return parts.join('\n\n');
}
