/**
 * Who lives? A process number cannot tell: numbers are reused, survive as zombies and mean something
 * else in another container. A named pipe can: the kernel knows whether anybody has it open for
 * reading, and lets go of it however the reader died. So the server, its guardian and the process
 * that owns them each hold one open.
 */
import { closeSync, constants, openSync } from 'node:fs';
import { lstat } from 'node:fs/promises';
import path from 'node:path';
import { unlessMissing } from './cluster.js';
import { EmbeddedPostgresError } from './errors.js';
import { run } from './run.js';

export type LifeSign = 'server' | 'guardian' | 'owner';

/** Opens the sign; a plain descriptor, because a handle closes itself when it is forgotten. */
export async function hold(folder: string, sign: LifeSign): Promise<number> {
  const pipe = path.join(folder, `${sign}.alive`);
  if ((await unlessMissing(lstat(pipe))) === undefined) {
    const made = await run('mkfifo', ['-m', '600', pipe]);
    const there = await unlessMissing(lstat(pipe)); // perhaps another process was faster
    if (!there?.isFIFO())
      throw new EmbeddedPostgresError(
        'home_unsuitable',
        `The file system of ${folder} takes no named pipes. Point FLYWHEEL_HOME to a local disk.` +
          `\n${made.output}`,
      );
  }
  return openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
}

/** Whether any process holds the sign. */
export function alive(folder: string, sign: LifeSign): boolean {
  try {
    const pipe = path.join(folder, `${sign}.alive`);
    const descriptor = openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK);
    closeSync(descriptor);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENXIO' || code === 'ENOENT') return false;
    throw error;
  }
}
