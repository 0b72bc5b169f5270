import { randomBytes, randomUUID } from 'node:crypto';
import { constants, type PathLike } from 'node:fs';
import { chmod, chown, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Binaries } from './binaries.js';
import { diskFull, EmbeddedPostgresError } from './errors.js';
import { type Identity, reaches, run } from './run.js';

export const OWNER_ROLE = 'flywheel_owner';
const FOLDER = 'postgres';

/** The paths of one database cluster: everything it needs lies in one folder of the home. */
export class Cluster {
  readonly folder: string;
  readonly data: string;
  readonly password: string;
  readonly log: string;
  /** Number of the process that was started last as the server. */
  readonly started: string;
  /** Port on which it was started last. */
  readonly port: string;

  constructor(home: string, folder: string = FOLDER) {
    this.folder = path.join(home, folder);
    this.data = path.join(this.folder, 'data');
    this.password = path.join(this.folder, 'password');
    this.log = path.join(this.folder, 'server.log');
    this.started = path.join(this.folder, 'server.pid');
    this.port = path.join(this.folder, 'server.port');
  }
}

/**
 * How the server is told its data folder. Where the database user cannot pass through the folders
 * above (a checkout of root's), it gets there as its working directory, which needs no permission
 * above it: PostgreSQL only ever uses paths that begin with this one.
 */
export async function dataArgument(cluster: Cluster, as: Identity | undefined): Promise<string> {
  if (await reaches(as, cluster.data)) return cluster.data;
  const here = '/proc/self/cwd';
  const looked = await run('/bin/sh', ['-c', `cd ${here}/.`], { as, cwd: cluster.data });
  if (looked.status === 0) return here;
  throw new EmbeddedPostgresError(
    'home_unsuitable',
    `The database user does not get to ${cluster.data}. Point FLYWHEEL_HOME to a folder that ` +
      `every user may pass through (such as /var/lib/flywheel), or do not run as root.`,
  );
}

/**
 * Makes the cluster if there is none. It is made under another name and renamed when it is whole and
 * on disk, so that a crash leaves either all of it or nothing, and of two processes one wins.
 */
export async function initialised(
  home: string,
  binaries: Binaries,
  as: Identity | undefined,
): Promise<Cluster> {
  const cluster = new Cluster(home);
  if ((await majorOf(cluster)) === undefined) await initialise(home, binaries, as);
  const major = await majorOf(cluster);
  if (major !== binaries.major)
    throw new EmbeddedPostgresError(
      'other_major_version',
      `${cluster.data} was written by PostgreSQL ${major}, and this release of Flywheel brings ` +
        `PostgreSQL ${binaries.major}, which cannot read it. Start the release that wrote it and ` +
        `dump the database, or serve it with a PostgreSQL ${major} named in DATABASE_URL.`,
    );
  await removeDrafts(home);
  return cluster;
}

/** The major version that wrote the data; undefined when there is none. */
async function majorOf(cluster: Cluster): Promise<string | undefined> {
  const version = await unlessMissing(readFile(path.join(cluster.data, 'PG_VERSION'), 'utf8'));
  return version?.trim();
}

async function initialise(
  home: string,
  binaries: Binaries,
  as: Identity | undefined,
): Promise<void> {
  const draft = new Cluster(home, `${FOLDER}.${randomUUID()}`);
  await mkdir(draft.folder);
  await chmod(draft.folder, 0o755); // the data in it is not; whatever the umask says
  try {
    await mkdir(draft.data, { mode: 0o700 });
    if (as !== undefined) await chown(draft.data, as.uid, as.gid);
    const password = randomBytes(24).toString('base64url');
    await writeDurably(draft.password, `${password}\n`);
    await initdb(draft, binaries, as, password, home);
    await syncFolder(draft.folder);
    await rename(draft.folder, new Cluster(home).folder);
    await syncFolder(home);
  } catch (error) {
    // Another process made the cluster meanwhile (and perhaps removed our draft).
    if ((await majorOf(new Cluster(home))) === undefined) throw error;
  } finally {
    await rm(draft.folder, { recursive: true, force: true });
  }
}

async function initdb(
  draft: Cluster,
  binaries: Binaries,
  as: Identity | undefined,
  password: string,
  home: string,
): Promise<void> {
  // The password file is gone before initdb starts, which reads it through what it inherits.
  const file = path.join(draft.folder, 'initdb-password');
  await writeDurably(file, `${password}\n`);
  if (as !== undefined) await chown(file, as.uid, as.gid);
  const handle = await open(file, 'r');
  try {
    await rm(file);
    const data = await dataArgument(draft, as);
    const made = await run(
      binaries.initdb,
      [
        ...['-D', data, '-U', OWNER_ROLE, '-E', 'UTF8', '--locale=C', '--data-checksums'],
        ...['--auth=scram-sha-256', '--pwfile=/dev/fd/3'],
      ],
      { as, cwd: draft.data, fd3: handle.fd },
    );
    if (made.status === 0) return;
    if (/No space left|quota exceeded/i.test(made.output)) throw diskFull(home, made.output);
    throw new EmbeddedPostgresError(
      'init_failed',
      `The embedded PostgreSQL could not make its data folder in ${home}:\n${made.output}`,
    );
  } finally {
    await handle.close();
  }
}

/** What a start that was killed left behind. One that still runs loses anyway: the cluster is there. */
async function removeDrafts(home: string): Promise<void> {
  for (const name of await readdir(home)) {
    if (!name.startsWith(`${FOLDER}.`)) continue;
    await rm(path.join(home, name), { recursive: true, force: true }).catch(() => {});
  }
}

export async function writeDurably(file: string, text: string): Promise<void> {
  const handle = await open(file, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** A name is only as durable as the folder that holds it. */
async function syncFolder(folder: PathLike): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The result, or undefined where the file does not exist. */
export function unlessMissing<T>(reading: Promise<T>): Promise<T | undefined> {
  return reading.catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}
