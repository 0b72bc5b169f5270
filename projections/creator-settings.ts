/** Every setting ever made, each with the instant from which it is in force; of one instant the last stands. */
import { BEGINNING, type LedgerEvent } from '#libs/ledger';
import { instant, jsonText, latestOf, text } from '#libs/projector';

export const creatorSettings = latestOf<LedgerEvent>()({
  name: 'creator_settings',
  version: 2,
  /** `fromMonth` is '' but for a zone that begins with a month. */
  key: { creatorId: text, setting: text, effectiveAt: instant, fromMonth: text },
  /** The data of the event, as JSON. */
  columns: { value: text },
  rows: (event) => {
    switch (event.type) {
      case 'RatesSet':
      case 'TiersSet':
      case 'GraceSet':
      case 'CurrencySet':
      case 'TimeZoneSet':
        return [
          {
            creatorId: event.stream.slice('creator-'.length),
            setting: event.type,
            // A zone is named by its month: when that begins depends on the zone.
            effectiveAt: event.type === 'TimeZoneSet' ? BEGINNING : event.effectiveAt,
            fromMonth: event.type === 'TimeZoneSet' ? (event.data.fromMonth ?? '') : '',
            value: jsonText(event.data),
          },
        ];
      default:
        return [];
    }
  },
});
