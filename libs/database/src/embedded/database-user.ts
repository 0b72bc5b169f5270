import { stat } from 'node:fs/promises';
import { ELSEWHERE, EmbeddedPostgresError, notPermitted } from './errors.js';
import { type Identity, run } from './run.js';

/**
 * The user that PostgreSQL runs as: ourselves, unless we are root. Then: whoever owns the data
 * already, else the named user (FLYWHEEL_PG_USER), else `postgres`, made if it does not exist.
 */
export async function databaseUser(
  data: string,
  named: string | undefined,
): Promise<Identity | undefined> {
  const self = process.getuid?.();
  const owner = await stat(data).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (self !== 0) {
    if (owner !== undefined && owner.uid !== self)
      throw notPermitted(data, `The data belongs to the user number ${owner.uid}.`);
    return undefined;
  }
  if (owner === undefined) return userCalled(named ?? 'postgres');
  if (owner.uid === 0)
    throw notPermitted(data, `The data belongs to root: chown -R postgres ${data}`);
  return { uid: owner.uid, gid: owner.gid };
}

async function userCalled(name: string): Promise<Identity> {
  const known = (await look(name)) ?? (await made(name));
  if (known !== undefined && known.uid !== 0) return known;
  throw new EmbeddedPostgresError(
    'database_user',
    known === undefined
      ? `PostgreSQL does not run as root, and the user ${name} neither exists nor could be made. ` +
          `Make a user and name it in FLYWHEEL_PG_USER, or do not run as root. ${ELSEWHERE}`
      : `PostgreSQL does not run as root: name another user than ${name} in FLYWHEEL_PG_USER.`,
  );
}

async function look(name: string): Promise<Identity | undefined> {
  const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])]);
  if (uid.status !== 0 || gid.status !== 0) return undefined;
  return { uid: Number(uid.output), gid: Number(gid.output) };
}

/** Makes a system user without a home or a login, with the tools of Debian and Red Hat or of Alpine. */
async function made(name: string): Promise<Identity | undefined> {
  const shadow = ['--system', '--user-group', '--no-create-home', '--shell', '/bin/false', name];
  if ((await run('useradd', shadow)).status !== 0) {
    await run('addgroup', ['-S', name]);
    await run('adduser', ['-S', '-D', '-H', '-s', '/bin/false', '-G', name, name]);
  }
  return look(name);
}
