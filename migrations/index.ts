/** The register of migrations, in order: they only go forward and are never edited after they land. */
import type { Migration } from 'kysely';
import * as ledger from './0001-ledger.js';
import * as orders from './0003-orders.js';
import * as deliveries from './0004-deliveries.js';
import * as imports from './0005-import.js';
import * as checks from './0006-checks.js';
import * as months from './0007-months.js';
import * as replays from './0008-replays.js';
import * as explain from './0009-explain.js';
import * as audit from './0010-audit.js';
import * as access from './0011-access.js';
import * as personalData from './0012-personal-data.js';
import * as roles from './0013-roles.js';
import * as marks from './0014-marks.js';
import * as origins from './0015-origins.js';
import * as places from './0016-places.js';

export const migrations: Record<string, Migration> = {
  '0001-ledger': ledger,
  '0003-orders': orders,
  '0004-deliveries': deliveries,
  '0005-import': imports,
  '0006-checks': checks,
  '0007-months': months,
  '0008-replays': replays,
  '0009-explain': explain,
  '0010-audit': audit,
  '0011-access': access,
  '0012-personal-data': personalData,
  '0013-roles': roles,
  '0014-marks': marks,
  '0015-origins': origins,
  '0016-places': places,
};
