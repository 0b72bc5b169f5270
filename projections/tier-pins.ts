/** Every pin of a member's tier, each with the instant from which it is in force; of one instant the last stands. */
import { type LedgerEvent, ownerOf } from '#libs/ledger';
import { instant, latestOf, text } from '#libs/projector';

export const tierPins = latestOf<LedgerEvent>()({
  name: 'tier_pins',
  version: 1,
  /** In this order: the pin in force at an instant is the last of its member up to then. */
  key: { creatorId: text, memberId: text, effectiveAt: instant },
  /** `tier` is '' when the order was to pin none. */
  columns: { tier: text, reason: text },
  rows: (event) =>
    event.type === 'TierPinned'
      ? [
          {
            ...ownerOf(event.stream),
            effectiveAt: event.effectiveAt,
            tier: event.data.tier ?? '',
            reason: event.data.reason,
          },
        ]
      : [],
});
