/**
 * Imports: history, and what was missed, through the same inbox as webhooks. Lines come in chunks;
 * a chunk's deliveries, its counts and the place in the file up to which all is stored are one
 * commit, so an import that was killed goes on behind its last chunk and loses and doubles nothing.
 * Even a file that is sent again from its beginning stores nothing new: a line names its delivery.
 *
 * Reading a chunk costs about as much as storing it, so the next one is read while the one before is
 * being committed; in slices, or webhooks would wait for their answers meanwhile.
 *
 * Hazards. Chunks of all imports are stored one at a time, under an advisory lock: two of them could
 * hold the same new lines in another order and deadlock, and the ids that a chunk is given must not
 * mix with another import's. Within a process they also take turns in the order in which they came,
 * so that none that was read faster overtakes the one before it. What an import brought is found again by those ids: webhooks come
 * between them, and are another provider's.
 */
import { sql } from 'kysely';
import type { Database, Transaction } from '#libs/database';
import { DomainError } from '#libs/ledger';
import type { Vault } from '#libs/vault';
import { sealBody } from '../bodies.js';
import { DELIVERIES_CHANNEL } from '../deliveries.js';
import { IMPORT_PROVIDER, type ObjectKind } from '../providers/whop/api-objects.js';
import {
  type Reading,
  type ReadLine,
  type ReadLines,
  readInSlices,
  type Unreadable,
} from './lines.js';
import { type ImportOutcomes, importOutcomes } from './outcomes.js';

/** Unreadable lines that are kept with their reasons; all are counted. */
export const MAX_PROBLEMS = 100;
/** Key of the advisory lock: any number that nothing else uses. */
const LOCK = 4_310_005;
const MAX_ATTEMPTS = 3;

export interface NewImport extends Reading {
  /** Said in lists; no path. */
  readonly name: string;
  /** Of the file's bytes; absent for what can be read only once. */
  readonly sha256?: Buffer;
  /** Of the lines; unknown for what is compressed or can be read only once. */
  readonly bytes?: number;
}

export interface Import {
  readonly id: string;
  readonly name: string;
  readonly kind: ObjectKind | null;
  readonly creatorId: string | null;
  readonly bytes: bigint | null;
  /** Every line that begins before it is stored. */
  readonly position: bigint;
  readonly lines: bigint;
  readonly stored: bigint;
  /** Stored before, by this import or another. */
  readonly known: bigint;
  readonly unreadable: bigint;
  /** The first unreadable ones. */
  readonly problems: readonly Unreadable[];
  /** The last line was stored. */
  readonly complete: boolean;
  readonly startedAt: Date;
  /** Of those that it stored; exact once `settled`. */
  readonly decided: bigint;
  /** None of its deliveries waits for the intake. */
  readonly settled: boolean;
}

export interface Chunk {
  /** Where it begins in the file, in bytes. */
  readonly from: bigint;
  readonly bytes: Buffer;
  /** Nothing comes after it. */
  readonly last: boolean;
  /** Unix milliseconds. */
  readonly receivedAt: number;
}

interface ImportRow {
  readonly id: string;
  readonly name: string;
  readonly kind: ObjectKind | null;
  readonly creator_id: string | null;
  readonly bytes: string | null;
  readonly position: string;
  readonly lines: string;
  readonly stored: string;
  readonly known: string;
  readonly unreadable: string;
  readonly problems: Unreadable[];
  readonly complete: boolean;
  readonly started_at: Date;
}

export class Imports {
  /** Of the last chunk that has come; never rejects. */
  private turn: Promise<void> = Promise.resolve();
  /** Under way, by import. */
  private readonly counting = new Map<string, Promise<ImportOutcomes>>();

  constructor(
    private readonly db: Database,
    private readonly vault: Vault,
  ) {}

  /** Begins an import, or finds the one that read the same file the same way. */
  async open(asked: NewImport, startedAt: number): Promise<Import> {
    const { name, sha256 = null, bytes = null, kind = null, creatorId = null } = asked;
    const begun = await sql<{ id: string }>`
      insert into imports (name, sha256, kind, creator_id, bytes, started_at)
      values (${name}, ${sha256}, ${kind}, ${creatorId}, ${bytes}, ${new Date(startedAt)})
      on conflict (sha256, coalesce(kind, ''), coalesce(creator_id, ''))
        where sha256 is not null do nothing
      returning id`.execute(this.db);
    if (begun.rows[0] !== undefined) return this.find(begun.rows[0].id);
    const { rows } = await sql<{ id: string }>`
      select id from imports
      where sha256 = ${sha256} and kind is not distinct from ${kind}
        and creator_id is not distinct from ${creatorId}`.execute(this.db);
    return this.find(String(rows[0]?.id));
  }

  /** @throws DomainError `import_not_found` */
  async find(id: string): Promise<Import> {
    const { rows } = await sql<ImportRow>`
      select * from imports where id = ${id}::bigint`.execute(this.db);
    if (rows[0] === undefined) throw notFound(id);
    return { ...importOf(rows[0]), ...(await this.progress(rows[0])) };
  }

  /**
   * What became of a settled import. Of a large one it takes long: who asks once more, as one does who
   * has waited too long, is answered together with the first.
   */
  outcomes(id: string): Promise<ImportOutcomes> {
    const under = this.counting.get(id);
    if (under !== undefined) return under;
    const counting = importOutcomes(this.db, id).finally(() => this.counting.delete(id));
    this.counting.set(id, counting);
    return counting;
  }

  /**
   * Stores the lines of a chunk and moves on behind it; resolves after the commit.
   * @throws DomainError `import_not_found`; `import_moved` where the chunk does not begin at the
   *   import's position: it was stored already, or one before it was not
   */
  async store(id: string, chunk: Chunk): Promise<void> {
    const before = this.turn;
    const stored = this.readChunk(id, chunk).then(async (read) => {
      await before;
      await this.storeRead(id, chunk, read);
    });
    this.turn = Promise.all([before, stored.catch(() => {})]).then(() => {});
    await stored;
    // A hint: the intake also looks by itself.
    await sql`select pg_notify(${DELIVERIES_CHANNEL}, '')`.execute(this.db).catch(() => {});
  }

  /** Its lines, numbered from 1: where it lies in the file is known when it is stored. */
  private async readChunk(id: string, { bytes }: Chunk): Promise<ReadLines> {
    const { rows } = await sql<Pick<ImportRow, 'kind' | 'creator_id'>>`
      select kind, creator_id from imports where id = ${id}::bigint`.execute(this.db);
    if (rows[0] === undefined) throw notFound(id);
    const { kind, creator_id: creatorId } = rows[0];
    const reading = { kind: kind ?? undefined, creatorId: creatorId ?? undefined };
    return this.sealed(await readInSlices(bytes, reading));
  }

  /** Before the transaction that stores them. */
  private sealed(read: ReadLines): ReadLines {
    return {
      ...read,
      lines: read.lines.map((line) => ({ ...line, body: sealBody(this.vault, line, line.body) })),
    };
  }

  private async storeRead(id: string, chunk: Chunk, read: ReadLines): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.db.transaction().execute((tx) => storeChunk(tx, id, chunk, read));
      } catch (error) {
        if (attempt === MAX_ATTEMPTS || !isContention(error)) throw error;
      }
    }
  }

  /** The intake decides in order of the ids: what lies before the first that waits is decided. */
  private async progress({ id, stored }: ImportRow): Promise<Pick<Import, 'decided' | 'settled'>> {
    const { rows } = await sql<{ decided: string | null; waits: boolean }>`
      with bounds as (
        select min(first_id) as first, max(last_id) as last
        from import_ranges where import = ${id}::bigint
      ), waiting as (
        select d.id from deliveries d, bounds
        where d.outcome = 'pending' and d.provider = ${IMPORT_PROVIDER}
          and d.id between bounds.first and bounds.last
        order by d.id limit 1
      )
      select exists (select from waiting) as waits,
        sum(least(r.stored, greatest(0, (select w.id from waiting w) - r.first_id))) as decided
      from import_ranges r where r.import = ${id}::bigint`.execute(this.db);
    const settled = rows[0]?.waits !== true;
    return { settled, decided: BigInt(settled ? stored : (rows[0]?.decided ?? 0)) };
  }
}

const importOf = (row: ImportRow): Omit<Import, 'decided' | 'settled'> => ({
  id: row.id,
  name: row.name,
  kind: row.kind,
  creatorId: row.creator_id,
  bytes: row.bytes === null ? null : BigInt(row.bytes),
  position: BigInt(row.position),
  lines: BigInt(row.lines),
  stored: BigInt(row.stored),
  known: BigInt(row.known),
  unreadable: BigInt(row.unreadable),
  problems: row.problems,
  complete: row.complete,
  startedAt: row.started_at,
});

async function storeChunk(
  tx: Transaction,
  id: string,
  chunk: Chunk,
  read: ReadLines,
): Promise<void> {
  await sql`select pg_advisory_xact_lock(${LOCK})`.execute(tx);
  const { rows } = await sql<Pick<ImportRow, 'position' | 'lines'>>`
    select position, lines from imports where id = ${id}::bigint for update`.execute(tx);
  const [row] = rows;
  if (row === undefined) throw notFound(id);
  if (BigInt(row.position) !== chunk.from)
    throw new DomainError('import_moved', `the import is at byte ${row.position}`);
  const stored =
    read.lines.length === 0
      ? NOTHING
      : await insertLines(tx, { id, before: row.lines }, read.lines, chunk);
  if (stored.first !== null)
    await sql`
      insert into import_ranges (import, first_id, last_id, stored)
      values (${id}::bigint, ${stored.first}::bigint, ${stored.last}::bigint,
        ${stored.count}::bigint)`.execute(tx);
  const known = BigInt(read.lines.length) - BigInt(stored.count);
  const problems = read.unreadable
    .slice(0, MAX_PROBLEMS)
    .map((one) => ({ ...one, line: Number(row.lines) + one.line }));
  await sql`
    update imports set
      position = position + ${chunk.bytes.length}, lines = lines + ${read.count},
      stored = stored + ${stored.count}::bigint, known = known + ${String(known)}::bigint,
      unreadable = unreadable + ${read.unreadable.length}, complete = ${chunk.last},
      problems = case when jsonb_array_length(problems) >= ${MAX_PROBLEMS} then problems
        else problems || ${JSON.stringify(problems)}::jsonb end
    where id = ${id}::bigint`.execute(tx);
}

interface Inserted {
  readonly count: string;
  readonly first: string | null;
  readonly last: string | null;
}
const NOTHING: Inserted = { count: '0', first: null, last: null };

/** In the order of the file. Bodies and hashes travel as runs of bytes, as in deliveries.ts. */
async function insertLines(
  tx: Transaction,
  { id, before }: { readonly id: string; readonly before: string },
  lines: readonly ReadLine[],
  { receivedAt }: Chunk,
): Promise<Inserted> {
  let end = 0;
  const ends = lines.map(({ body }) => (end += body.length));
  const result = await sql<Inserted>`
    with told as (
      select * from unnest(
        ${lines.map((line) => line.deliveryId)}::text[],
        ${lines.map((line) => line.body.length)}::int[],
        ${ends}::int[],
        ${lines.map((line) => line.number)}::bigint[])
        with ordinality as told (delivery_id, length, ends, line, n)
    ), stored as (
      insert into deliveries
        (provider, delivery_id, body_sha256, generation, body_form, body, headers, received_at)
      select ${IMPORT_PROVIDER}, delivery_id,
        substring(${Buffer.concat(lines.map((line) => line.sha256))}::bytea from n::int * 32 - 31 for 32),
        'import', 'sealed',
        substring(${Buffer.concat(lines.map((line) => line.body))}::bytea from ends - length + 1 for length),
        jsonb_build_object('import', ${id}::text, 'line', (${before}::bigint + line)::text),
        ${new Date(receivedAt)}::timestamptz
      from told order by n
      on conflict (delivery_id, provider, body_sha256) do nothing
      returning id
    )
    select count(*) as count, min(id) as first, max(id) as last from stored`.execute(tx);
  return result.rows[0] ?? NOTHING;
}

const notFound = (id: string): DomainError =>
  new DomainError('import_not_found', `there is no import ${id}`);

/** Serialisation failures and deadlocks pass by themselves. */
const isContention = (error: unknown): boolean => {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && code.startsWith('40');
};
