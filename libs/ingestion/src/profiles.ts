/**
 * Profiles: what people are called, apart from the log, sealed. The newest telling wins, by the time
 * of its fact; an erased person stays erased, whatever is told of them later.
 */
import { sql } from 'kysely';
import type { Transaction } from '#libs/database';
import {
  openProfile,
  type ProfileWords,
  sealProfile,
  type Vault,
  VaultError,
  type Whose,
} from '#libs/vault';
import type { Keys } from './keys.js';
import type { Profile } from './tell.js';

export interface ProfileParts {
  readonly vault: Vault;
  readonly keys: Pick<Keys, 'marks'>;
}

interface Row {
  readonly creator_id: string;
  readonly member_id: string;
  readonly sealed: Buffer | null;
  readonly told_at: string;
  readonly told_by: string;
  readonly erased: boolean;
}

/** Under the lock of the log, as erasing is: nobody is erased between the reading and the writing. */
export async function writeProfiles(
  tx: Transaction,
  told: readonly Profile[],
  parts: ProfileParts,
): Promise<void> {
  if (told.length === 0) return;
  const newest = new Map<string, Profile>();
  for (const profile of told) {
    const key = keyOf(profile.creatorId, profile.memberId);
    newest.set(key, merged(newest.get(key), profile));
  }
  const known = await knownProfiles(tx, [...newest.values()], parts.vault);
  const changed: Profile[] = [];
  const toldAgain: Profile[] = [];
  for (const [key, profile] of newest) {
    const before = known.get(key);
    if (before === 'erased') continue;
    const after = merged(before, profile);
    if (!hasWordsOf(before, after)) changed.push(after);
    else if (before.toldAt !== after.toldAt || before.toldBy !== after.toldBy)
      toldAgain.push(after);
  }
  if (changed.length > 0) await store(tx, changed, parts);
  if (toldAgain.length > 0) await storeTime(tx, toldAgain);
}

const keyOf = (creatorId: string, memberId: string): string => `${creatorId}.${memberId}`;

/** Each word of the later telling, and of the earlier what the later one leaves out. */
function merged(known: Profile | undefined, told: Profile): Profile {
  if (known === undefined) return told;
  const isLater =
    told.toldAt > known.toldAt || (told.toldAt === known.toldAt && told.toldBy >= known.toldBy);
  return isLater ? { ...known, ...told } : { ...told, ...known };
}

const hasWordsOf = (before: Profile | undefined, after: Profile): before is Profile =>
  before !== undefined &&
  (['name', 'username', 'email'] as const).every((field) => before[field] === after[field]);

async function knownProfiles(
  tx: Transaction,
  asked: readonly Profile[],
  vault: Vault,
): Promise<Map<string, Profile | 'erased'>> {
  const { rows } = await sql<Row>`
    select p.creator_id, p.member_id, p.sealed, p.told_at, p.told_by,
      p.erased_at is not null as erased
    from unnest(${asked.map((one) => one.creatorId)}::text[],
      ${asked.map((one) => one.memberId)}::text[]) as asked (creator_id, member_id)
    join profiles p using (creator_id, member_id)`.execute(tx);
  return new Map(
    rows.map((row) => [
      keyOf(row.creator_id, row.member_id),
      row.erased ? 'erased' : profileOf(row, vault),
    ]),
  );
}

function profileOf(row: Row, vault: Vault): Profile {
  const whose = { creatorId: row.creator_id, memberId: row.member_id };
  const words = row.sealed === null ? {} : openUnaltered(vault, whose, row.sealed);
  return { ...whose, ...(words as ToldWords), toldAt: Number(row.told_at), toldBy: row.told_by };
}

/** What was altered tells nothing, and must stand in nobody's way: the next telling brings it again. Throws `data_key_wrong`. */
export function openUnaltered(vault: Vault, whose: Whose, sealed: Buffer): ProfileWords {
  try {
    return openProfile(vault, whose, sealed);
  } catch (error) {
    if (error instanceof VaultError && error.code === 'sealed_altered') return {};
    throw error;
  }
}

type ToldWords = Pick<Profile, 'name' | 'username' | 'email'>;

async function store(
  tx: Transaction,
  profiles: readonly Profile[],
  { vault, keys }: ProfileParts,
): Promise<void> {
  const rows = profiles.map((profile) => {
    const { creatorId, memberId, toldAt, toldBy, name, username, email } = profile;
    const words: ProfileWords = { name, username, email };
    const search = keys.marks.ofWords(creatorId, [name, username]);
    return { creatorId, memberId, toldAt, toldBy, search, ...sealProfile(vault, profile, words) };
  });
  await sql`
    insert into profiles as p (creator_id, member_id, sealed, shown, search, told_at, told_by)
    select v.creator_id, v.member_id, v.sealed, v.shown, v.search::bigint[], v.told_at, v.told_by
    from unnest(
      ${rows.map((row) => row.creatorId)}::text[], ${rows.map((row) => row.memberId)}::text[],
      ${rows.map((row) => row.sealed)}::bytea[], ${rows.map((row) => row.shown)}::text[],
      ${rows.map((row) => marksLiteral(row.search))}::text[],
      ${rows.map((row) => row.toldAt)}::bigint[], ${rows.map((row) => row.toldBy)}::text[])
      as v (creator_id, member_id, sealed, shown, search, told_at, told_by)
    on conflict (creator_id, member_id) do update set
      sealed = excluded.sealed, shown = excluded.shown, search = excluded.search,
      told_at = excluded.told_at, told_by = excluded.told_by
    where p.erased_at is null`.execute(tx);
}

/** Most tellings bring no new word: nothing is sealed or marked anew for them. */
async function storeTime(tx: Transaction, profiles: readonly Profile[]): Promise<void> {
  await sql`
    update profiles p set told_at = v.told_at, told_by = v.told_by
    from unnest(
      ${profiles.map((one) => one.creatorId)}::text[], ${profiles.map((one) => one.memberId)}::text[],
      ${profiles.map((one) => one.toldAt)}::bigint[], ${profiles.map((one) => one.toldBy)}::text[])
      as v (creator_id, member_id, told_at, told_by)
    where p.creator_id = v.creator_id and p.member_id = v.member_id
      and p.erased_at is null`.execute(tx);
}

/** An array in a column of arrays, which `unnest` would flatten. */
export const marksLiteral = (marks: readonly bigint[]): string => `{${marks.join(',')}}`;
