/** Members whose claims named somebody who is not their referrer: which claim it was, and why it lost. */
import { readEventsOf } from '#libs/checks';
import {
  claimsWeighed,
  evolveFacts,
  type MemberEvent,
  type MemberFacts,
  noFacts,
  ownerOf,
  type WeighedClaim,
} from '#libs/ledger';
import { profilesOf } from '#projections';
import { decodeEvent } from '../../decisions.js';
import type { FixedReads } from '../read-side.js';
import type { ExplainedEvent, NotCounted } from './explanation.js';

interface Told {
  readonly facts: MemberFacts;
  /** The event that last named the referrer. */
  naming: ExplainedEvent | undefined;
}

/** Of these streams, in their order. */
export async function claimsLost(
  { db, asOf, reads }: FixedReads,
  creatorId: string,
  referrerId: string,
  streams: readonly string[],
): Promise<NotCounted[]> {
  if (streams.length === 0) return [];
  const told = new Map<string, Told>(
    streams.map((stream) => [stream, { facts: noFacts(stream), naming: undefined }]),
  );
  for (const recorded of await readEventsOf(db, streams, asOf)) {
    const event = decodeEvent(recorded);
    const of = told.get(recorded.stream);
    if (of === undefined) continue;
    evolveFacts(of.facts, event as MemberEvent);
    if (namedBy(event as MemberEvent) !== referrerId) continue;
    of.naming = {
      position: recorded.position,
      eventId: recorded.id,
      type: recorded.type,
      stream: recorded.stream,
      recordedAt: recorded.recordedAt,
      contribution: 0n,
    };
  }
  const memberIds = streams.map((stream) => ownerOf(stream).memberId);
  const names = await profilesOf({ db }, { creatorId, memberIds });
  const nameOf = reads.nameIn(creatorId);
  return [...told.values()].map(({ facts, naming }): NotCounted => {
    const { memberId } = facts;
    const claim = claimsWeighed(facts).find(({ names: named }) => named === referrerId);
    const name = nameOf(memberId, names.get(memberId) ?? null) ?? memberId;
    return {
      kind: 'claim',
      code: 'claim_lost',
      sourceId: claim?.factId ?? '',
      paymentId: null,
      member: { memberId, name },
      referrerId: null,
      at: claim?.at ?? null,
      day: null,
      currency: null,
      events: naming === undefined ? [] : [naming],
      why: whyLost(name, facts, claim),
    };
  });
}

function namedBy(event: MemberEvent): string | null {
  if (event.type === 'ClaimResolved') return event.data.member;
  return event.type === 'ReferrerCorrected' ? event.data.referrer : null;
}

function whyLost(name: string, facts: MemberFacts, claim: WeighedClaim | undefined): string {
  const { correction } = facts;
  if (correction !== undefined)
    return `${name} was said by an admin to be referred by ${correction.referrerId ?? 'nobody'}: above every claim`;
  const fact = claim?.factId ?? '';
  switch (claim?.verdict) {
    case undefined:
      return `${name} named them by a code or name that leads to somebody else now, or to nobody`;
    case 'after_payment':
      return `${name} named them in ${fact}, after the first payment above zero: too late`;
    case 'before_code':
      return `${name} named them in ${fact} by a code that was set only later`;
    case 'undated':
      return `${name} named them in ${fact}, which has no time`;
    case 'later':
      return `${name} named them in ${fact}, after a claim that names another: the earliest counts`;
    case 'overruled':
    case 'unresolved':
    case 'stands':
      return `${name} named them in ${fact}, and no fact of ${name} shows a referral yet`;
  }
}
