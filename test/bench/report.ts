/** What a bench says: figures of several runs, and ratios of their medians beside the targets. */
import { cpus, loadavg, totalmem } from 'node:os';
import Table from 'cli-table3';
import { median, shown } from './figures.js';

export interface Figure {
  readonly bench: string;
  readonly what: string;
  readonly unit: string;
  /** One value per run, in the order of the runs. */
  readonly runs: readonly number[];
  readonly note?: string;
}

/** A figure or a ratio of two, held against a target. */
export interface Verdict {
  readonly bench: string;
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  readonly target?: { readonly atLeast: number } | { readonly below: number };
}

export interface Report {
  readonly figures: readonly Figure[];
  readonly verdicts: readonly Verdict[];
}

export interface Machine {
  readonly cores: number;
  readonly processor: string;
  readonly memoryGb: number;
  readonly node: string;
  readonly postgres: string;
  /** Processes that wanted to run in the minute before: above 0.5, others were measured too. */
  readonly loadBefore: number;
}

export const machineWith = (postgres: string): Machine => ({
  cores: cpus().length,
  processor: cpus()[0]?.model ?? 'unknown',
  memoryGb: Math.round(totalmem() / 2 ** 30),
  node: process.version,
  postgres,
  loadBefore: Number((loadavg()[0] ?? 0).toFixed(1)),
});

export function met({ value, target }: Verdict): boolean | undefined {
  if (target === undefined) return undefined;
  return 'atLeast' in target ? value >= target.atLeast : value < target.below;
}

/**
 * One figure over another: the median of the ratios of each round, where both were measured in
 * every round, one right after the other; so whatever else the machine does meets both.
 */
export function ratio(what: string, of: Figure, to: Figure, target?: Verdict['target']): Verdict {
  const paired = of.runs.length === to.runs.length;
  const value = paired
    ? median(of.runs.map((run, n) => run / (to.runs[n] ?? Number.NaN)))
    : median(of.runs) / median(to.runs);
  return { bench: of.bench, what, value, unit: 'x', ...(target && { target }) };
}

export function rendered({ figures, verdicts }: Report, machine: Machine): string {
  const measured = new Table({
    head: ['bench', 'what', 'median', 'unit', 'runs', ''],
    style: { head: [], border: [] },
    colAligns: ['left', 'left', 'right', 'left', 'left', 'left'],
  });
  for (const { bench, what, unit, runs, note } of figures)
    measured.push([bench, what, shown(median(runs)), unit, runs.map(shown).join('  '), note ?? '']);
  const compared = new Table({
    head: ['bench', 'compared', 'value', 'target', ''],
    style: { head: [], border: [] },
    colAligns: ['left', 'left', 'right', 'right', 'left'],
  });
  for (const verdict of verdicts) compared.push(verdictRow(verdict));
  const { cores, processor, memoryGb, node, postgres, loadBefore } = machine;
  return [
    `${cores} cores (${processor}), ${memoryGb} GB, Node ${node}, PostgreSQL ${postgres}; load before: ${loadBefore}`,
    measured.toString(),
    compared.toString(),
    'Ratios are medians of the ratios of each round. Only ratios of one run mean anything.',
    '',
  ].join('\n');
}

function verdictRow(verdict: Verdict): string[] {
  const { bench, what, value, unit, target } = verdict;
  const wanted =
    target === undefined
      ? ''
      : 'atLeast' in target
        ? `>= ${target.atLeast} ${unit}`
        : `< ${target.below} ${unit}`;
  const holds = met(verdict);
  const word = holds === undefined ? '' : holds ? 'met' : 'not met';
  return [bench, what, `${shown(value)} ${unit}`, wanted, word];
}
