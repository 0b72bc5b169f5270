/** The register of migrations, in order: they only go forward and are never edited after they land. */
import type { Migration } from 'kysely';
import * as ledger from './0001-ledger.js';
import * as checks from './0002-checks.js';

export const migrations: Record<string, Migration> = {
  '0001-ledger': ledger,
  '0002-checks': checks,
};
