/** What every declaration of a command needs: how it is run, and the examples its help starts with. */
import type { Command } from 'commander';
import type { Invocation, Outcome } from './invocation.js';

/** Runs a command's action with what was said globally. */
export type Run = (
  command: Command,
  action: (invocation: Invocation) => Promise<Outcome>,
) => Promise<void>;

export const SCALES = ['small', 'full', '100k'] as const;

export type Examples = readonly (readonly [command: string, what: string])[];

export function examples(lines: Examples): string {
  const width = Math.max(...lines.map(([command]) => command.length));
  const rows = lines.map(([command, what]) => `  ${command.padEnd(width)}  ${what}`.trimEnd());
  return `Examples:\n${rows.join('\n')}\n`;
}

/** A command that only holds others: naming none of them is a usage error that shows them. */
export function group(command: Command, lines: Examples): void {
  command.addHelpText('before', examples(lines));
}
