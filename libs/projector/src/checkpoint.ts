/**
 * Checkpoint and pointer: the rows of `projections`. All projections of a register live in one
 * schema and stand at one position; a transaction that writes to the schema first moves them by
 * compare and set. Exactly the expected rows, or none: that is the whole of exactly-once.
 */
import { CompiledQuery, sql } from 'kysely';
import type { Database, Transaction } from '#libs/database';
import type { Projection } from './projection.js';

export interface Checkpoint {
  readonly schema: string;
  /** Of the last event that the tables contain; 0n: none. */
  readonly position: bigint;
  /** When that event was recorded, unix milliseconds; 0 before the first. */
  readonly recordedAt: number;
}

/** Name and version identify what a table means. */
export type Register = readonly Pick<Projection<never>, 'name' | 'version'>[];

/** The same text for the same set of projections. */
export const registerText = (register: Register): string =>
  JSON.stringify(register.map(({ name, version }) => `${name} ${version}`).sort());

/** Somebody else moved the checkpoint: roll back, read it again, go on from there. */
export class CheckpointMoved extends Error {
  readonly code = 'checkpoint_moved';
  constructor(readonly expected: Checkpoint) {
    super(`the checkpoint of ${expected.schema} no longer stands at ${expected.position}`);
  }
}

/** There are no tables for this register: none at all, or of another set of projections. */
export class RegisterNotServed extends Error {
  readonly code = 'register_not_served';
  constructor(readonly reason: 'missing' | 'changed') {
    super(
      reason === 'missing'
        ? 'there are no read models yet'
        : 'the read models are those of another set of projections: they wait for a replay',
    );
  }
}

/** Channels of `pg_notify`; payloads: the position, the schema. */
export const PROJECTED = 'flywheel_projected';
export const POINTER = 'flywheel_pointer';

/** Throws RegisterNotServed unless the tables are exactly those of the register. */
export async function readCheckpoint(
  db: Database | Transaction,
  register: Register,
): Promise<Checkpoint> {
  const { rows } = await sql<{
    name: string;
    version: number;
    schema: string;
    position: string;
    recorded_at: string;
  }>`select name, version, schema, position, recorded_at from projections`.execute(db);
  const first = rows[0];
  if (first === undefined) throw new RegisterNotServed('missing');
  const versions = new Map(rows.map((row) => [row.name, row.version]));
  const same =
    rows.length === register.length &&
    register.every((projection) => versions.get(projection.name) === projection.version) &&
    rows.every((row) => row.schema === first.schema && row.position === first.position);
  if (!same) throw new RegisterNotServed('changed');
  return {
    schema: first.schema,
    position: BigInt(first.position),
    recordedAt: Number(first.recorded_at),
  };
}

/**
 * Rows are locked in order of name, so that two who move wait for each other and never in a circle.
 * Who waited finds another position, matches nothing, and rolls back.
 */
const MOVE = `
with held as materialized (
  select p.name
  from projections p join unnest($1::text[], $2::integer[]) as r(name, version)
    on p.name = r.name and p.version = r.version
  where p.schema = $3 and p.position = $4
    and (select count(*) from projections) = cardinality($1::text[])
  order by p.name
  for update of p
), moved as (
  update projections p set position = $5, recorded_at = $6 from held where p.name = held.name
  returning 1
)
select count(*) as n, pg_notify('${PROJECTED}', $7) from moved`;

/** Moves every row of the register from one position to a later one and tells who waits for it. */
export async function moveCheckpoint(
  tx: Transaction,
  register: Register,
  from: Checkpoint,
  to: { readonly position: bigint; readonly recordedAt: number },
): Promise<void> {
  const { rows } = await tx.executeQuery<{ n: string }>(
    CompiledQuery.raw(MOVE, [
      register.map((projection) => projection.name),
      register.map((projection) => projection.version),
      from.schema,
      from.position.toString(),
      to.position.toString(),
      String(to.recordedAt),
      to.position.toString(),
    ]),
  );
  if (Number(rows[0]?.n ?? 0) !== register.length) throw new CheckpointMoved(from);
}
