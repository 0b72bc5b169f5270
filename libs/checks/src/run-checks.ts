/**
 * Runs checks over all rows, at one position. Everything happens in one transaction that sees one
 * snapshot (repeatable read): the read models, their checkpoint and the log up to it are of the same
 * instant, while projector and intake go on. Nothing waits for a run, and a run waits for nobody.
 *
 * Two sessions share the work: the second is on the snapshot that the first exports. What several
 * checks read (the lines of the log, sums of them) is made once, as a temporary table. The lines are
 * not: one session compares each row of the read model with the log, and if nothing differs, both
 * read the read model; only if something does, each expands the log into a table of its own. Sums of
 * days, months and referrals likewise: proved by adding up (proofs.ts), they are read as they are.
 *
 * Hazards. A run holds back vacuum while it lasts: hence at most one per ledger, by an advisory lock.
 * Statements take seconds and a client that goes away is noticed late by the server: an abort
 * cancels the backend from another connection.
 */
import { sql } from 'kysely';
import { cancelBackend, type Database, type Transaction } from '#libs/database';
import { DomainError } from '#libs/ledger';
import { register } from '#projections';
import { batchesOf, drawn } from './batches.js';
import type { Check, Scope, Severity, Violation } from './check.js';
import { checks as allChecks } from './register.js';
import { exportSnapshot, inSnapshot, pidOf, plannedNow, readWhole, viewsOf } from './sessions.js';
import { isProved, mergeOrHash, Proofs, Stages } from './stages.js';

export interface CheckResult {
  readonly name: string;
  readonly why: string;
  readonly severity: Severity;
  readonly holds: boolean;
  /** How many rows contradict it. */
  readonly violations: number;
  /** The first of them by key. */
  readonly first: readonly Violation[];
  readonly durationMs: number;
}

export interface ChecksRun {
  /** Of the last event in the read models: what was compared. */
  readonly position: bigint;
  /** When that event was recorded, unix milliseconds; 0 before the first. */
  readonly recordedAt: number;
  /** Of the last event in the log. */
  readonly head: bigint;
  readonly results: readonly CheckResult[];
  readonly durationMs: number;
}

export interface ChecksProgress {
  readonly done: number;
  readonly of: number;
  /** What is run now. */
  readonly name: string;
}

export interface CheckOptions {
  /** Default: all. */
  readonly checks?: readonly Check[];
  /**
   * Only violations that name this creator, or no creator at all: the log. Only their rows are read,
   * where rows are of creators: it costs what the creator is, not what the ledger is.
   */
  readonly creatorId?: string;
  /** Counter-examples kept of each check. */
  readonly examples?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: ChecksProgress) => void;
}

export interface RunChecksOptions extends CheckOptions {
  /** A pool of two connections at least. */
  readonly db: Database;
  /** Of the same database: an abort cancels what runs. */
  readonly url: string;
}

export const DEFAULT_EXAMPLES = 10;

/** First key of the advisory lock that one run holds; the second is 0. */
const RUN_LOCK = 7_390_401;

/**
 * Throws `checks_running` while another run is under way, `read_models_missing` while there is
 * nothing to compare, and the signal's reason when it aborts.
 */
export async function runChecks({ db, url, ...options }: RunChecksOptions): Promise<ChecksRun> {
  const { checks = allChecks, signal } = options;
  signal?.throwIfAborted();
  const backends = new Set<number>();
  const cancels: Promise<unknown>[] = [];
  const cancel = (): void => {
    for (const pid of backends) cancels.push(cancelBackend(url, pid).catch(() => {}));
  };
  const cancellable = async <R>(pid: number, run: () => Promise<R>): Promise<R> => {
    backends.add(pid);
    try {
      return await run();
    } finally {
      // Within the transaction: a late cancel would hit whoever has the connection next.
      backends.delete(pid);
      await Promise.all(cancels);
    }
  };
  signal?.addEventListener('abort', cancel, { once: true });
  const onCheck = counted(checks.length, options.onProgress);
  try {
    return await inSnapshot(db, async (tx) => {
      const pid = await lockRun(tx);
      const work = batchesOf(checks);
      const shared = { ...options, onCheck, proofs: new Proofs() };
      const first = () => checkIn(tx, { ...shared, checks: drawn(() => work.shift()) });
      if (work.length < 2) return merged(checks, [await cancellable(pid, first)]);
      // Half of the work on a core of its own, in a transaction that sees the same. Each session
      // takes from its end of what is left, until they meet.
      const snapshot = await exportSnapshot(tx);
      const other = inSnapshot(
        db,
        async (second) => {
          const run = () => checkIn(second, { ...shared, checks: drawn(() => work.pop()) });
          return cancellable(await pidOf(second), run);
        },
        snapshot,
      );
      return merged(checks, await bothOf(cancellable(pid, first), other));
    });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', cancel);
  }
}

/** Both, or the first failure after both have ended: neither may outlive the snapshot. */
async function bothOf<R>(one: Promise<R>, other: Promise<R>): Promise<readonly [R, R]> {
  const [a, b] = await Promise.allSettled([one, other]);
  if (a.status === 'rejected') throw a.reason;
  if (b.status === 'rejected') throw b.reason;
  return [a.value, b.value];
}

function merged(checks: readonly Check[], runs: readonly [ChecksRun, ...ChecksRun[]]): ChecksRun {
  const results = runs.flatMap((run) => run.results);
  const place = new Map(checks.map(({ name }, n) => [name, n]));
  return {
    ...runs[0],
    results: [...results].sort((a, b) => (place.get(a.name) ?? 0) - (place.get(b.name) ?? 0)),
    durationMs: Math.max(...runs.map(({ durationMs }) => durationMs)),
  };
}

/** Progress of two sessions as one. */
function counted(of: number, tell: CheckOptions['onProgress']): (name: string) => void {
  let begun = 0;
  return (name) => tell?.({ done: begun++, of, name });
}

async function lockRun(tx: Transaction): Promise<number> {
  const { rows } = await sql<{ free: boolean }>`
    select pg_try_advisory_xact_lock(${RUN_LOCK}::integer, 0) as free`.execute(tx);
  if (rows[0]?.free !== true)
    throw new DomainError('checks_running', 'checks are running: ask again when they are done');
  return pidOf(tx);
}

export type CheckInOptions = Omit<CheckOptions, 'checks' | 'onProgress'> & {
  /** Default: all. */
  readonly checks?: Iterable<Check>;
  readonly onCheck?: (name: string) => void;
  /** Those of other sessions that see the same. */
  readonly proofs?: Proofs;
};

/** Within a transaction of one snapshot; leaves no table behind. */
export async function checkIn(tx: Transaction, options: CheckInOptions = {}): Promise<ChecksRun> {
  const { checks = allChecks, creatorId, examples = DEFAULT_EXAMPLES, signal } = options;
  const began = performance.now();
  const { recordedAt, head, ...whole } = await scopeOf(tx);
  const views = creatorId === undefined ? undefined : await viewsOf(tx, whole, creatorId);
  const scope = views?.scope ?? whole;
  if (creatorId === undefined) await readWhole(tx);
  const stages = new Stages(tx, scope, options.proofs);
  const results: CheckResult[] = [];
  for (const check of checks) {
    signal?.throwIfAborted();
    options.onCheck?.(check.name);
    const started = performance.now();
    const seen = check.whole ? whole : scope;
    const holds =
      (await stages.areTwins(check.impliedBy)) ||
      (check.proof !== undefined && (await isProved(tx, check.proof(seen))));
    if (!holds)
      for (const stage of check.stages)
        if (!stage.whole || seen.creatorId === undefined) await stages.make(stage);
    const found = holds ? [] : await violationsOf(tx, check, seen, creatorId, examples);
    results.push(resultOf(check, found, performance.now() - started));
  }
  await stages.drop();
  await views?.drop();
  const durationMs = performance.now() - began;
  return { position: scope.position, recordedAt, head, results, durationMs };
}

interface Where extends Scope {
  readonly recordedAt: number;
  readonly head: bigint;
}

/** The pointer and checkpoint of the read models, as this snapshot sees them. */
export async function scopeOf(tx: Transaction): Promise<Where> {
  const { rows } = await sql<{
    name: string;
    version: number;
    schema: string;
    position: string;
    recorded_at: string;
    head: string;
  }>`
    select name, version, schema, position, recorded_at,
      (select coalesce(max(position), 0) from public.events) as head
    from public.projections`.execute(tx);
  const [first] = rows;
  const versions = new Map(rows.map(({ name, version }) => [name, version]));
  const served =
    rows.length === register.length &&
    register.every(({ name, version }) => versions.get(name) === version) &&
    rows.every((row) => row.schema === first?.schema && row.position === first.position);
  if (first === undefined || !served)
    throw new DomainError('read_models_missing', 'the read models are being made: try again soon');
  return {
    schema: first.schema,
    position: BigInt(first.position),
    recordedAt: Number(first.recorded_at),
    head: BigInt(first.head),
  };
}

async function violationsOf(
  tx: Transaction,
  check: Check,
  scope: Scope,
  creatorId: string | undefined,
  examples: number,
): Promise<readonly ViolationRow[]> {
  const concerned =
    creatorId === undefined
      ? sql`true`
      : sql`(v.creator_id = ${creatorId} or v.creator_id is null)`;
  await mergeOrHash(tx, check);
  return plannedNow<ViolationRow>(
    tx,
    sql`
      select v.key, v.creator_id, v.expected, v.actual, count(*) over () as violations
      from (${check.violations(scope)}) v where ${concerned}
      order by v.key limit ${sql.lit(examples)}`,
  );
}

/** `durationMs` is with the stages that had to be made. */
function resultOf(check: Check, rows: readonly ViolationRow[], durationMs: number): CheckResult {
  const { name, why, severity } = check;
  const violations = Number(rows[0]?.violations ?? 0);
  const first = rows.map(violationOf);
  return { name, why, severity, holds: violations === 0, violations, first, durationMs };
}

interface ViolationRow {
  readonly key: Violation['key'];
  readonly creator_id: string | null;
  readonly expected: Violation['expected'];
  readonly actual: Violation['actual'];
  readonly violations: string;
}

/** Of two rows only the fields that differ are shown. */
function violationOf({ key, creator_id, expected, actual }: ViolationRow): Violation {
  const about = { key: ordered(key), creatorId: creator_id };
  if (expected === null || actual === null) return { ...about, expected, actual };
  const names = Object.keys(actual).filter((name) => actual[name] !== expected[name]);
  const only = (of: Violation['actual']) =>
    Object.fromEntries(names.map((name) => [name, of?.[name] ?? null]));
  return { ...about, expected: only(expected), actual: only(actual) };
}

/** jsonb forgets the order: whose it is comes first, and the number of a line after its position. */
function ordered({ creatorId, memberId, n, ...rest }: Violation['key']): Violation['key'] {
  const named = Object.entries({ creatorId, memberId, ...rest, n }).flatMap(([name, id]) =>
    id === undefined ? [] : [[name, id]],
  );
  return Object.fromEntries(named);
}
