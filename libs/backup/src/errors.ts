/** Why a backup was not made, not believed or not restored; the code is stable, `next` says what would be right. */
export class BackupError extends Error {
  override readonly name = 'BackupError';

  constructor(
    readonly code: BackupErrorCode,
    message: string,
    readonly next: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export type BackupErrorCode =
  | 'file_exists' // a backup never replaces a file
  | 'file_unreadable'
  | 'backup_foreign' // not a backup of Flywheel
  | 'backup_newer' // of a later release
  | 'backup_truncated'
  | 'backup_corrupt'
  | 'ledger_missing' // there is no ledger to read
  | 'ledger_unknown_tables' // it has tables or columns of which this release knows nothing
  | 'ledger_not_empty'
  | 'ledger_newer_than_backup' // it is empty, but migrated further than the backup
  | 'ledger_in_use'
  | 'restore_running'
  | 'restore_unfinished' // a restore into this ledger began and did not end
  | 'restore_differs'; // what was written is not what the backup holds

export const corrupt = (why: string, cause?: unknown): BackupError =>
  new BackupError(
    'backup_corrupt',
    `The backup is damaged: ${why}.`,
    'use another copy of it, or an earlier backup',
    { cause },
  );

export const truncated = (cause?: unknown): BackupError =>
  new BackupError(
    'backup_truncated',
    'The backup ends before its end: it was cut off while it was made or copied.',
    'use another copy of it, or an earlier backup',
    { cause },
  );
