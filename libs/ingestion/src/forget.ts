/**
 * What is kept in `deliveries` of people who were erased: of a decided delivery nothing, of an undecided
 * one what money needs (scrub.ts). Erasing does it to what is there (operating/erasure.ts), and the
 * intake to whatever tells of them later, by the marks that erasing leaves behind.
 */
import { sql } from 'kysely';
import type { DeliveryOutcome, Transaction } from '#libs/database';
import { ownerOf } from '#libs/ledger';
import { type Vault, VaultError } from '#libs/vault';
import { DELIVERY, type DeliveryRow, deliveryOf, placeOf, sealBody } from './bodies.js';
import type { Keys } from './keys.js';
import { membershipKey } from './keys.js';
import { marksLiteral } from './profiles.js';
import type { Provider } from './provider.js';
import type { Routing } from './routing.js';
import { type Erased, scrubbed } from './scrub.js';
import { namesOf, subjectsOfBody, subjectsOfTold } from './subjects.js';
import type { Delivery, Verdict } from './verdict.js';

export interface ForgetParts {
  readonly vault: Vault;
  readonly keys: Keys;
  readonly providers: readonly Provider[];
}

/** Money may yet come of it: an exclusion can be taken back. */
export const isUndecided = (outcome: DeliveryOutcome): boolean => UNDECIDED.has(outcome);
const UNDECIDED: ReadonlySet<DeliveryOutcome> = new Set([
  ...(['pending', 'parked', 'quarantined', 'excluded'] as const),
]);

/** Of what a batch has decided, in its transaction. */
export async function forgetErased(
  tx: Transaction,
  { verdicts, routing }: { readonly verdicts: readonly Verdict[]; readonly routing: Routing },
  parts: ForgetParts,
): Promise<void> {
  const marks = new Set(verdicts.flatMap(({ subjects = [] }) => subjects));
  const erased = await erasedAmong(tx, marks);
  if (erased.size === 0) return;
  const theirs = verdicts.filter(({ subjects = [] }) => subjects.some((mark) => erased.has(mark)));
  const undecided = theirs.filter(({ outcome }) => isUndecided(outcome)).map(({ id }) => id);
  const decided = theirs.filter(({ outcome }) => !isUndecided(outcome)).map(({ id }) => id);
  await dropBodies(tx, decided);
  await addNames(tx, theirs, erased, parts.keys);
  if (undecided.length === 0) return;
  const whom = erasedByMarks(erased, routing, parts.keys);
  const { rows } = await sql<DeliveryRow>`
    select ${DELIVERY} from deliveries
    where id = any(${undecided}::bigint[]) and body is not null`.execute(tx);
  for (const row of rows) await scrubBody(tx, row, whom, parts);
}

async function erasedAmong(
  tx: Transaction,
  marks: ReadonlySet<bigint>,
): Promise<ReadonlySet<bigint>> {
  if (marks.size === 0) return marks;
  const { rows } = await sql<{ mark: string }>`
    select mark from erased_subjects
    where mark = any(${[...marks].map(String)}::bigint[])`.execute(tx);
  return new Set(rows.map(({ mark }) => BigInt(mark)));
}

/** What erased people are called by facts that came later: others may name them by it. */
async function addNames(
  tx: Transaction,
  theirs: readonly Verdict[],
  erased: ReadonlySet<bigint>,
  keys: Keys,
): Promise<void> {
  const names = theirs.flatMap(({ told }) => (told ? namesOf(told.person, told.owner, keys) : []));
  const marks = names.filter(({ whose }) => erased.has(whose)).map(({ name }) => name);
  if (marks.length > 0) await leaveMarks(tx, marks);
}

export async function leaveMarks(tx: Transaction, marks: readonly bigint[]): Promise<void> {
  await sql`
    insert into erased_subjects (mark) select distinct unnest(${marks.map(String)}::bigint[])
    on conflict do nothing`.execute(tx);
}

const erasedByMarks = (erased: ReadonlySet<bigint>, routing: Routing, keys: Keys): Erased => ({
  creatorOf: ({ membershipId }) => {
    const stream = membershipId && routing.streamOf(membershipKey(membershipId));
    return stream ? ownerOf(stream).creatorId : undefined;
  },
  // As its delivery was marked: by what it says itself.
  isOf: (told) => subjectsOfTold(told, told.creatorId, keys).some((mark) => erased.has(mark)),
});

/** Id, hash and outcome stay. */
export async function dropBodies(tx: Transaction, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await sql`
    update deliveries set body = null, headers = null, subjects = null
    where id = any(${[...ids]}::bigint[])`.execute(tx);
}

/** Its marks stay: by them the rest goes once it is decided. Answers the key of the username that it told of them. */
export async function scrubBody(
  tx: Transaction,
  row: DeliveryRow,
  erased: Erased,
  { vault, keys, providers }: ForgetParts,
): Promise<string | 'as it was' | undefined> {
  const delivery = unalteredOrNone(row, vault);
  const provider = providers.find(({ name }) => name === row.provider);
  const left = delivery && scrubbed(delivery, { provider, erased, keys });
  if (delivery === undefined || left?.body === undefined) {
    await dropBodies(tx, [row.id]);
    return undefined;
  }
  if (left.body.equals(delivery.body)) return 'as it was';
  const sealed = sealBody(vault, placeOf(row), left.body, 'scrubbed');
  const subjects = marksLiteral(subjectsOfBody(delivery.body, keys) ?? []);
  await sql`
    update deliveries set body = ${sealed}, headers = null, body_form = 'scrubbed',
      subjects = coalesce(subjects, ${subjects}::bigint[])
    where id = ${row.id}::bigint`.execute(tx);
  return left.usernameKey;
}

/** Nothing will ever come of bytes that were altered; a wrong key is another matter. Throws `data_key_wrong`. */
export function unalteredOrNone(row: DeliveryRow, vault: Vault): Delivery | undefined {
  try {
    return deliveryOf(row, vault);
  } catch (error) {
    if (error instanceof VaultError && error.code === 'sealed_altered') return undefined;
    throw error;
  }
}

/** Of one that failed in a way that nobody foresaw: what translates it may be what failed. */
export async function forgetErasedIn(
  tx: Transaction,
  row: DeliveryRow,
  { vault, keys }: ForgetParts,
): Promise<void> {
  const delivery = unalteredOrNone(row, vault);
  const subjects = delivery && subjectsOfBody(delivery.body, keys);
  if (subjects === undefined) return;
  await sql`
    update deliveries set subjects = ${marksLiteral(subjects)}::bigint[]
    where id = ${row.id}::bigint`.execute(tx);
  const erased = await erasedAmong(tx, new Set(subjects));
  if (erased.size === 0) return;
  const whom: Erased = { creatorOf: () => undefined, isOf: () => true };
  await scrubBody(tx, row, whom, { vault, keys, providers: [] });
}
