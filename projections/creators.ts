/** Known creators with what was configured when they became known. */
import type { LedgerEvent } from '#libs/ledger';
import { instant, jsonText, latestOf, text } from '#libs/projector';

export const creators = latestOf<LedgerEvent>()({
  name: 'creators',
  version: 2,
  key: { creatorId: text },
  /** `defaults`: the data of the event, as JSON. */
  columns: { registeredAt: instant, defaults: text },
  rows: (event) =>
    event.type === 'CreatorRegistered'
      ? [
          {
            creatorId: event.stream.slice('creator-'.length),
            registeredAt: event.effectiveAt,
            defaults: jsonText(event.data),
          },
        ]
      : [],
});
