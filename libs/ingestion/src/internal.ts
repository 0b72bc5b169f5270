/**
 * Deliveries that the ledger sends itself: effects of one member's facts on another member's stream,
 * and what orders leave for the intake, which alone writes where keys lead.
 *
 * Those that open a route are `ORDER`s and go before everything else: whatever is decided after an
 * order was recorded, is decided with its route. A batch that was read before is done again.
 */

/** The owner of a claim key changed: look at the claims of this stream again. */
export interface ClaimTask {
  readonly task?: undefined;
  readonly stream: string;
  readonly key: string;
}

/** The creator's settings changed: look at the books of this stream again. */
export interface SettingsTask {
  readonly task: 'settings';
  readonly stream: string;
}

/** A code was set by an admin or the member; claims dated after `notBefore` lead to the stream. */
export interface CodeTask {
  readonly task: 'code';
  readonly code: string;
  readonly stream: string;
  readonly notBefore: number;
}

/** An admin said whose a membership is. */
export interface MembershipTask {
  readonly task: 'membership';
  readonly membershipId: string;
  readonly stream: string;
}

export type RouteTask = CodeTask | MembershipTask;
export type InternalTask = ClaimTask | SettingsTask | RouteTask;

/** What stands where other deliveries have the generation of their wire format. */
export const ORDER = 'order';
export const INTERNAL = '1';

export const isRouteTask = (task: InternalTask): task is RouteTask =>
  task.task === 'code' || task.task === 'membership';

export const internalBody = (task: InternalTask): string => JSON.stringify(task);

export const internalTaskOf = (body: Buffer): InternalTask =>
  JSON.parse(body.toString('utf8')) as InternalTask;
