import { type SpawnOptions, spawn } from 'node:child_process';

/** The user that PostgreSQL runs as, when that is not ourselves (root may not run it). */
export interface Identity {
  readonly uid: number;
  readonly gid: number;
}

export interface Ran {
  /** Null when it could not be started or was killed. */
  readonly status: number | null;
  readonly output: string;
}

const OUTPUT_LIMIT = 64 * 1024;

/** Runs a program to its end; never throws: what went wrong is in the output. */
export function run(
  program: string,
  args: readonly string[],
  options: { as?: Identity | undefined; cwd?: string; fd3?: number } = {},
): Promise<Ran> {
  const stdio: SpawnOptions['stdio'] = ['ignore', 'pipe', 'pipe'];
  if (options.fd3 !== undefined) stdio.push(options.fd3);
  return new Promise((resolve) => {
    let output = '';
    const take = (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-OUTPUT_LIMIT);
    };
    const child = spawn(program, args, { ...options.as, cwd: options.cwd ?? '/', stdio });
    child.stdout?.on('data', take);
    child.stderr?.on('data', take);
    child.once('error', (error) => resolve({ status: null, output: error.message }));
    child.once('close', (status) => resolve({ status, output: output.trim() }));
  });
}

/** Whether that user gets to the folder: every folder above it must let it through. */
export async function reaches(as: Identity | undefined, folder: string): Promise<boolean> {
  if (as === undefined) return true;
  return (await run('/bin/sh', ['-c', 'cd "$1"', 'sh', folder], { as })).status === 0;
}
