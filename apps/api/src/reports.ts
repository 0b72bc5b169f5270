/** Health, progress and gauges: what the transport asks of the loops and the database. */
import { setTimeout as delay } from 'node:timers/promises';
import { creatorsMonths, type ReadSide } from '#libs/application';
import { BlockedMonths, type LastResult, lastResults } from '#libs/checks';
import {
  type Database,
  databaseState,
  isLeaseHeld,
  type LogGuard,
  missingMigrations,
} from '#libs/database';
import { type EventStore, journalLag } from '#libs/event-store';
import { settledPosition, unresolvedDeliveries } from '#libs/ingestion';
import { type ProjectionWatch, readCheckpoint } from '#libs/projector';
import { migrations } from '#migrations';
import { register } from '#projections';
import type { ApiParts, HealthReport, ProjectionsReport } from './api-parts.js';
import type { Gauges } from './metrics.js';

interface ReportParts {
  readonly database: Database;
  readonly store: EventStore;
  readonly watch: ProjectionWatch;
  readonly reads: Pick<ReadSide, 'withSource' | 'now'>;
  readonly logGuard: LogGuard;
  /** Data that belongs to this start is still on its way in. */
  readonly isLoading: () => boolean;
}

type Reports = Pick<ApiParts, 'settle' | 'health' | 'projections' | 'about' | 'gauges'>;

/** How often a reader who waits for a delivery asks whether it is decided. */
const ASK_MS = 10;
/** The follower says once a second that there is nothing more. */
const JOURNAL_LATE_SECONDS = 15;

export function reportsOf(parts: ReportParts): Reports {
  const { database, store, watch, reads, logGuard, isLoading } = parts;
  return {
    settle: async (token, timeoutMs) => {
      const deadline = performance.now() + timeoutMs;
      const left = (): number => Math.max(0, deadline - performance.now());
      let position =
        token.kind === 'position' ? token.position : await settledPosition(database, token.id);
      while (position === undefined && token.kind === 'delivery' && left() > 0) {
        await delay(ASK_MS);
        position = await settledPosition(database, token.id);
      }
      return position !== undefined && watch.passed(position, { timeoutMs: left() });
    },
    health: async () => {
      const health = { ...(await healthOf(database, store)), log: logHealth(logGuard) };
      if (!isLoading()) return health;
      return { ...health, projections: { ok: false, detail: 'the demo is being loaded' } };
    },
    projections: () => projectionsOf(database, store),
    about: async () => {
      const { server, applied } = await databaseState(database, migrations);
      return { server, migrations: applied };
    },
    gauges: async () => {
      const [counts, { head, projections }, checks, months, journal] = await Promise.all([
        unresolvedDeliveries(database),
        projectionsOf(database, store),
        lastResults(database),
        monthGauges(database, reads),
        journalLag(database),
      ]);
      return {
        pendingDeliveries: Number(counts.pending),
        lagPositions: Number(projections[0]?.lag ?? head),
        deliveriesByOutcome: {
          pending: Number(counts.pending),
          parked: Number(counts.parked),
          quarantined: Number(counts.quarantined),
        },
        checks,
        months,
        ...(journal === undefined ? {} : { journalLagSeconds: journal.lagSeconds }),
      };
    },
  };
}

/** Of all creators together: a label for each would be without bounds. */
async function monthGauges(
  database: Database,
  reads: ReportParts['reads'],
): Promise<NonNullable<Gauges['months']>> {
  const blocked = (await new BlockedMonths(database).all()).length;
  let lastClosedAt: number | undefined;
  let nextDueAt: number | undefined;
  let due = 0;
  for await (const { items } of creatorsMonths(reads)) {
    for (const { lastClosed, next } of items) {
      if (lastClosed !== null) lastClosedAt = Math.max(lastClosedAt ?? 0, lastClosed.sealedAt);
      if (next === null) continue;
      nextDueAt = Math.min(nextDueAt ?? next.dueAt, next.dueAt);
      if (next.dueAt <= reads.now) due += 1;
    }
  }
  return { blocked, due, lastClosedAt, nextDueAt };
}

async function projectionsOf(database: Database, store: EventStore): Promise<ProjectionsReport> {
  const [head, counts, checkpoint] = await Promise.all([
    store.head(),
    unresolvedDeliveries(database),
    readCheckpoint(database, register),
  ]);
  return {
    head,
    pendingDeliveries: counts.pending,
    projections: register.map(({ name, version }) => ({
      name,
      version,
      schema: checkpoint.schema,
      position: checkpoint.position,
      lag: head > checkpoint.position ? head - checkpoint.position : 0n,
    })),
  };
}

async function healthOf(database: Database, store: EventStore): Promise<HealthReport> {
  const down = { ok: false, detail: 'unknown: the database does not answer' };
  try {
    const missing = await missingMigrations(database, migrations);
    const applied = missing.length === 0;
    const held = await isLeaseHeld(database, 'intake');
    return {
      database: { ok: true },
      migrations: applied ? { ok: true } : { ok: false, detail: `${missing.length} to apply` },
      projections: applied
        ? await projectionsHealth(database, store)
        : { ok: false, detail: 'no tables yet' },
      // The API can store deliveries without a worker; they are decided when one comes back.
      intake: held ? { ok: true } : { ok: true, detail: 'no worker is running' },
      ...(applied
        ? {
            ...(await journalHealth(database)),
            checks: checksHealth(await lastResults(database)),
            months: monthsHealth(await new BlockedMonths(database).all()),
          }
        : {}),
    };
  } catch {
    return { database: { ok: false }, migrations: down, projections: down, intake: down };
  }
}

/** Deliveries are stored and figures read while nobody follows the log: they are behind, not wrong. */
async function journalHealth(database: Database): Promise<Pick<HealthReport, 'journal'>> {
  const found = await journalLag(database);
  if (found === undefined) return {};
  const { lagSeconds } = found;
  if (lagSeconds <= JOURNAL_LATE_SECONDS) return { journal: { ok: true } };
  return {
    journal: { ok: false, detail: `the log was followed to its end ${lagSeconds} s ago` },
  };
}

/** Proved at the start. Who may become the owner is no reason to stop: an administrator chose so. */
const logHealth = ({ login }: LogGuard): NonNullable<HealthReport['log']> =>
  login === 'own'
    ? { ok: true }
    : { ok: true, detail: 'guarded against accidents only: see flywheel db roles' };

/** Says how many, not what: anybody may ask. */
function checksHealth(results: readonly LastResult[]): NonNullable<HealthReport['checks']> {
  if (results.length === 0) return { ok: true, detail: 'never run' };
  const failing = results.filter(({ holds, severity }) => !holds && severity === 'error');
  if (failing.length === 0) return { ok: true };
  return { ok: false, detail: `${failing.length} of ${results.length} checks fail` };
}

/** Says how many, not whose: anybody may ask. */
const monthsHealth = (blocked: readonly unknown[]): NonNullable<HealthReport['months']> =>
  blocked.length === 0
    ? { ok: true }
    : { ok: false, detail: `months of ${blocked.length} creators cannot be closed` };

async function projectionsHealth(
  database: Database,
  store: EventStore,
): Promise<HealthReport['projections']> {
  try {
    const [head, { position }] = await Promise.all([
      store.head(),
      readCheckpoint(database, register),
    ]);
    return { ok: true, lagPositions: head > position ? head - position : 0n };
  } catch {
    return { ok: false, detail: 'the read models are being made' };
  }
}
