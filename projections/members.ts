/** Who is a member of which creator, and the referral code that is theirs now. */
import { type LedgerEvent, ownerOf } from '#libs/ledger';
import { latestOf, text } from '#libs/projector';

export const members = latestOf<LedgerEvent>()({
  name: 'members',
  version: 1,
  key: { creatorId: text, memberId: text },
  columns: { referralCode: text },
  rows: (event) =>
    event.type === 'ReferralCodeAssigned'
      ? [{ ...ownerOf(event.stream), referralCode: event.data.code }]
      : [],
});
