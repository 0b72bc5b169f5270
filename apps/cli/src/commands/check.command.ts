/** `flywheel check` and `flywheel diagnose`: does what must always hold hold? */
import { pathOf } from '../api-client.js';
import { EXIT } from '../exit.js';
import { count, duration, instant, money, monthName } from '../format.js';
import { connect, creatorOf, type Invocation, type Outcome } from '../invocation.js';
import { tableOf } from '../table.js';
import type { Terminal } from '../terminal.js';

type Fields = Readonly<Record<string, string | null>>;

export interface CheckFound {
  readonly name: string;
  readonly why: string;
  readonly severity: 'error' | 'warning';
  readonly holds: boolean;
  readonly violations: number;
  readonly first: readonly {
    readonly key: Fields;
    readonly creatorId: string | null;
    readonly expected: Fields | null;
    readonly actual: Fields | null;
  }[];
  readonly durationMs: number;
}

export interface Consistency {
  readonly valid: boolean;
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
  readonly checks: readonly CheckFound[];
  readonly executionTime: number;
  readonly asOf: { readonly position: number; readonly recordedAt: string | null };
  readonly head: number;
}

interface KnownChecks {
  readonly items: readonly {
    readonly name: string;
    readonly why: string;
    readonly severity: string;
    readonly holds: boolean | null;
    readonly violations: number | null;
    readonly ranAt: string | null;
  }[];
}

export interface CheckCommandOptions {
  readonly list?: boolean;
}

/** Ends with 2 when a check that is an error fails; things to look at are only said. */
export async function check(
  invocation: Invocation,
  names: readonly string[],
  { list }: CheckCommandOptions,
): Promise<Outcome> {
  const { terminal, globals } = invocation;
  const { client } = await connect(invocation);
  if (list === true) {
    const known = await client.get<KnownChecks>('/api/admin/checks');
    terminal.answer('flywheel.checks/1', known, () => listOf(terminal, known, globals.tz));
    return EXIT.done;
  }
  const found = await client.get<Consistency>('/api/admin/check-consistency', { check: names });
  terminal.answer('flywheel.check/1', found, () => foundOf(terminal, found));
  return found.valid ? EXIT.done : EXIT.findings;
}

function listOf(terminal: Terminal, { items }: KnownChecks, tz = 'UTC'): string {
  const state = (item: KnownChecks['items'][number]): string =>
    item.holds === null
      ? 'never run'
      : item.holds
        ? 'holds'
        : `${count(item.violations ?? 0)} rows`;
  return tableOf(
    terminal,
    [
      { title: 'check' },
      { title: 'kind' },
      { title: 'last' },
      { title: 'run at' },
      { title: 'what holds' },
    ],
    items.map((item) => [
      ...[item.name, item.severity, state(item)],
      ...[item.ranAt === null ? '—' : instant(item.ranAt, tz), item.why],
    ]),
  );
}

export function foundOf(terminal: Pick<Terminal, 'colors'>, found: Consistency): string {
  const { red, yellow, green } = terminal.colors;
  const state = ({ holds, severity }: CheckFound): string =>
    holds ? green('holds') : severity === 'error' ? red('FAILS') : yellow('look');
  const table = tableOf(
    terminal,
    [
      { title: 'check' },
      { title: '' },
      { title: 'rows', align: 'right' },
      { title: 'time', align: 'right' },
    ],
    found.checks.map((one) => [
      ...[one.name, state(one)],
      ...[one.holds ? '' : count(one.violations), duration(one.durationMs)],
    ]),
  );
  const failing = found.checks.filter(({ holds, severity }) => !holds && severity === 'error');
  const verdict =
    failing.length === 0
      ? `${found.checks.length} checks at position ${count(found.asOf.position)}: everything holds (${duration(found.executionTime)}).`
      : `${failing.length} of ${found.checks.length} checks FAIL at position ${count(found.asOf.position)} (${duration(found.executionTime)}).`;
  return [table, ...found.checks.filter(({ holds }) => !holds).map(exampleOf), verdict].join(
    '\n\n',
  );
}

/** A check that does not hold, with its first rows. */
function exampleOf({ name, why, severity, first, violations }: CheckFound): string {
  const rows = first.flatMap(({ key, expected, actual }) => [
    `  ${textOf(key)}`,
    // Of what is only to be looked at nothing else was expected.
    ...(expected === null && severity === 'warning'
      ? []
      : [`    expected ${expected === null ? 'no such row' : textOf(expected)}`]),
    `    actual   ${actual === null ? 'no such row' : textOf(actual)}`,
  ]);
  const rest = violations - first.length;
  const more = rest > 0 ? [`  and ${count(rest)} more`] : [];
  return [`${name}: ${why}`, ...rows, ...more].join('\n');
}

const textOf = (fields: Fields): string =>
  Object.entries(fields)
    .map(([name, value]) => `${name} ${value === null ? '—' : value === '' ? "''" : value}`)
    .join(' · ');

interface Recounted {
  readonly field: number;
  readonly recount: number;
}

export interface DiagnosisFound {
  readonly creatorId: string;
  readonly month: string;
  readonly consistent: boolean;
  readonly findings: number;
  readonly payments: readonly {
    readonly kind: string;
    readonly currency: string;
    readonly payments: Recounted;
    readonly saleMinor: Recounted;
  }[];
  readonly top: readonly {
    readonly memberId: string;
    readonly totalReferrals: Recounted;
    readonly monthlyReferrals: Recounted;
    readonly monthlyEarningsMinor: readonly ({ readonly currency: string } & Recounted)[];
  }[];
  readonly checks: readonly CheckFound[];
  readonly asOf: { readonly position: number };
}

/** Ends with 2 when a figure differs from its recount or a check fails. */
export async function diagnose(
  invocation: Invocation,
  { month }: { readonly month?: string },
): Promise<Outcome> {
  const { terminal } = invocation;
  const { client } = await connect(invocation, invocation.globals.creator);
  const creator = await creatorOf(invocation, client);
  const found = await client.get<DiagnosisFound>(pathOf('api', 'admin', 'diagnosis', creator), {
    month,
  });
  terminal.answer('flywheel.diagnosis/1', found, () => diagnosisOf(terminal, found));
  return found.consistent ? EXIT.done : EXIT.findings;
}

export function diagnosisOf(terminal: Pick<Terminal, 'colors'>, found: DiagnosisFound): string {
  const { red } = terminal.colors;
  /** The figure; beside it what the log says, where that is another. */
  const told = ({ field, recount }: Recounted, write: (value: number) => string): string =>
    field === recount ? write(field) : red(`${write(field)} ≠ ${write(recount)} in the log`);
  const payments = tableOf(
    terminal,
    [{ title: 'payments' }, { title: 'count', align: 'right' }, { title: 'sales', align: 'right' }],
    found.payments.map((row) => [
      `${row.kind}, ${row.currency}`,
      told(row.payments, count),
      told(row.saleMinor, (minor) => money(minor, row.currency)),
    ]),
  );
  const top = tableOf(
    terminal,
    [
      { title: 'referrer' },
      { title: 'total', align: 'right' },
      { title: 'month', align: 'right' },
      { title: 'earned in the month', align: 'right' },
    ],
    found.top.map((row) => [
      ...[row.memberId, told(row.totalReferrals, count), told(row.monthlyReferrals, count)],
      row.monthlyEarningsMinor
        .map((earned) => told(earned, (minor) => money(minor, earned.currency)))
        .join(', ') || '—',
    ]),
  );
  const failing = found.checks.filter(({ holds }) => !holds);
  const verdict = found.consistent
    ? `Verdict: consistent. Every figure is what the log adds up to, and ${found.checks.length} logical checks hold.`
    : `Verdict: ${count(found.findings)} ${found.findings === 1 ? 'finding' : 'findings'}. flywheel check shows the rows; flywheel replay rebuilds them.`;
  return [
    `${monthName(found.month)} · ${found.creatorId} · position ${count(found.asOf.position)}`,
    ...(found.payments.length === 0 ? ['No payments in this month.'] : [payments]),
    ...(found.top.length === 0 ? ['Nobody has referred anybody yet.'] : [top]),
    ...failing.map(exampleOf),
    verdict,
  ].join('\n\n');
}
