/**
 * What is kept in `deliveries` of people who were erased: of a decided delivery nothing, of an undecided
 * one what money needs (scrub.ts). Erasing does it to what is there (operating/erasure.ts), and the
 * intake to whatever tells of them later, by the marks that erasing leaves behind.
 */
import { sql } from 'kysely';
import type { DeliveryOutcome, Transaction } from '#libs/database';
import type { Vault } from '#libs/vault';
import { DELIVERY, type DeliveryRow, deliveryOf, placeOf, sealBody } from './bodies.js';
import type { Keys } from './keys.js';
import { marksLiteral } from './profiles.js';
import type { Provider } from './provider.js';
import { type Erased, scrubbed, usernameKeyIn } from './scrub.js';
import { subjectsOfBody, subjectsOfTold } from './subjects.js';
import type { Verdict } from './verdict.js';

export interface ForgetParts {
  readonly vault: Vault;
  readonly keys: Keys;
  readonly providers: readonly Provider[];
}

/** Money may yet come of it. */
export const isUndecided = (outcome: DeliveryOutcome): boolean => UNDECIDED.has(outcome);
const UNDECIDED: ReadonlySet<DeliveryOutcome> = new Set(['pending', 'parked', 'quarantined']);

/** Of what a batch has decided, in its transaction. */
export async function forgetErased(
  tx: Transaction,
  verdicts: readonly Verdict[],
  parts: ForgetParts,
): Promise<void> {
  const marks = new Set(verdicts.flatMap(({ subjects = [] }) => subjects));
  const erased = await erasedAmong(tx, marks);
  if (erased.size === 0) return;
  const theirs = verdicts.filter(({ subjects = [] }) => subjects.some((mark) => erased.has(mark)));
  const undecided = theirs.filter(({ outcome }) => isUndecided(outcome)).map(({ id }) => id);
  const decided = theirs.filter(({ outcome }) => !isUndecided(outcome)).map(({ id }) => id);
  await dropBodies(tx, decided);
  if (undecided.length === 0) return;
  const whom = erasedByMarks(erased, parts.keys);
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

const erasedByMarks = (erased: ReadonlySet<bigint>, keys: Keys): Erased => ({
  creatorOf: () => undefined,
  isOf: (told, creatorId) => subjectsOfTold(told, creatorId, keys).some((mark) => erased.has(mark)),
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
  const delivery = deliveryOf(row, vault);
  const { body } = delivery;
  const provider = providers.find(({ name }) => name === row.provider);
  const left = scrubbed(delivery, { provider, erased, keys });
  if (left?.equals(body)) return 'as it was';
  if (left === undefined) {
    await dropBodies(tx, [row.id]);
    return undefined;
  }
  const sealed = sealBody(vault, placeOf(row), left, 'scrubbed');
  const subjects = marksLiteral(subjectsOfBody(body, keys) ?? []);
  await sql`
    update deliveries set body = ${sealed}, headers = null, body_form = 'scrubbed',
      subjects = coalesce(subjects, ${subjects}::bigint[])
    where id = ${row.id}::bigint`.execute(tx);
  return usernameKeyIn(left);
}
