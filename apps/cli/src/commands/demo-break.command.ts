/** `flywheel demo break`: something goes wrong in the demo, as it went wrong before Flywheel. */
import path from 'node:path';
import { formatInTimeZone } from 'date-fns-tz';
import { openDatabase } from '#libs/database';
import { readCheckpoint } from '#libs/projector';
import { Names, vaultOf } from '#libs/vault';
import {
  creatorsOfLog,
  type Damage,
  damage,
  register,
  type DamagedRow as SealedRow,
} from '#projections';
import { demoSettings } from '../demo/index.js';
import { DEMO_HOME, HOME, setting } from '../environment.js';
import { CliError, EXIT } from '../exit.js';
import { count, monthName } from '../format.js';
import type { Invocation, Outcome } from '../invocation.js';
import { openLedger } from '../ledger.js';
import { tableOf } from '../table.js';
import type { Terminal } from '../terminal.js';

const SCHEMA = 'flywheel.demo-break/1';
const SHOWN_ROWS = 12;

type DamagedRow = Omit<SealedRow, 'name'> & { readonly name: string | null };

/** In words, and the figure that explains it. */
const SAID: Readonly<Record<Damage, { readonly what: string; readonly figure: string }>> = {
  'stale-month': {
    what: '"This month" was never counted: it is empty for everybody.',
    figure: 'monthlyReferrals',
  },
  drift: {
    what: 'A total has drifted: some referrals were counted twice.',
    figure: 'totalReferrals',
  },
  'lost-row': {
    what: 'A row is lost: somebody is missing from the ranking.',
    figure: 'totalReferrals',
  },
  rounding: {
    what: 'A share was rounded up by itself: the shares sum to a cent more than the sale.',
    figure: 'monthlyEarningsMinor',
  },
};

/** In the demo's ledger and in no other. Throws `not_a_demo`. */
export async function demoBreak(invocation: Invocation, how: Damage): Promise<Outcome> {
  const { terminal, env } = invocation;
  const homes = setting(env, 'FLYWHEEL_HOME');
  const ledger = await openLedger(
    invocation,
    (homes === undefined ? [DEMO_HOME, HOME] : [homes]).map((home) => path.resolve(home)),
  );
  // As the owner: what goes wrong here is nothing that the application may do to its tables.
  const db = openDatabase(ledger.url, { max: 1, applicationName: 'demo', as: 'owner' });
  try {
    const { creatorId, timeZone, frozenAt } = demoSettings;
    refuseOthers(await creatorsOfLog({ db }));
    const { schema } = await readCheckpoint(db, register);
    const month = formatInTimeZone(frozenAt * 1000, timeZone, 'yyyy-MM');
    const names = new Names(await vaultOf(ledger.config));
    const rows = (await damage({ db, schema }, how, { creatorId, month })).map((row) => ({
      ...row,
      name: names.open(creatorId, row.memberId, row.name) ?? null,
    }));
    const next = nextOf(how, rows, month);
    terminal.answer(SCHEMA, { how, month, ...SAID[how], rows, next }, () =>
      brokenText(terminal, how, month, rows),
    );
    if (rows.length === 0) return EXIT.findings;
    terminal.note(
      `\nThe log is as it was. Now type:\n${next.map((line) => `  ${line}`).join('\n')}`,
    );
  } finally {
    await db.destroy();
    await ledger.stop();
  }
}

function refuseOthers(creators: readonly string[]): void {
  const others = creators.filter((id) => id !== demoSettings.creatorId);
  if (others.length === 0 && creators.length > 0) return;
  const whose = others.length === 0 ? 'nobody' : others.slice(0, 3).join(', ');
  throw new CliError(EXIT.notAllowed, 'This is not the ledger of a demo: nothing was broken.', {
    code: 'not_a_demo',
    why: `Its log tells of ${whose}; that of a demo tells of ${demoSettings.creatorId} alone.`,
    next: 'flywheel up --demo in an empty folder, and break that',
  });
}

function nextOf(how: Damage, rows: readonly DamagedRow[], month: string): string[] {
  const [first] = rows;
  if (first === undefined) return [];
  const { figure } = SAID[how];
  return [
    'flywheel check',
    `flywheel explain ${first.memberId} ${figure} --month ${month}`,
    'flywheel replay',
  ];
}

function brokenText(
  terminal: Terminal,
  how: Damage,
  month: string,
  rows: readonly DamagedRow[],
): string {
  if (rows.length === 0) return `There is nothing in ${monthName(month)} left to break that way.`;
  const { colors } = terminal;
  const shown = rows.slice(0, SHOWN_ROWS);
  const table = tableOf(
    terminal,
    [{ title: 'read model' }, { title: 'member' }, { title: 'before' }, { title: 'after' }],
    shown.map((row) => [
      row.table,
      row.name ?? row.memberId,
      valuesText(row.before),
      row.after === null ? colors.red('no row') : colors.red(valuesText(row.after)),
    ]),
  );
  const more = rows.length - shown.length;
  const rest = more > 0 ? [`… and ${count(more)} more`] : [];
  return [`${colors.bold(how)}: ${SAID[how].what}`, '', table, ...rest].join('\n');
}

const valuesText = (values: Readonly<Record<string, string>>): string =>
  Object.entries(values)
    .map(([column, value]) => `${column} ${value}`)
    .join(', ');
