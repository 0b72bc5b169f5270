/**
 * Erasing a person: their words go from everywhere at once (product.md, "Personal data"). Profiles
 * become tombstones, raw deliveries that tell of them lose body and headers; id, hash and outcome
 * stay. What is not decided yet is scrubbed instead (scrub.ts), so that no money is lost.
 *
 * Deliveries are found by their marks. Those that nobody has looked at yet have none: the pending, and
 * what an earlier release left. They are opened, before the transaction, in batches. Whatever comes
 * or is decided meanwhile gets its marks from the intake, which writes under the lock of the log, as
 * this does: it is either found here, or the intake finds the marks that are left here.
 */
import { sql } from 'kysely';
import type { ErasedCounts, PersonalData, PersonOrdered } from '#libs/application';
import type { Database, DeliveryOutcome, Transaction } from '#libs/database';
import { type ProfileWords, type Vault, VaultError } from '#libs/vault';
import type { BatchParts } from '../batch.js';
import { type BodyRow, DELIVERY, type DeliveryRow, openBody } from '../bodies.js';
import { dropBodies, isUndecided, leaveMarks, scrubBody, unalteredOrNone } from '../forget.js';
import type { Keys } from '../keys.js';
import { openUnaltered } from '../profiles.js';
import { erasedPerson } from '../scrub.js';
import { type ErasedPerson, subjectsOfBody, subjectsOfPerson } from '../subjects.js';

export type ErasureParts = Pick<BatchParts, 'db' | 'providers' | 'vault'> & {
  /** Asked when they are needed: the ledger may be without its tables when the process starts. */
  readonly keys: () => Promise<Keys>;
};

/** Bodies opened at once. */
const BATCH = 500;

/** Where personal data is erased. */
export class Erasure implements PersonalData {
  constructor(private readonly parts: ErasureParts) {}

  async look(ordered: PersonOrdered): Promise<readonly string[]> {
    const { db, vault } = this.parts;
    const keys = await this.parts.keys();
    const person = await withWords(db, vault, ordered);
    const marks = new Set(subjectsOfPerson(person, keys));
    const found: string[] = [];
    for (let after = '0'; ; ) {
      const rows = await unmarked(db, after);
      for (const row of rows) {
        const body = openedOrNone(vault, row);
        if (body === undefined || !mayTellOf(body, person, keys)) continue;
        const subjects = subjectsOfBody(body, keys);
        if (subjects?.some((mark) => marks.has(mark)) ?? true) found.push(row.id);
      }
      const last = rows.at(-1);
      if (last === undefined || rows.length < BATCH) return found;
      after = last.id;
    }
  }

  async erase(
    ordered: PersonOrdered,
    looked: readonly string[],
    within: Transaction,
  ): Promise<ErasedCounts> {
    return this.eraseIn(within, await this.parts.keys(), ordered, looked);
  }

  async count(ordered: PersonOrdered, looked: readonly string[]): Promise<ErasedCounts> {
    const { db, vault } = this.parts;
    const { rows } = await this.found(db, await withWords(db, vault, ordered), looked);
    const undecided = rows.filter(({ outcome }) => isUndecided(outcome));
    const words = undecided.filter(({ body_form: form }) => form !== 'scrubbed').length;
    const profile = (await wordsOf(db, vault, ordered)) !== undefined;
    return { profile, deliveries: rows.length - undecided.length, scrubbed: words };
  }

  /**
   * What is kept of them, and the person with every email that it tells of them: their profile has but
   * the newest, and others may name them by any.
   */
  private async found(
    db: Database | Transaction,
    ordered: ErasedPerson,
    looked: readonly string[],
    locking = sql``,
  ): Promise<{ person: ErasedPerson; rows: readonly KeptRow[] }> {
    const keys = await this.parts.keys();
    const read = new Set<string>();
    for (let person = ordered; ; ) {
      const rows = await kept(db, subjectsOfPerson(person, keys), looked, locking);
      const emails = new Set(person.emails);
      for (const row of rows) {
        if (read.has(row.id)) continue;
        read.add(row.id);
        const email = this.emailIn(row, person, keys);
        if (email !== undefined) emails.add(email);
      }
      if (emails.size === person.emails.length) return { person, rows };
      person = { ...person, emails: [...emails] };
    }
  }

  /** That a delivery tells of the person; in lower case. */
  private emailIn(row: KeptRow, person: ErasedPerson, keys: Keys): string | undefined {
    const provider = this.parts.providers.find(({ name }) => name === row.provider);
    const delivery =
      row.body_form === 'scrubbed' ? undefined : unalteredOrNone(row, this.parts.vault);
    if (delivery === undefined || provider === undefined) return undefined;
    const translation = provider.translate(delivery.body, delivery.receivedAt);
    const told =
      translation.outcome === 'telling'
        ? translation.telling.person
        : provider.wordsIn(delivery.body)?.person;
    if (told?.email === undefined) return undefined;
    const { creatorOf, isOf } = erasedPerson(person, keys);
    return isOf(told, told.creatorId ?? creatorOf(told)) ? told.email.toLowerCase() : undefined;
  }

  private async eraseIn(
    tx: Transaction,
    keys: Keys,
    ordered: PersonOrdered,
    looked: readonly string[],
  ): Promise<ErasedCounts> {
    const { vault, providers } = this.parts;
    const known = await wordsOf(tx, vault, ordered);
    const locking = sql`order by id for update`;
    const { person, rows } = await this.found(
      tx,
      { ...ordered, ...calledIn(known) },
      looked,
      locking,
    );
    await bury(tx, person, subjectsOfPerson(person, keys));
    const decided = rows.filter(({ outcome }) => !isUndecided(outcome)).map(({ id }) => id);
    await dropBodies(tx, decided);
    const undecided = rows.filter(({ outcome }) => isUndecided(outcome));
    let scrubbed = 0;
    const told = new Set<string>();
    const erased = erasedPerson(person, keys);
    for (const row of undecided) {
      const left = await scrubBody(tx, row, erased, { vault, providers, keys });
      if (left === 'as it was') continue;
      scrubbed += 1;
      if (left !== undefined) told.add(left);
    }
    const first = { profile: known !== undefined, deliveries: decided.length, scrubbed };
    // A username that only these had told: others may have named them by it.
    const more = [...told].filter((key) => !ordered.usernameKeys.includes(key));
    if (more.length === 0) return first;
    const usernameKeys = [...ordered.usernameKeys, ...more];
    const then = await this.eraseIn(tx, keys, { ...ordered, usernameKeys }, looked);
    return {
      profile: first.profile,
      deliveries: first.deliveries + then.deliveries,
      scrubbed: first.scrubbed + then.scrubbed,
    };
  }
}

interface KeptRow extends DeliveryRow {
  readonly outcome: DeliveryOutcome;
}

/** Those that the marks find, and those that were looked at. */
async function kept(
  db: Database | Transaction,
  marks: readonly bigint[],
  looked: readonly string[],
  locking = sql``,
): Promise<KeptRow[]> {
  const { rows } = await sql<KeptRow>`
    select ${DELIVERY}, outcome from deliveries
    where id in (
      select id from deliveries
      where body is not null and subjects && ${marks.map(String)}::bigint[]
      union all select unnest(${[...looked]}::bigint[]))
      and body is not null and provider <> 'internal' ${locking}`.execute(db);
  return rows;
}

/** What is pending, and what was left without marks: it was never understood, or by an earlier release. */
async function unmarked(db: Database, after: string): Promise<KeptRow[]> {
  const { rows } = await sql<KeptRow>`
    select ${DELIVERY}, outcome from deliveries
    where id > ${after}::bigint and body is not null and subjects is null
      and provider <> 'internal'
    order by id limit ${BATCH}`.execute(db);
  return rows;
}

/** A username wherever bodies have one; what is escaped has to be read. */
const USERNAMES = /"(?:username|affiliate_username|affiliate_code)"\s*:\s*"([^"]*)"/g;

/** Almost none does, and that is seen without reading it; whether it is so is for its subjects to say. */
function mayTellOf(body: Buffer, person: ErasedPerson, keys: Keys): boolean {
  const text = body.toString('utf8');
  if (text.includes('\\u')) return true;
  const { creatorId, memberId, membershipIds, username, emails } = person;
  if ([memberId, ...membershipIds].some((id) => text.includes(id))) return true;
  const folded = text.toLowerCase();
  const words = [...(username ? [username.toLowerCase()] : []), ...emails];
  if (words.some((word) => folded.includes(word))) return true;
  if (person.usernameKeys.length === 0) return false;
  return [...text.matchAll(USERNAMES)].some(([, word = '']) =>
    person.usernameKeys.includes(keys.username(creatorId, word.trim().toLowerCase())),
  );
}

async function withWords(
  db: Database,
  vault: Vault,
  ordered: PersonOrdered,
): Promise<ErasedPerson> {
  const known = await wordsOf(db, vault, ordered);
  return { ...ordered, ...calledIn(known) };
}

const calledIn = (known: ProfileWords | undefined): Pick<ErasedPerson, 'username' | 'emails'> => ({
  username: known?.username,
  emails: known?.email === undefined ? [] : [known.email.toLowerCase()],
});

/** Undefined: no profile, or none any more. */
async function wordsOf(
  db: Database | Transaction,
  vault: Vault,
  whose: PersonOrdered,
): Promise<ProfileWords | undefined> {
  const { rows } = await sql<{ sealed: Buffer | null }>`
    select sealed from profiles
    where creator_id = ${whose.creatorId} and member_id = ${whose.memberId}`.execute(db);
  const sealed = rows[0]?.sealed;
  return sealed ? openUnaltered(vault, whose, sealed) : undefined;
}

/** A tombstone where the profile was, and marks for what is told later. */
async function bury(
  tx: Transaction,
  { creatorId, memberId }: ErasedPerson,
  marks: readonly bigint[],
): Promise<void> {
  await sql`
    insert into profiles as p (creator_id, member_id, told_at, told_by, erased_at)
    values (${creatorId}, ${memberId}, 0, '', clock_timestamp())
    on conflict (creator_id, member_id) do update set sealed = null, shown = null, search = null,
      erased_at = coalesce(p.erased_at, excluded.erased_at)`.execute(tx);
  await leaveMarks(tx, marks);
  // Labels are an admin's words, and may be somebody's name.
  await sql`
    update tokens set label = null
    where creator_id = ${creatorId} and member_id = ${memberId} and label is not null`.execute(tx);
}

/** Undefined: no key of ours opens it, so nobody can read it; it must not stand in anybody's way. */
function openedOrNone(vault: Vault, row: BodyRow): Buffer | undefined {
  try {
    return openBody(vault, row);
  } catch (error) {
    if (error instanceof VaultError) return undefined;
    throw error;
  }
}
