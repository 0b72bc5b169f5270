/** What checks of one session share: temporary tables, or views of a read model proved to be equal. */
import { type RawBuilder, sql } from 'kysely';
import type { Transaction } from '#libs/database';
import type { Scope, Stage, Twin } from './check.js';
import { plannedNow } from './sessions.js';
import { SessionSum } from './sums.js';

/** Which twins are equal: found once a run, for all of its sessions, which see the same. */
export class Proofs {
  private readonly known = new Map<Twin, Promise<boolean>>();

  /** Whoever asks first proves it; the others wait for the answer, or for its failure. */
  of(twin: Twin, prove: () => Promise<boolean>): Promise<boolean> {
    const known = this.known.get(twin) ?? prove();
    this.known.set(twin, known);
    return known;
  }
}

/** Whether joins of the next statement may hash. */
export async function mergeOrHash(tx: Transaction, { inOrder }: { inOrder?: true }): Promise<void> {
  await sql.raw(`set local enable_hashjoin = ${inOrder ? 'off' : 'on'}`).execute(tx);
}

/** Whether a proof succeeds: it selects `holds`, which is null where it does not know. */
export async function isProved(tx: Transaction, proof: RawBuilder<unknown>): Promise<boolean> {
  const [row] = await plannedNow<{ holds: boolean | null }>(tx, proof);
  return row?.holds === true;
}

export class Stages {
  private readonly made = new Map<Stage, 'table' | 'view'>();
  private readonly sum: SessionSum;

  constructor(
    private readonly tx: Transaction,
    private readonly scope: Scope,
    private readonly proofs = new Proofs(),
  ) {
    this.sum = new SessionSum(tx);
  }

  /** Made when the first check needs it, together with what it is made from. */
  async make(stage: Stage): Promise<void> {
    if (this.made.has(stage)) return;
    if (stage.after !== undefined) await this.make(stage.after);
    const { table, twin } = stage;
    // What is proved is proved of all creators: the few rows of one are made.
    const isWhole = this.scope.creatorId === undefined;
    if (isWhole && twin !== undefined && (await this.isProved(stage, twin))) {
      await sql`create temporary view ${sql.id(table)} as ${twin.as(this.scope)}`.execute(this.tx);
      this.made.set(stage, 'view');
      return;
    }
    await mergeOrHash(this.tx, stage);
    const rows = sql`create temporary table ${sql.id(table)} on commit drop as ${stage.rows(this.scope)}`;
    const make = () => rows.execute(this.tx);
    await (stage.sums ? this.sum.adding(make) : make());
    if (stage.index !== undefined)
      await sql`create index on ${sql.id('pg_temp', table)} (${sql.id(stage.index)})`.execute(
        this.tx,
      );
    // Nothing analyses a temporary table on its own, and joins of a million rows need to be planned.
    await sql`analyze ${sql.id('pg_temp', table)}`.execute(this.tx);
    this.made.set(stage, 'table');
  }

  /** Whether there are stages, and all of them are twins that were proved to be equal. */
  async areTwins(stages: readonly Stage[] = []): Promise<boolean> {
    for (const stage of stages) await this.make(stage);
    return stages.length > 0 && stages.every((stage) => this.made.get(stage) === 'view');
  }

  async drop(): Promise<void> {
    // Those that were made last may be views of others.
    for (const [{ table }, kind] of [...this.made].reverse())
      await sql`drop ${sql.raw(kind)} ${sql.id('pg_temp', table)}`.execute(this.tx);
    this.made.clear();
    await this.sum.drop();
  }

  private async isProved(stage: Stage, twin: Twin): Promise<boolean> {
    if ('given' in twin) return this.areTwins([twin.given]);
    return this.proofs.of(twin, async () => {
      await mergeOrHash(this.tx, { inOrder: true });
      const prove = () => isProved(this.tx, twin.proof(this.scope));
      return stage.sums ? this.sum.adding(prove, async () => false) : prove();
    });
  }
}
