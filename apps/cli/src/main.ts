/**
 * The command line. This file and the program import nothing but commander, so that `--help`
 * answers at once; each command brings the rest when it runs.
 */
import { CommanderError } from 'commander';
import type { Invocation, Outcome } from './invocation.js';
import { buildProgram } from './program.js';
import type { Run } from './program-parts.js';

/** Runs one command line; resolves with the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  // Whoever reads our output may have seen enough: `flywheel top | head -3`.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  let exitCode: number = 0;
  const run: Run = async (command, action) => {
    exitCode = await runCommand(command.optsWithGlobals(), action);
  };
  const complaints: string[] = [];
  const program = buildProgram(run, (text) => complaints.push(text));
  try {
    await program.parseAsync(argv as string[]);
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return usageExit(error, argv, complaints);
    throw error;
  }
}

async function runCommand(
  globals: Invocation['globals'],
  action: (invocation: Invocation) => Promise<Outcome>,
): Promise<number> {
  const { Terminal } = await import('./terminal.js');
  const { cliErrorOf } = await import('./exit.js');
  const { loadDotEnv } = await import('./environment.js');
  const terminal = new Terminal({
    json: globals.json ?? false,
    quiet: globals.quiet ?? false,
    verbose: globals.verbose ?? false,
    color: globals.color ?? true,
  });
  try {
    loadDotEnv();
    return (await action({ terminal, globals, env: process.env })) ?? 0;
  } catch (thrown) {
    const error = cliErrorOf(thrown);
    terminal.failure(error);
    return error.exitCode;
  }
}

/** Help that was asked for is no error; anything else that commander refuses is a usage error. */
async function usageExit(
  error: CommanderError,
  argv: readonly string[],
  complaints: readonly string[],
): Promise<number> {
  if (error.exitCode === 0) return 0;
  const { EXIT } = await import('./exit.js');
  const text = complaints.join('');
  const what = text.replace(/^error: /, '').trim();
  if (argv.includes('--json')) {
    const { code } = error;
    process.stderr.write(
      `${JSON.stringify({ schema: 'flywheel.error/1', exitCode: EXIT.usage, code, what })}\n`,
    );
  } else {
    const { harmless } = await import('./terminal.js');
    process.stderr.write(harmless(text));
  }
  return EXIT.usage;
}
