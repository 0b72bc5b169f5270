/** Known creators with what was configured when they became known. */
import type { LedgerEvent } from '#libs/ledger';
import { instant, latestOf, text } from '#libs/projector';

export const creators = latestOf<LedgerEvent>()({
  name: 'creators',
  version: 1,
  key: { creatorId: text },
  /** `defaults`: the data of the event, as JSON. */
  columns: { registeredAt: instant, defaults: text },
  rows: (event) =>
    event.type === 'CreatorRegistered'
      ? [
          {
            creatorId: event.stream.slice('creator-'.length),
            registeredAt: event.effectiveAt,
            defaults: JSON.stringify(event.data),
          },
        ]
      : [],
});
