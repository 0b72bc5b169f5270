/** What people are called, beside the log: names live in profiles, where they can be erased. */
import { sql } from 'kysely';
import type { Database } from '#libs/database';
import type { Owner } from '#libs/ledger';
import type { Names, SealedName } from '#libs/vault';

export interface NamedMember extends Owner {
  readonly name: string;
}

/** Those that have a name or username; the others are called by their id. */
export async function namesOf(
  db: Database,
  names: Names,
  members: readonly Owner[],
): Promise<NamedMember[]> {
  if (members.length === 0) return [];
  const { rows } = await sql<{ creator_id: string; member_id: string; shown: SealedName }>`
    select p.creator_id, p.member_id, p.shown
    from profiles p
    join unnest(${members.map((one) => one.creatorId)}::text[],
      ${members.map((one) => one.memberId)}::text[]) as m(creator_id, member_id)
      using (creator_id, member_id)
    where p.shown is not null
    group by p.creator_id, p.member_id order by p.creator_id, p.member_id`.execute(db);
  return rows.map(({ creator_id: creatorId, member_id: memberId, shown }) => ({
    creatorId,
    memberId,
    name: names.open(creatorId, memberId, shown) ?? memberId,
  }));
}
