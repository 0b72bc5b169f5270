/**
 * An admin orders deliveries that did not count to be decided again, or to be set aside (product.md,
 * "Months"). What that does to a delivery the ingestion knows: it implements the desk.
 */
import { Inject } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { DomainError, type Instant } from '#libs/ledger';
import type { Ordered } from './ordered.js';

/** Statuses that can be decided again. */
export type Redrivable = 'parked' | 'quarantined' | 'excluded' | 'ignored';

/** Which deliveries: those named, or all that the rest describes, oldest first. */
export interface DeliverySelection {
  readonly ids?: readonly bigint[];
  readonly statuses: readonly Redrivable[];
  readonly code?: string | undefined;
  readonly creatorId?: string | undefined;
  /** Received at or after. */
  readonly since?: Instant | undefined;
  /** Continues behind this one. */
  readonly after?: bigint | undefined;
}

export type VerdictOutcome = 'applied' | 'unchanged' | 'ignored' | 'parked' | 'quarantined';

/** What deciding a delivery now would come to, found by deciding it in memory. */
export interface DeliveryVerdict {
  readonly delivery: bigint;
  /** What it is, before anything is done; null: there is none of this number. */
  readonly status: string | null;
  /** Refused: it cannot be decided again; `code` says why. */
  readonly would: VerdictOutcome | 'refused' | 'wait';
  readonly code: string | null;
  /** Types of the events that it would append, in order. */
  readonly events: readonly string[];
  /** The delivery that told all of it before. */
  readonly duplicateOf: bigint | null;
  /** The verdict in words. */
  readonly says: string;
  /** It is pending again by this order. */
  readonly redriven: boolean;
}

export interface Redriven {
  readonly items: readonly DeliveryVerdict[];
  /** Parked deliveries beyond these that would be woken. */
  readonly wakes: number;
  /** There are more behind this one. */
  readonly next: bigint | undefined;
}

export interface ExcludedDelivery {
  readonly delivery: bigint;
  readonly status: string | null;
  /** By this order; false: it was so already, or it is refused. */
  readonly excluded: boolean;
  readonly refusal: { readonly code: string; readonly detail: string } | null;
}

/** Where orders about deliveries are carried out, each of them recorded with who, when and why. */
export interface DeliveryDesk {
  redrive(selection: DeliverySelection, ordered: Ordered): Promise<Redriven>;
  exclude(ids: readonly bigint[], ordered: Ordered): Promise<readonly ExcludedDelivery[]>;
}

/** Nest token of the DeliveryDesk. */
export const DELIVERY_DESK = Symbol('DELIVERY_DESK');

/** Deliveries in one order. */
export const MAX_ORDERED_DELIVERIES = 500;
export const MAX_ORDER_REASON_LENGTH = 500;

export class RedriveDeliveriesCommand {
  constructor(
    readonly selection: DeliverySelection,
    readonly ordered: Ordered,
  ) {}
}

@CommandHandler(RedriveDeliveriesCommand)
export class RedriveDeliveriesHandler
  implements ICommandHandler<RedriveDeliveriesCommand, Redriven>
{
  constructor(@Inject(DELIVERY_DESK) private readonly desk: DeliveryDesk) {}

  /** Throws `reason_required` for a reason that is no line of text; it may be absent. */
  async execute({ selection, ordered }: RedriveDeliveriesCommand): Promise<Redriven> {
    if (ordered.reason !== undefined) checkReason(ordered.reason);
    return this.desk.redrive(selection, ordered);
  }
}

export class ExcludeDeliveriesCommand {
  constructor(
    readonly ids: readonly bigint[],
    readonly ordered: Ordered & { readonly reason: string },
  ) {}
}

@CommandHandler(ExcludeDeliveriesCommand)
export class ExcludeDeliveriesHandler
  implements ICommandHandler<ExcludeDeliveriesCommand, readonly ExcludedDelivery[]>
{
  constructor(@Inject(DELIVERY_DESK) private readonly desk: DeliveryDesk) {}

  /** Throws `reason_required`. */
  async execute(command: ExcludeDeliveriesCommand): Promise<readonly ExcludedDelivery[]> {
    checkReason(command.ordered.reason);
    return this.desk.exclude(command.ids, command.ordered);
  }
}

/** The record is kept for ever: one line that says something. */
function checkReason(reason: string): void {
  const isText = /^[^\p{Cc}\p{Cs}]+$/u.test(reason) && reason.trim() !== '';
  if (isText && reason.length <= MAX_ORDER_REASON_LENGTH) return;
  throw new DomainError(
    'reason_required',
    `say why in one line of 1 to ${MAX_ORDER_REASON_LENGTH} characters`,
  );
}
