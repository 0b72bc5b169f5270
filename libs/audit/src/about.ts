/** Whom an event is about, and whom it names: ids, for nobody's name is in the log. */
import { type LedgerEvent, linesOf, type Owner, partsOfMemberStream } from '#libs/ledger';

export interface About {
  readonly creatorId: string | null;
  readonly memberId: string | null;
}

const NOBODY: About = { creatorId: null, memberId: null };

/** Of the stream alone: also of an event that this version does not know. */
export function aboutOfStream(stream: string): About {
  const member = partsOfMemberStream(stream);
  if (member !== null) return { creatorId: member.creatorId, memberId: member.userId };
  const creatorId = /^(?:creator|months)-(.+)$/.exec(stream)?.[1] ?? snapshotCreator(stream);
  return creatorId === undefined ? NOBODY : { creatorId, memberId: null };
}

const snapshotCreator = (stream: string): string | undefined =>
  /^snapshot-(.+)_\d{4}-\d\d_v/.exec(stream)?.[1];

export function aboutOf(event: LedgerEvent): About {
  if (event.type !== 'ReferralCodeReserved' && event.type !== 'MembershipAssigned')
    return aboutOfStream(event.stream);
  return { creatorId: event.data.creator, memberId: event.data.member };
}

/** Every member whom the event names, the one it is about first. */
export function membersOf(event: LedgerEvent): Owner[] {
  const { creatorId, memberId } = aboutOf(event);
  if (creatorId === null) return [];
  const named = new Set<string>();
  const add = (member: string | null): void => void (member !== null && named.add(member));
  add(memberId);
  if (event.type === 'ClaimResolved') add(event.data.member);
  if (event.type === 'ReferrerCorrected') add(event.data.referrer);
  for (const { referrerId } of linesOf(event)) add(referrerId);
  return [...named].map((member) => ({ creatorId, memberId: member }));
}
