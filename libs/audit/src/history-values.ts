/** Figures that are set anew, each followed through the one stream that sets it. */
import {
  creatorStream,
  inForce,
  type LedgerEvent,
  memberStream,
  monthsStream,
  type SettingsTimeline,
  timelineOf,
  withSetting,
} from '#libs/ledger';
import { type ReadEvent, readEventOf } from './browse.js';
import { type CreatorSetting, changesOf, settingsSaid } from './changes.js';
import type { Figure, FoundChange, HistoryField, HistoryParts } from './figure.js';

/** Of what is set anew: everything that its stream says of it, what changes nothing left out. */
export async function changesOfValue(parts: HistoryParts, figure: Figure): Promise<FoundChange[]> {
  const { creatorId, memberId, field, month } = figure;
  if (memberId !== undefined) {
    const events = await eventsOf(parts, memberStream(creatorId, memberId));
    return followed(events, field, undefined);
  }
  if (field === 'months') {
    return followed(await eventsOf(parts, monthsStream(creatorId)), field, month);
  }
  return settingsFollowed(await eventsOf(parts, creatorStream(creatorId)), field as CreatorSetting);
}

async function eventsOf({ store }: HistoryParts, stream: string): Promise<ReadEvent[]> {
  return ((await store.readStreams([stream])).get(stream) ?? []).map(readEventOf);
}

function followed(
  events: readonly ReadEvent[],
  field: HistoryField,
  month: string | undefined,
): FoundChange[] {
  const values = new Map<string | null, unknown>();
  return events.flatMap((event) =>
    (event.event === undefined ? [] : changesOf(event.event)).flatMap((change) => {
      if (change.kind !== 'value' || change.field !== field) return [];
      if (month !== undefined && change.month !== month) return [];
      const old = values.get(change.month) ?? null;
      values.set(change.month, change.value);
      if (JSON.stringify(old) === JSON.stringify(change.value)) return [];
      return [{ event, month: change.month, old, new: change.value, delta: undefined }];
    }),
  );
}

/** The old value of a setting is what was in force, until then, at the instant from which it applies. */
function settingsFollowed(events: readonly ReadEvent[], field: CreatorSetting): FoundChange[] {
  let timeline: SettingsTimeline | undefined;
  return events.flatMap((read) => {
    const { event } = read;
    if (event === undefined) return [];
    const before = timeline;
    timeline = timelineWith(timeline, event);
    const said = settingsSaid(event).find(([name]) => name === field);
    if (said === undefined) return [];
    const old = before === undefined ? null : valueAt(before, field, event);
    return [{ event: read, month: null, old, new: said[1], delta: undefined }];
  });
}

function timelineWith(
  timeline: SettingsTimeline | undefined,
  event: LedgerEvent,
): SettingsTimeline | undefined {
  if (event.type === 'CreatorRegistered') return timelineOf(event.data);
  if (timeline === undefined || settingsSaid(event).length === 0) return timeline;
  return withSetting(timeline, event as Parameters<typeof withSetting>[1]);
}

function valueAt(timeline: SettingsTimeline, field: CreatorSetting, event: LedgerEvent): unknown {
  if (field !== 'timeZone') return inForce<unknown>(timeline[field], event.effectiveAt);
  const month = event.type === 'TimeZoneSet' ? (event.data.fromMonth ?? '') : '';
  return timeline.zones.filter((zone) => (zone.fromMonth ?? '') <= month).at(-1)?.timeZone ?? null;
}
