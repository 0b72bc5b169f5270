/** `flywheel webhooks fixtures`: scenarios against a ledger to throw away. */
import { systemClock } from '#libs/ledger';
import { ApiClient } from '../api-client.js';
import { CliError, EXIT } from '../exit.js';
import { type Played, play } from '../fixtures/play.js';
import { loadScenarios } from '../fixtures/scenario.js';
import { type ScratchLedger, startScratchLedger } from '../fixtures/scratch-ledger.js';
import type { Invocation, Outcome } from '../invocation.js';
import { listenForInterrupts } from '../supervisor/interrupts.js';
import { tableOf } from '../table.js';
import type { Terminal } from '../terminal.js';

export async function listFixtures(
  { terminal }: Invocation,
  file: string | undefined,
): Promise<Outcome> {
  const scenarios = await loadScenarios(file);
  const items = scenarios.map(({ name, about, steps }) => ({ name, about, steps: steps.length }));
  terminal.answer('flywheel.webhooks-fixtures/1', { items }, () =>
    tableOf(
      terminal,
      [{ title: 'scenario' }, { title: 'sends', align: 'right' }, { title: 'about' }],
      items.map(({ name, steps, about }) => [name, String(steps), about ?? '']),
    ),
  );
}

/** Exit code 2 when anything is not as expected. */
export async function runFixtures(
  { terminal, env }: Invocation,
  file: string | undefined,
  { only }: { readonly only?: string },
): Promise<Outcome> {
  const all = await loadScenarios(file);
  const chosen = all.filter(({ name }) => only === undefined || name.includes(only));
  if (chosen.length === 0)
    throw new CliError(EXIT.usage, `No scenario is called anything with "${only}" in it.`, {
      code: 'scenario_unknown',
      next: 'flywheel webhooks fixtures list',
    });
  let ledger: ScratchLedger | undefined;
  // The second Ctrl-C: the database notices our end, the folder is left to the system.
  const interrupts = listenForInterrupts(() => process.exit(EXIT.interrupted));
  const played: Played[] = [];
  try {
    ledger = await startScratchLedger(terminal, env);
    const { url, token, secret } = ledger;
    const client = new ApiClient({ url, token });
    for (const scenario of chosen) {
      if (interrupts.signal.aborted) return EXIT.interrupted;
      terminal.live(`${played.length}/${chosen.length}  ${scenario.name}`);
      played.push(await play(scenario, { client, secret, clock: systemClock }));
    }
    terminal.live('');
    client.close();
  } finally {
    await ledger?.remove();
    interrupts.end();
  }
  return show(terminal, played);
}

function show(terminal: Terminal, played: readonly Played[]): Outcome {
  const of = (verdict: Played['verdict']): number =>
    played.filter((one) => one.verdict === verdict).length;
  const summary = { asExpected: of('as expected'), different: of('different'), idle: of('idle') };
  terminal.answer('flywheel.webhooks-fixtures-run/1', { ...summary, scenarios: played }, () =>
    playedTable(terminal, played),
  );
  const { asExpected, different, idle } = summary;
  terminal.note(
    `${asExpected} of ${played.length} scenarios as expected, ${different} different` +
      (idle === 0 ? '' : `, ${idle} idle: this ledger does not use their event types yet`),
  );
  return different === 0 ? EXIT.done : EXIT.findings;
}

const WIDEST = 60;
const cut = (text: string): string =>
  text.length <= WIDEST ? text : `${text.slice(0, WIDEST - 1)}…`;

function playedTable(terminal: Terminal, played: readonly Played[]): string {
  const { green, red, yellow } = terminal.colors;
  const rows = played.flatMap(({ scenario, verdict, rows: steps }) =>
    steps.map(({ sent, answered, expected, got, asExpected }, n) => [
      n === 0 ? scenario : '',
      cut(sent),
      answered,
      asExpected && !terminal.verbose ? cut(expected) : expected,
      asExpected ? 'the same' : got,
      verdict === 'idle' ? yellow('idle') : asExpected ? green('ok') : red('DIFFERENT'),
    ]),
  );
  const titles = ['scenario', 'sent', 'answered', 'expected', 'got', 'verdict'];
  return tableOf(
    terminal,
    titles.map((title) => ({ title })),
    rows,
  );
}
