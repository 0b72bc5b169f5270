/** Why the embedded database could not be started; the code is stable, the message says what to do. */
export class EmbeddedPostgresError extends Error {
  override readonly name = 'EmbeddedPostgresError';

  constructor(
    readonly code: EmbeddedPostgresErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export type EmbeddedPostgresErrorCode =
  | 'platform_unsupported' // no PostgreSQL is packaged for this machine
  | 'binaries_unusable' // it is packaged, and does not run here
  | 'database_user' // root may not run PostgreSQL, and no other user could be found or made
  | 'home_unsuitable' // the data folder lies where PostgreSQL cannot live
  | 'not_permitted'
  | 'disk_full'
  | 'other_major_version' // the data was written by another major version
  | 'in_use' // something serves the data that we can neither join nor replace
  | 'init_failed'
  | 'start_failed';

export const ELSEWHERE =
  'Or name a PostgreSQL 15 or newer of your own in DATABASE_URL: then nothing is embedded.';

/** Gives errors of the file system a code and advice; others pass unchanged. */
export function explained(error: unknown, home: string): unknown {
  if (error instanceof EmbeddedPostgresError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') return diskFull(home, message, error);
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
    return notPermitted(home, message, error);
  if (code === 'ENOTDIR' || code === 'EEXIST')
    return new EmbeddedPostgresError(
      'home_unsuitable',
      `${home} is not a folder: point FLYWHEEL_HOME to one.`,
      { cause: error },
    );
  return error;
}

export function diskFull(home: string, detail: string, cause?: unknown): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    'disk_full',
    `No space is left for the embedded PostgreSQL in ${home}. Free some, or point FLYWHEEL_HOME ` +
      `to a larger disk; nothing acknowledged is lost.\n${detail}`,
    { cause },
  );
}

export function notPermitted(home: string, detail: string, cause?: unknown): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    'not_permitted',
    `The embedded PostgreSQL may not use ${home}. Run as the user that owns it, or point ` +
      `FLYWHEEL_HOME to a folder that this user may write. ${ELSEWHERE}\n${detail}`,
    { cause },
  );
}
