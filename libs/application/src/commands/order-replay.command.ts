/** An admin orders read models to be built from the log again, beside those that serve: a dry run, until it is promoted. */
import { Inject } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Database } from '#libs/database';
import type { EventStore } from '#libs/event-store';
import { checkReason, DomainError } from '#libs/ledger';
import {
  type Projection,
  registerText,
  selectProjections,
  UnknownProjection,
} from '#libs/projector';
import { endOf, type Replay } from '../replays/replay.js';
import { orderReplayIn } from '../replays/replay-orders.js';

/** What orders of replays need. */
export interface ReplayOrderParts {
  readonly db: Database;
  readonly store: Pick<EventStore, 'head'>;
  readonly register: readonly Pick<Projection<never>, 'name' | 'version'>[];
}

/** Nest token of ReplayOrderParts. */
export const REPLAY_PARTS = Symbol('REPLAY_PARTS');

export interface ReplayWanted {
  /** Undefined: all. */
  readonly projections?: readonly string[] | undefined;
  /** A position or an instant: to be looked at only. */
  readonly until?: string | undefined;
  readonly reason?: string | undefined;
}

export class OrderReplayCommand {
  constructor(
    readonly wanted: ReplayWanted,
    readonly actor: string,
  ) {}
}

@CommandHandler(OrderReplayCommand)
export class OrderReplayHandler implements ICommandHandler<OrderReplayCommand, Replay> {
  constructor(@Inject(REPLAY_PARTS) private readonly parts: ReplayOrderParts) {}

  async execute({ wanted, actor }: OrderReplayCommand): Promise<Replay> {
    return orderReplayOf(this.parts, wanted, actor);
  }
}

/**
 * Without the bus. Throws `projection_unknown`, `until_malformed`, `until_out_of_range`,
 * `reason_required` for one that is no line of text, and `replay_running`.
 */
export async function orderReplayOf(
  { db, store, register }: ReplayOrderParts,
  { projections, until, reason }: ReplayWanted,
  actor: string,
): Promise<Replay> {
  if (reason !== undefined) checkReason(reason);
  if (projections !== undefined) checkNames(register, projections);
  if (until !== undefined) await checkUntil(store, until);
  return orderReplayIn(db, {
    projections: projections === undefined ? null : [...new Set(projections)],
    until: until ?? null,
    actor,
    reason: reason ?? null,
    register: registerText(register),
    automatic: false,
  });
}

function checkNames(register: ReplayOrderParts['register'], names: readonly string[]): void {
  try {
    selectProjections(register as readonly Projection<never>[], names);
  } catch (error) {
    if (error instanceof UnknownProjection) throw new DomainError(error.code, error.message);
    throw error;
  }
}

async function checkUntil(store: Pick<EventStore, 'head'>, until: string): Promise<void> {
  const end = endOf(until);
  if (typeof end !== 'bigint') return;
  const head = await store.head();
  if (end > head)
    throw new DomainError(
      'until_out_of_range',
      `the log ends at ${head}: name a position up to it, or none for the present`,
    );
}
