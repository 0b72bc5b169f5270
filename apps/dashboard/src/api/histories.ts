/** The figures of a member whose changes can be followed, as the interface calls them. */
export const HISTORIES = [
  'totalReferrals',
  'monthlyReferrals',
  'earnings',
  'reversedReferrals',
  'referrer',
  'tierPin',
  'referralCode',
] as const;
export type HistoryField = (typeof HISTORIES)[number];
