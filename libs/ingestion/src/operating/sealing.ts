/**
 * Sealing what is not sealed with the present key: a ledger of an earlier release, which holds
 * personal data in plain, and one whose key is being rotated. It runs before any process starts, as
 * the owner of the tables, in batches of their own transactions; one that was killed goes on where it
 * stopped, and the ledger's own secret, which is sealed last, says whether all was done.
 *
 * What PostgreSQL has deleted lies on in its files. So the tables are written anew, and what the
 * write-ahead log holds of the time before is made to go. Where the owner may not order that, the log
 * says so (docs/personal-data.md).
 */
import { setTimeout as pause } from 'node:timers/promises';
import { sql } from 'kysely';
import { type Database, openDatabase } from '#libs/database';
import {
  beginSealing,
  isPlain,
  Marks,
  openProfile,
  openSecret,
  sealingBegun,
  sealProfile,
  storedSecret,
  storeSealed,
  type Vault,
  VaultError,
  type Whose,
  wordsSecret,
} from '#libs/vault';
import { type BodyRow, openBody, placeOf, sealBody } from '../bodies.js';
import { Keys } from '../keys.js';
import { marksLiteral } from '../profiles.js';
import { subjectsOfBody } from '../subjects.js';
import { maskedDetail, maskedType } from './masking.js';

export interface SealingOptions {
  /** As the owner. */
  readonly url: string;
  readonly vault: Vault;
  /** 32 bytes: the ledger's own secret, if it has none yet. */
  readonly random: Buffer;
  readonly log: (message: string) => void;
}

export interface LedgerSealed {
  readonly deliveries: number;
  readonly profiles: number;
}

/** Held by whoever seals: any number that nothing else uses. */
const LOCK = 4_310_012;
const BATCH = 500;
const LOOKS_BACK_MS = 60_000;
const LOOKS_BACK_POLL_MS = 50;
const NOTHING: LedgerSealed = { deliveries: 0, profiles: 0 };

/**
 * Proves the key and seals what is left to seal. Throws `data_key_wrong`, and `ledger_unsealed` where
 * there is something left and the address is that of a login that may not do it.
 */
export async function sealLedger(options: SealingOptions): Promise<LedgerSealed> {
  if (await isSealed(options)) return NOTHING;
  const { url, vault, log } = options;
  // One connection: the lock is its own.
  const db = openDatabase(url, { max: 1, applicationName: 'seal', as: 'owner' });
  try {
    await sql`select pg_advisory_lock(${LOCK})`.execute(db);
    return await sealAll(db, vault, log);
  } catch (error) {
    if ((error as { code?: unknown }).code !== NOT_PERMITTED) throw error;
    throw new VaultError(
      'ledger_unsealed',
      'This ledger is to be sealed with the present data key, which the login of DATABASE_URL may not do: DATABASE_OWNER_URL=postgres://… flywheel db migrate',
    );
  } finally {
    await db.destroy();
  }
}

const NOT_PERMITTED = '42501';

/** As the application, which may read the ledger's secret and make the first one. */
async function isSealed({ url, vault, random }: SealingOptions): Promise<boolean> {
  const db = openDatabase(url, { max: 1, applicationName: 'seal' });
  try {
    const stored = await storedSecret(db);
    if (stored !== undefined) return await isDone(db, vault, stored);
    await wordsSecret(db, vault, random);
    return true;
  } finally {
    await db.destroy();
  }
}

/** Opens what there is: a key that opens not all of it is a wrong one. Throws `data_key_wrong`. */
async function isDone(db: Database, vault: Vault, stored: Buffer): Promise<boolean> {
  if (isPlain(stored)) return false;
  openSecret(vault, stored);
  const begun = await sealingBegun(db, vault);
  return !begun && vault.isCurrent(stored);
}

async function sealAll(
  db: Database,
  vault: Vault,
  log: SealingOptions['log'],
): Promise<LedgerSealed> {
  const stored = await storedSecret(db);
  // Somebody else has done it meanwhile.
  if (stored === undefined || (await isDone(db, vault, stored))) return NOTHING;
  const wasPlain = isPlain(stored);
  const secret = wasPlain ? stored : openSecret(vault, stored);
  log(wasPlain ? 'personal data is being sealed' : 'personal data is being sealed anew');
  await beginSealing(db, vault, secret);
  const deliveries = await sealBodies(db, vault, new Keys(secret));
  const profiles =
    (await movePlainProfiles(db, vault, new Marks(secret))) + (await resealProfiles(db, vault));
  if (wasPlain) {
    await maskWhatWasSaid(db);
    // Before the secret says that all is done: whoever is killed here does it again.
    await rewriteFiles(db, 'deliveries', log);
  }
  await storeSealed(db, vault, secret);
  if (wasPlain) await rewriteFiles(db, 'secrets', log);
  log(`sealed ${deliveries} deliveries and ${profiles} profiles`);
  return { deliveries, profiles };
}

async function sealBodies(db: Database, vault: Vault, keys: Keys): Promise<number> {
  let sealed = 0;
  for (let after = '0'; ; ) {
    const { rows } = await sql<BodyRow & { id: string; subjects: string[] | null }>`
      select id, provider, delivery_id, body_sha256, body_form, body, subjects from deliveries
      where id > ${after}::bigint and body is not null and provider <> 'internal'
        and (body_form = 'plain' or substring(body from 1 for 5) <> ${vault.mark})
      order by id limit ${BATCH}`.execute(db);
    const last = rows.at(-1);
    if (last === undefined) return sealed;
    after = last.id;
    sealed += rows.length;
    const done = rows.map((row) => sealedRow(row, vault, keys));
    await sql`
      update deliveries d set body = v.body, body_form = v.form, subjects = v.subjects::bigint[]
      from unnest(
        ${done.map((row) => row.id)}::bigint[], ${done.map((row) => row.body)}::bytea[],
        ${done.map((row) => row.form)}::text[], ${done.map((row) => row.subjects)}::text[])
        as v (id, body, form, subjects)
      where d.id = v.id and d.body is not null
        and (d.body_form = 'scrubbed') = (v.form = 'scrubbed')`.execute(db);
  }
}

function sealedRow(
  row: BodyRow & { readonly id: string; readonly subjects: readonly string[] | null },
  vault: Vault,
  keys: Keys,
) {
  const body = openBody(vault, row);
  const form = row.body_form === 'scrubbed' ? row.body_form : 'sealed';
  const subjects = row.subjects?.map(BigInt) ?? subjectsOfBody(body, keys);
  return {
    id: row.id,
    form,
    body: sealBody(vault, placeOf(row), body, form),
    subjects: subjects === undefined ? null : marksLiteral(subjects),
  };
}

interface SaidRow {
  readonly id: string;
  readonly type: string | null;
  readonly code: string | null;
  readonly detail: string | null;
}

/** Types and reasons that an earlier release stored may quote what they are about. */
async function maskWhatWasSaid(db: Database): Promise<void> {
  for (let after = '0'; ; ) {
    const { rows } = await sql<SaidRow>`
      select id, type, code, detail from deliveries
      where id > ${after}::bigint and coalesce(detail, type) is not null
      order by id limit ${BATCH}`.execute(db);
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last.id;
    await sql`
      update deliveries d set detail = v.detail, type = v.type
      from unnest(${rows.map(({ id }) => id)}::bigint[],
        ${rows.map(({ code, detail }) => maskedDetail(code, detail))}::text[],
        ${rows.map(({ type }) => maskedType(type))}::text[]) as v (id, detail, type)
      where d.id = v.id and (d.detail, d.type) is distinct from (v.detail, v.type)`.execute(db);
  }
}

interface PlainProfile {
  readonly creator_id: string;
  readonly member_id: string;
  readonly name: string | null;
  readonly username: string | null;
  readonly email: string | null;
}

/** Of an earlier release, to the table that took its place. */
async function movePlainProfiles(db: Database, vault: Vault, marks: Marks): Promise<number> {
  const found = await sql<{ there: boolean }>`
    select to_regclass('public.profiles_in_plain') is not null as there`.execute(db);
  if (found.rows[0]?.there !== true) return 0;
  let moved = 0;
  let [creatorId, memberId] = ['', ''];
  for (;;) {
    const { rows } = await sql<PlainProfile>`
      select creator_id, member_id, name, username, email from profiles_in_plain
      where (creator_id, member_id) > (${creatorId}, ${memberId})
      order by creator_id, member_id limit ${BATCH}`.execute(db);
    const last = rows.at(-1);
    if (last === undefined) break;
    [creatorId, memberId] = [last.creator_id, last.member_id];
    moved += rows.length;
    await storeMoved(db, rows, vault, marks);
  }
  await sql`drop table profiles_in_plain`.execute(db);
  return moved;
}

async function storeMoved(
  db: Database,
  plain: readonly PlainProfile[],
  vault: Vault,
  marks: Marks,
): Promise<void> {
  const rows = plain.map(({ creator_id: creatorId, member_id: memberId, ...told }) => {
    const [name, username, email] = [told.name, told.username, told.email].map(
      (word) => word ?? undefined,
    );
    const search = marksLiteral(marks.ofWords(creatorId, [name, username]));
    const words = { name, username, email };
    return { creatorId, memberId, search, ...sealProfile(vault, { creatorId, memberId }, words) };
  });
  await sql`
    insert into profiles (creator_id, member_id, sealed, shown, search, told_at, told_by, erased_at)
    select p.creator_id, p.member_id,
      case when p.erased_at is null then v.sealed end,
      case when p.erased_at is null then v.shown end,
      case when p.erased_at is null then v.search::bigint[] end, p.told_at, p.told_by, p.erased_at
    from unnest(
      ${rows.map((row) => row.creatorId)}::text[], ${rows.map((row) => row.memberId)}::text[],
      ${rows.map((row) => row.sealed)}::bytea[], ${rows.map((row) => row.shown)}::text[],
      ${rows.map((row) => row.search)}::text[]) as v (creator_id, member_id, sealed, shown, search)
    join profiles_in_plain p using (creator_id, member_id)
    on conflict do nothing`.execute(db);
}

/** Under another key than the first. */
async function resealProfiles(db: Database, vault: Vault): Promise<number> {
  let sealed = 0;
  for (;;) {
    const { rows } = await sql<{ creator_id: string; member_id: string; sealed: Buffer }>`
      select creator_id, member_id, sealed from profiles
      where sealed is not null and substring(sealed from 1 for 5) <> ${vault.mark}
      limit ${BATCH}`.execute(db);
    if (rows.length === 0) return sealed;
    sealed += rows.length;
    const done = rows.map((row) => {
      const whose: Whose = { creatorId: row.creator_id, memberId: row.member_id };
      return { whose, ...sealProfile(vault, whose, openProfile(vault, whose, row.sealed)) };
    });
    await sql`
      update profiles p set sealed = v.sealed, shown = v.shown
      from unnest(
        ${done.map(({ whose }) => whose.creatorId)}::text[],
        ${done.map(({ whose }) => whose.memberId)}::text[],
        ${done.map((one) => one.sealed)}::bytea[], ${done.map((one) => one.shown)}::text[])
        as v (creator_id, member_id, sealed, shown)
      where p.creator_id = v.creator_id and p.member_id = v.member_id
        and p.sealed is not null`.execute(db);
  }
}

/** Rows that somebody may still see are written anew too: an analyze that runs by itself is enough. */
async function nobodyLooksBack(db: Database): Promise<void> {
  for (let waited = 0; waited < LOOKS_BACK_MS; waited += LOOKS_BACK_POLL_MS) {
    const { rows } = await sql`
      select from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
        and backend_xmin is not null limit 1`.execute(db);
    if (rows.length === 0) return;
    await pause(LOOKS_BACK_POLL_MS);
  }
}

/** So that nothing of the time before is left in the files. */
async function rewriteFiles(
  db: Database,
  table: 'deliveries' | 'secrets',
  log: SealingOptions['log'],
): Promise<void> {
  await nobodyLooksBack(db);
  await sql`vacuum full ${sql.table(table)}`.execute(db);
  // Statistics hold samples of what was in plain, also of tables that are gone.
  await sql`analyze ${sql.table(table)}`.execute(db);
  try {
    await sql`vacuum full pg_statistic`.execute(db);
    // Old segments of the write-ahead log are removed instead of kept for use again.
    await sql`alter system set wal_recycle = off`.execute(db);
    await sql`alter system set min_wal_size = '32MB'`.execute(db);
    await sql`select pg_reload_conf()`.execute(db);
    for (let n = 0; n < 3; n++) {
      await sql`select pg_switch_wal()`.execute(db);
      await sql`checkpoint`.execute(db);
    }
    await sql`alter system reset wal_recycle`.execute(db);
    await sql`alter system reset min_wal_size`.execute(db);
    await sql`select pg_reload_conf()`.execute(db);
  } catch {
    log(
      'the write-ahead log of your PostgreSQL, its archives and replicas may still hold what was in ' +
        'plain: have its administrator switch and remove old segments',
    );
  }
}
