/**
 * Names from the outside world and the streams named after them. Ids are compared bytewise and
 * never folded: `user_A` and `user_a` are two people.
 */
import { DomainError } from './domain-error.js';

const shapeOf = (prefix: string): RegExp => new RegExp(`^${prefix}_[A-Za-z0-9_]{1,64}$`);
const creatorShape = shapeOf('biz');
const userShape = shapeOf('user');
const membershipShape = shapeOf('mem');
const paymentShape = shapeOf('pay');

export const isCreatorId = (text: string): boolean => creatorShape.test(text);
export const isUserId = (text: string): boolean => userShape.test(text);
export const isMembershipId = (text: string): boolean => membershipShape.test(text);
export const isPaymentId = (text: string): boolean => paymentShape.test(text);

const MEMBER = 'member-';
const CREATOR = 'creator-';
const CODE = 'code-';
const MEMBERSHIP = 'membership-';
const MONTHS = 'months-';
const SNAPSHOT = 'snapshot-';
const REPLAY = 'replay-';

/** The stream that holds one person's facts in one creator's community. */
export function memberStream(creatorId: string, userId: string): string {
  requireCreator(creatorId);
  if (userId === '') throw new DomainError('id_malformed', 'a member needs a user id');
  return `${MEMBER}${creatorId}.${userId}`;
}

/** Whose stream it is; null for a stream of another category or a name that is none. */
export function partsOfMemberStream(
  stream: string,
): { readonly creatorId: string; readonly userId: string } | null {
  if (!stream.startsWith(MEMBER)) return null;
  // The first dot divides: a creator id holds none, whatever the user id holds.
  const dot = stream.indexOf('.', MEMBER.length);
  if (dot <= MEMBER.length || dot === stream.length - 1) return null;
  return { creatorId: stream.slice(MEMBER.length, dot), userId: stream.slice(dot + 1) };
}

/** The stream of a creator's settings. */
export function creatorStream(creatorId: string): string {
  requireCreator(creatorId);
  return `${CREATOR}${creatorId}`;
}

/** The stream that reserves a referral code, given in its normal form. */
export function codeStream(code: string): string {
  if (code === '') throw new DomainError('id_malformed', 'a code stream needs a code');
  return `${CODE}${code}`;
}

/** The stream that says whose a membership is where an admin had to say it. */
export function membershipStream(membershipId: string): string {
  if (membershipId === '') throw new DomainError('id_malformed', 'a membership needs an id');
  return `${MEMBERSHIP}${membershipId}`;
}

/** The stream of a creator's seals: one event for each snapshot. */
export function monthsStream(creatorId: string): string {
  requireCreator(creatorId);
  return `${MONTHS}${creatorId}`;
}

/** Whose months stream it is. Throws RangeError for a stream of another category. */
export function creatorOfMonthsStream(stream: string): string {
  if (stream.startsWith(MONTHS) && stream.length > MONTHS.length)
    return stream.slice(MONTHS.length);
  throw new RangeError(`${stream} is not a stream of months`);
}

/**
 * The stream of a snapshot's pages. `mark` is of what they hold: an attempt that was left behind is
 * continued by one that holds the same, and in the way of none that holds something else.
 */
export function snapshotStream(
  creatorId: string,
  month: string,
  version: number,
  mark: string,
): string {
  requireCreator(creatorId);
  return `${SNAPSHOT}${creatorId}_${month}_v${version}_${mark}`;
}

/** Whose snapshot's pages these are. Throws RangeError for a stream of another category. */
export function creatorOfSnapshotStream(stream: string): string {
  const creatorId = /^snapshot-(.+)_\d{4}-\d\d_v\d+_[0-9a-f]+$/.exec(stream)?.[1];
  if (creatorId !== undefined) return creatorId;
  throw new RangeError(`${stream} is not a stream of a snapshot`);
}

/** The stream that says that a replay took the place of what served: once, or never. */
export function replayStream(id: string): string {
  if (!/^[1-9]\d{0,17}$/.test(id)) throw new DomainError('id_malformed', `'${id}' names no replay`);
  return `${REPLAY}${id}`;
}

function requireCreator(creatorId: string): void {
  if (creatorId === '' || creatorId.includes('.')) {
    throw new DomainError('id_malformed', `'${creatorId}' cannot name a creator`);
  }
}
