/**
 * The creator decider: settings are events with an effective instant (product.md, "Settings").
 * None may reach into the past, except before the creator's first stored fact of any kind, when
 * they may apply from the beginning or any instant.
 */
import type { Decider } from './decider.js';
import type { CreatorEvent } from './events.js';
import {
  BEGINNING,
  type Defaults,
  inForce,
  Settings,
  type SettingsTimeline,
  type Tier,
  timelineOf,
  UNRANKED,
  withDated,
  withZone,
} from './settings.js';
import type { Instant } from './values/clock.js';
import { DomainError } from './values/domain-error.js';
import { isCurrency } from './values/money.js';
import {
  type Calendar,
  calendarOf,
  canonicalTimeZone,
  isMonth,
  isTimeZone,
  nextMonth,
} from './values/month.js';
import { type Rates, ratesOf } from './values/rates.js';

/** When a change applies: an instant, a local date `YYYY-MM-DD`, or the beginning. */
export type Effective = Instant | 'beginning' | { readonly localDate: string };

export interface ChangeSettings {
  readonly type: 'ChangeSettings';
  readonly now: Instant;
  readonly defaults: Defaults;
  /** Absent: from the beginning before the first fact; afterwards now, a zone from the next month. */
  readonly effectiveAt?: Effective;
  readonly timeZone?: string;
  readonly rates?: Rates;
  readonly tiers?: readonly Tier[];
  readonly graceHours?: number;
  readonly currency?: string;
}

/** A fact of this creator is about to be stored. */
export interface StoreFirstFact {
  readonly type: 'StoreFirstFact';
  readonly at: Instant;
  readonly defaults: Defaults;
}

export type CreatorCommand = ChangeSettings | StoreFirstFact;

export interface CreatorState {
  /** What was configured when the creator became known; undefined: nobody knows this creator. */
  defaults: Defaults | undefined;
  hasFacts: boolean;
  timeline: SettingsTimeline | undefined;
  settings: Settings | undefined;
}

export const creatorDecider: Decider<CreatorState, CreatorCommand, CreatorEvent> = {
  initial: () => ({
    defaults: undefined,
    hasFacts: false,
    timeline: undefined,
    settings: undefined,
  }),
  decide,
  evolve,
};

export const MAX_GRACE_HOURS = 744;
export const MAX_TIERS = 50;

/** The settings of a creator, known or not yet. */
export function settingsOf(state: CreatorState, defaults: Defaults): Settings {
  state.settings ??= new Settings(state.timeline ?? timelineOf(defaults));
  return state.settings;
}

function decide(command: CreatorCommand, state: CreatorState): readonly CreatorEvent[] {
  const registered = registration(command, state);
  if (command.type === 'StoreFirstFact') {
    if (state.hasFacts) return [];
    return [...registered, { type: 'FirstFactStored', effectiveAt: command.at, data: {} }];
  }
  return [...registered, ...changes(command, state)];
}

function registration(command: CreatorCommand, state: CreatorState): CreatorEvent[] {
  if (state.defaults !== undefined) return [];
  const { timeZone, graceHours, currency } = command.defaults;
  const effectiveAt = command.type === 'StoreFirstFact' ? command.at : command.now;
  return [{ type: 'CreatorRegistered', effectiveAt, data: { timeZone, graceHours, currency } }];
}

function changes(command: ChangeSettings, state: CreatorState): CreatorEvent[] {
  let timeline = state.timeline ?? timelineOf(state.defaults ?? command.defaults);
  const events: CreatorEvent[] = [];
  if (command.timeZone !== undefined) {
    events.push(...zoneChange(command.timeZone, command, state, timeline));
    // A local date of the same order is one of the new calendar.
    timeline = events.reduce(withSetting, timeline);
  }
  const { rates, tiers, graceHours, currency } = command;
  if (
    rates === undefined &&
    tiers === undefined &&
    graceHours === undefined &&
    currency === undefined
  ) {
    return events;
  }
  const at = effectiveInstant(command, state, timeline);
  const same = command.effectiveAt === undefined ? inForceIs : entryIs;
  if (rates !== undefined) {
    const { memberBps, creatorBps, platformBps } = ratesOf(rates);
    if (!same(timeline.rates, at, { memberBps, creatorBps, platformBps })) {
      events.push({
        type: 'RatesSet',
        effectiveAt: at,
        data: { memberBps, creatorBps, platformBps },
      });
    }
  }
  if (tiers !== undefined && !same(timeline.tiers, at, checkedTiers(tiers))) {
    const pairs = tiers.map(({ name, from }) => [name, from] as const);
    events.push({ type: 'TiersSet', effectiveAt: at, data: { tiers: pairs } });
  }
  if (graceHours !== undefined && !same(timeline.graceHours, at, checkedGrace(graceHours))) {
    events.push({ type: 'GraceSet', effectiveAt: at, data: { graceHours } });
  }
  if (currency !== undefined && !same(timeline.currency, at, checkedCurrency(currency))) {
    events.push({ type: 'CurrencySet', effectiveAt: at, data: { currency } });
  }
  return events;
}

/** Already so, for a change from an instant that was named: what was set for that very instant. A value that only happens to be in force there must be set: something may yet be set before it. */
const entryIs = <T>(values: readonly { at: Instant; value: T }[], at: Instant, value: T): boolean =>
  values.some((dated) => dated.at === at && JSON.stringify(dated.value) === JSON.stringify(value));

/** Already so, for a change from now on. */
const inForceIs = <T>(
  values: readonly { at: Instant; value: T }[],
  at: Instant,
  value: T,
): boolean => JSON.stringify(inForce(values, at)) === JSON.stringify(value);

function effectiveInstant(
  command: ChangeSettings,
  state: CreatorState,
  timeline: SettingsTimeline,
): Instant {
  const { effectiveAt, now } = command;
  if (effectiveAt === undefined) return state.hasFacts ? now : BEGINNING;
  if (effectiveAt === 'beginning') {
    refuseAfterFirstFact(state);
    return BEGINNING;
  }
  const at =
    typeof effectiveAt === 'number'
      ? effectiveAt
      : new Settings(timeline).calendar.startOfDay(effectiveAt.localDate);
  if (state.hasFacts && at < now) {
    throw new DomainError(
      'effective_in_past',
      `a setting cannot apply to the past once facts are stored: choose an instant from now (${isoOf(now)}) on`,
    );
  }
  return at;
}

/** A zone applies from the start of a month that lies ahead in both zones; before the first fact, of any month. */
function zoneChange(
  name: string,
  command: ChangeSettings,
  state: CreatorState,
  timeline: SettingsTimeline,
): CreatorEvent[] {
  if (!isTimeZone(name)) {
    throw new DomainError(
      'time_zone_unknown',
      `'${name}' is not an IANA time zone such as Europe/Lisbon`,
    );
  }
  const timeZone = canonicalTimeZone(name);
  const fromMonth = zoneMonth(timeZone, command, state, timeline);
  const entry = timeline.zones.find((zone) => zone.fromMonth === fromMonth)?.timeZone;
  const inForceThen =
    command.effectiveAt === undefined && fromMonth !== null
      ? new Settings(timeline).calendar.zoneOfMonth(fromMonth)
      : undefined;
  if ((entry ?? inForceThen) === timeZone) return [];
  const effectiveAt =
    fromMonth === null
      ? BEGINNING
      : new Settings({
          ...timeline,
          zones: withZone(timeline.zones, { fromMonth, timeZone }),
        }).calendar.startOfMonth(fromMonth);
  return [{ type: 'TimeZoneSet', effectiveAt, data: { timeZone, fromMonth } }];
}

function zoneMonth(
  timeZone: string,
  command: ChangeSettings,
  state: CreatorState,
  timeline: SettingsTimeline,
): string | null {
  const { effectiveAt, now } = command;
  const before = new Settings(timeline).calendar;
  const after = calendarOf([{ fromMonth: null, timeZone }]);
  const later = [before.monthOf(now), after.monthOf(now)].sort().at(-1) ?? '';
  const ahead = nextMonth(later);
  if (effectiveAt === 'beginning') {
    refuseAfterFirstFact(state);
    return null;
  }
  if (effectiveAt === undefined) return state.hasFacts ? ahead : null;
  // In any zone the creator has: asked again, the one before is no longer that month's.
  const zones = [...timeline.zones.map((zone) => zone.timeZone), timeZone];
  const month = monthStartingAt(
    effectiveAt,
    zones.map((zone) => calendarOf([{ fromMonth: null, timeZone: zone }])),
  );
  if (month === undefined) {
    throw new DomainError(
      'zone_not_at_month_start',
      `a time zone applies from the start of a month: give its first day, such as ${ahead}-01`,
    );
  }
  if (state.hasFacts && month < ahead) {
    throw new DomainError(
      'zone_month_not_ahead',
      `the month must lie ahead in both zones: the earliest is ${ahead}-01`,
    );
  }
  return month;
}

/** The month whose first instant (in one of the zones) or first local day this is. */
function monthStartingAt(
  effectiveAt: Exclude<Effective, 'beginning'>,
  calendars: readonly Calendar[],
): string | undefined {
  if (typeof effectiveAt !== 'number') {
    const month = effectiveAt.localDate.slice(0, 7);
    return effectiveAt.localDate.endsWith('-01') && isMonth(month) ? month : undefined;
  }
  return calendars
    .map((calendar) => ({ calendar, month: calendar.monthOf(effectiveAt) }))
    .find(({ calendar, month }) => calendar.startOfMonth(month) === effectiveAt)?.month;
}

function refuseAfterFirstFact(state: CreatorState): void {
  if (!state.hasFacts) return;
  throw new DomainError(
    'beginning_has_passed',
    'settings apply from the beginning only before the first fact is stored: choose an instant from now on',
  );
}

function checkedTiers(tiers: readonly Tier[]): readonly Tier[] {
  const names = new Set(tiers.map((tier) => tier.name));
  const valid =
    tiers.length >= 1 &&
    tiers.length <= MAX_TIERS &&
    names.size === tiers.length &&
    !names.has(UNRANKED) &&
    tiers.every(
      ({ name, from }, n) =>
        /^[\x21-\x7e]([\x20-\x7e]{0,38}[\x21-\x7e])?$/.test(name) &&
        Number.isSafeInteger(from) &&
        from > (tiers[n - 1]?.from ?? 0),
    );
  if (valid) return tiers;
  throw new DomainError(
    'tiers_invalid',
    `tiers are 1 to ${MAX_TIERS}, from the lowest to the highest: thresholds of 1 or more that rise, different names of 1 to 40 printable ASCII letters, none of them ${UNRANKED}`,
  );
}

function checkedGrace(hours: number): number {
  if (Number.isSafeInteger(hours) && hours >= 0 && hours <= MAX_GRACE_HOURS) return hours;
  throw new DomainError(
    'grace_invalid',
    `graceHours is a whole number from 0 to ${MAX_GRACE_HOURS}`,
  );
}

function checkedCurrency(currency: string): string {
  if (isCurrency(currency)) return currency;
  throw new DomainError(
    'currency_unknown',
    `'${currency}' is not a lower-case ISO 4217 code such as usd`,
  );
}

const isoOf = (at: Instant): string => new Date(at * 1000).toISOString().replace('.000', '');

function evolve(state: CreatorState, event: CreatorEvent): CreatorState {
  if (event.type === 'FirstFactStored') {
    state.hasFacts = true;
    return state;
  }
  if (event.type === 'CreatorRegistered') {
    state.defaults = event.data;
    state.timeline = timelineOf(event.data);
  } else if (state.timeline !== undefined) {
    state.timeline = withSetting(state.timeline, event);
  }
  state.settings = undefined;
  return state;
}

/** The timeline with one more setting; the read side uses it too. */
export function withSetting(timeline: SettingsTimeline, event: CreatorEvent): SettingsTimeline {
  const at = event.effectiveAt;
  switch (event.type) {
    case 'TimeZoneSet':
      return { ...timeline, zones: withZone(timeline.zones, event.data) };
    case 'RatesSet':
      return { ...timeline, rates: withDated(timeline.rates, at, event.data) };
    case 'TiersSet': {
      const tiers = event.data.tiers.map(([name, from]) => ({ name, from }));
      return { ...timeline, tiers: withDated(timeline.tiers, at, tiers) };
    }
    case 'GraceSet':
      return { ...timeline, graceHours: withDated(timeline.graceHours, at, event.data.graceHours) };
    case 'CurrencySet':
      return { ...timeline, currency: withDated(timeline.currency, at, event.data.currency) };
    default:
      return timeline;
  }
}
