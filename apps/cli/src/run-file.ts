/**
 * `flywheel.json` in the data folder says who runs there. It is also the lock against a second
 * `up`: it is made exclusively, and a process that is gone holds nothing. A process number alone
 * does not tell that, because numbers are reused (in a container always the same ones), so the file
 * names the moment when the process started as well.
 */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { CliError, EXIT } from './exit.js';

export interface RunFile {
  readonly pid: number;
  /** When that process started, as its system says it; opaque. */
  readonly born: string;
  readonly startedAt: string;
  /** Absent while it is starting. */
  readonly url?: string;
  /** The instant at which the ledger's clock stands still, if it does. */
  readonly clock?: string;
}

export interface Claim {
  /** Says more about the run; the file is replaced in one step. */
  say(more: Pick<RunFile, 'url' | 'clock'>): Promise<void>;
  release(): Promise<void>;
}

export const runFileOf = (home: string): string => path.join(home, 'flywheel.json');

/** Who runs in that folder; undefined: nobody, or nobody any more. */
export async function readRunFile(home: string): Promise<RunFile | undefined> {
  const found = await written(runFileOf(home));
  return found !== undefined && isAlive(found) ? found : undefined;
}

/** Claims the folder for this process. Throws `already_running` with whoever has it. */
export async function claimHome(home: string, startedAt: string): Promise<Claim> {
  await mkdir(home, { recursive: true });
  const file = runFileOf(home);
  const mine: RunFile = { pid: process.pid, born: bornOf(process.pid), startedAt };
  const draft = draftOf(file);
  for (let attempt = 0; ; attempt++) {
    await writeFile(draft, textOf(mine), { mode: 0o600 });
    try {
      await link(draft, file); // fails where the file exists, and is never seen half written
      await rm(draft);
      return claimOf(file, mine);
    } catch (error) {
      await rm(draft, { force: true });
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const found = await written(file);
    if (found !== undefined && isAlive(found)) throw alreadyRunning(home, found);
    if (attempt >= MAX_ATTEMPTS) throw alreadyRunning(home, found);
    await removeStale(file, found);
  }
}

const MAX_ATTEMPTS = 5;

const draftOf = (file: string): string => `${file}.${randomBytes(6).toString('hex')}`;

function claimOf(file: string, mine: RunFile): Claim {
  let said = mine;
  return {
    say: async (more) => {
      said = { ...said, ...more };
      const draft = draftOf(file);
      await writeFile(draft, textOf(said), { mode: 0o600 });
      await rename(draft, file);
    },
    release: async () => {
      const found = await written(file);
      if (found?.pid === mine.pid && found.born === mine.born) await rm(file, { force: true });
    },
  };
}

/** Takes the file away under a name of our own, and puts it back if it was another's after all. */
async function removeStale(file: string, stale: RunFile | undefined): Promise<void> {
  const aside = draftOf(file);
  try {
    await rename(file, aside);
  } catch {
    return; // somebody else was faster
  }
  const taken = await written(aside);
  if (taken?.pid !== stale?.pid || taken?.born !== stale?.born)
    await link(aside, file).catch(() => {});
  await rm(aside, { force: true });
}

function alreadyRunning(home: string, found: RunFile | undefined): CliError {
  const who = found === undefined ? '' : ` (process ${found.pid}, since ${found.startedAt})`;
  const where = found?.url === undefined ? 'It is still starting.' : `It serves ${found.url}`;
  return new CliError(EXIT.busy, `Flywheel is already running in ${home}${who}.`, {
    code: 'already_running',
    why: where,
    next: `flywheel status, or stop it first: kill ${found?.pid ?? ''}`.trimEnd(),
  });
}

async function written(file: string): Promise<RunFile | undefined> {
  try {
    const found: unknown = JSON.parse(await readFile(file, 'utf8'));
    return isRunFile(found) ? found : undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isRunFile(found: unknown): found is RunFile {
  if (typeof found !== 'object' || found === null) return false;
  const { pid, born } = found as Partial<RunFile>;
  return Number.isSafeInteger(pid) && Number(pid) > 0 && typeof born === 'string';
}

function isAlive({ pid, born }: RunFile): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  return bornOf(pid) === born;
}

/** When a process started: the kernel's count of ticks and the boot they count from, or `ps`. */
function bornOf(pid: number): string {
  try {
    if (process.platform === 'linux') {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      // The name, in brackets, may contain anything; the fields after it do not.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
      return `${boot} ${fields[START_TIME]}`;
    }
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  } catch {
    return '';
  }
}

/** Field 22 of proc(5), counted from the third. */
const START_TIME = 19;

const textOf = (run: RunFile): string => `${JSON.stringify(run, null, 2)}\n`;
