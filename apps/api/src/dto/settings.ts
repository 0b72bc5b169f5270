/** A creator's settings as they are answered: in force and to come, each with its instant. */
import type { Type } from '@nestjs/common';
import { ApiProperty, type ApiPropertyOptions, getSchemaPath } from '@nestjs/swagger';
import { BEGINNING, type CreatorEvent, type Dated, type Instant, Settings } from '#libs/ledger';
import { FiguresDto, instantToJson } from './figures.js';

export class RatesDto {
  @ApiProperty({ type: 'integer', example: 1000 })
  memberBps: number;
  @ApiProperty({ type: 'integer', example: 7000 })
  creatorBps: number;
  @ApiProperty({ type: 'integer', example: 2000 })
  platformBps: number;
}

export class TierDto {
  @ApiProperty({ example: 'Gold' })
  name: string;
  @ApiProperty({ type: 'integer', description: 'Total referrals from which it is reached.' })
  from: number;
}

/** Values alone. */
export class SettingsInForceDto {
  @ApiProperty({ example: 'Europe/Lisbon' })
  timeZone: string;
  @ApiProperty({ type: RatesDto })
  rates: RatesDto;
  @ApiProperty({ type: [TierDto] })
  tiers: readonly TierDto[];
  @ApiProperty({ type: 'integer' })
  graceHours: number;
  @ApiProperty({ example: 'usd' })
  currency: string;
}

export const settingsInForce = (settings: Settings, at: Instant): SettingsInForceDto => ({
  timeZone: settings.calendar.zoneAt(at),
  rates: ratesJson(settings.ratesAt(at)),
  tiers: settings.tiersAt(at),
  graceHours: settings.graceHoursAt(at),
  currency: settings.currencyAt(at),
});

const ratesJson = ({ memberBps, creatorBps, platformBps }: RatesDto): RatesDto => ({
  memberBps,
  creatorBps,
  platformBps,
});

interface ToCome<T> {
  value: T;
  from: string;
}
interface Setting<T> {
  inForce: T;
  since: string;
  toCome: ToCome<T>[];
}

const SINCE: ApiPropertyOptions = {
  type: String,
  example: 'beginning',
  description: 'An instant, or "beginning".',
};

function toComeOf<T>(value: ApiPropertyOptions): Type<ToCome<T>> {
  class ToComeDto implements ToCome<T> {
    @ApiProperty(value)
    value: T;
    @ApiProperty({ type: String, format: 'date-time' })
    from: string;
  }
  return ToComeDto;
}

function settingOf<T>(value: ApiPropertyOptions, toCome: Type<ToCome<T>>): Type<Setting<T>> {
  class SettingDto implements Setting<T> {
    @ApiProperty(value)
    inForce: T;
    @ApiProperty(SINCE)
    since: string;
    @ApiProperty({ type: [toCome] })
    toCome: ToCome<T>[];
  }
  return SettingDto;
}

const ZONE: ApiPropertyOptions = { type: String, example: 'Europe/Lisbon' };
const RATES: ApiPropertyOptions = { type: RatesDto };
const TIERS: ApiPropertyOptions = { type: [TierDto] };
const GRACE: ApiPropertyOptions = { type: 'integer', example: 72 };
const CURRENCY: ApiPropertyOptions = { type: String, example: 'usd' };

export class TimeZoneToComeDto extends toComeOf<string>(ZONE) {
  @ApiProperty({ type: String, example: '2026-05', description: 'The month that begins then.' })
  fromMonth: string;
}
export class TimeZoneSettingDto extends settingOf<string>(ZONE, TimeZoneToComeDto) {
  @ApiProperty({ type: String, nullable: true, description: 'Null: since the beginning.' })
  sinceMonth: string | null;
  declare toCome: TimeZoneToComeDto[];
}
export class RatesToComeDto extends toComeOf<RatesDto>(RATES) {}
export class RatesSettingDto extends settingOf<RatesDto>(RATES, RatesToComeDto) {}
export class TiersToComeDto extends toComeOf<readonly TierDto[]>(TIERS) {}
export class TiersSettingDto extends settingOf<readonly TierDto[]>(TIERS, TiersToComeDto) {}
export class GraceToComeDto extends toComeOf<number>(GRACE) {}
export class GraceSettingDto extends settingOf<number>(GRACE, GraceToComeDto) {}
export class CurrencyToComeDto extends toComeOf<string>(CURRENCY) {}
export class CurrencySettingDto extends settingOf<string>(CURRENCY, CurrencyToComeDto) {}

export class SettingsByInstantDto {
  @ApiProperty({ type: TimeZoneSettingDto })
  timeZone: TimeZoneSettingDto;
  @ApiProperty({ type: RatesSettingDto })
  rates: RatesSettingDto;
  @ApiProperty({ type: TiersSettingDto })
  tiers: TiersSettingDto;
  @ApiProperty({ type: GraceSettingDto })
  graceHours: GraceSettingDto;
  @ApiProperty({ type: CurrencySettingDto })
  currency: CurrencySettingDto;
}

export class SettingsDto extends FiguresDto {
  @ApiProperty({ example: 'biz_4f2a' })
  creatorId: string;
  @ApiProperty({ type: SettingsByInstantDto })
  settings: SettingsByInstantDto;
}

/** What is in force now, since when, and what follows. */
export function settingsByInstant(settings: Settings, now: Instant): SettingsByInstantDto {
  const { rates, tiers, graceHours, currency } = settings.timeline;
  return {
    timeZone: zonesByInstant(settings, now),
    rates: byInstant(rates, now, ratesJson),
    tiers: byInstant(tiers, now),
    graceHours: byInstant(graceHours, now),
    currency: byInstant(currency, now),
  };
}

function byInstant<T>(
  timeline: readonly Dated<T>[],
  now: Instant,
  json: (value: T) => T = (value) => value,
): Setting<T> {
  const { inForce, toCome } = divided(timeline, now);
  return {
    inForce: json(inForce.value),
    since: sinceJson(inForce.at),
    toCome: toCome.map(({ at, value }) => ({ value: json(value), from: instantToJson(at) })),
  };
}

function zonesByInstant({ timeline, calendar }: Settings, now: Instant): TimeZoneSettingDto {
  const zones = timeline.zones.map((value) => ({
    at: value.fromMonth === null ? BEGINNING : calendar.startOfMonth(value.fromMonth),
    value,
  }));
  const { inForce, toCome } = divided(zones, now);
  return {
    inForce: inForce.value.timeZone,
    since: sinceJson(inForce.at),
    sinceMonth: inForce.value.fromMonth,
    toCome: toCome.map(({ at, value }) => ({
      value: value.timeZone,
      from: instantToJson(at),
      fromMonth: value.fromMonth ?? calendar.monthOf(at),
    })),
  };
}

/** Timelines are in order and the first value is from the beginning. */
function divided<T>(
  timeline: readonly Dated<T>[],
  now: Instant,
): { inForce: Dated<T>; toCome: Dated<T>[] } {
  const inForce = timeline.filter(({ at }) => at <= now).at(-1);
  if (inForce === undefined) throw new RangeError(`no setting is in force at ${now}`);
  return { inForce, toCome: timeline.filter(({ at }) => at > now) };
}

const sinceJson = (at: Instant): string => (at === BEGINNING ? 'beginning' : instantToJson(at));

type SettingValue = SettingsInForceDto[keyof SettingsInForceDto];
const VALUE: ApiPropertyOptions = {
  oneOf: [
    { type: 'string' },
    { type: 'integer' },
    { $ref: getSchemaPath(RatesDto) },
    { type: 'array', items: { $ref: getSchemaPath(TierDto) } },
    { type: 'null' },
  ],
};

export class SettingsChangeDto {
  @ApiProperty({ example: 'RatesSet', description: 'Type of the event.' })
  type: string;
  @ApiProperty(SINCE)
  effectiveAt: string;
  @ApiProperty({ type: 'object', additionalProperties: true, description: 'As it is stored.' })
  data: object;
  @ApiProperty({
    type: String,
    nullable: true,
    enum: ['timeZone', 'rates', 'tiers', 'graceHours', 'currency'],
    description: 'Null: the creator came into being.',
  })
  setting: keyof SettingsInForceDto | null;
  @ApiProperty({ ...VALUE, description: 'What would be in force at that instant without it.' })
  before: SettingValue | null;
  @ApiProperty({ ...VALUE, description: 'What is in force from that instant on.' })
  after: SettingValue | null;
}

export class SettingsChangedDto {
  @ApiProperty({ example: 'biz_4f2a' })
  creatorId: string;
  @ApiProperty({ type: SettingsByInstantDto, description: 'As they are with the changes.' })
  settings: SettingsByInstantDto;
  @ApiProperty({ type: [SettingsChangeDto], description: 'Empty: all of it was so already.' })
  changes: SettingsChangeDto[];
  @ApiProperty({ description: 'True: nothing was changed.' })
  dryRun: boolean;
  @ApiProperty({
    type: 'integer',
    nullable: true,
    description: 'Of the last change, for `?settled=`; null: nothing was changed.',
  })
  position: number | null;
  @ApiProperty({ example: 'America/New_York', description: 'In force now.' })
  timeZone: string;
}

const SETTING_OF: Readonly<Partial<Record<CreatorEvent['type'], keyof SettingsInForceDto>>> = {
  TimeZoneSet: 'timeZone',
  RatesSet: 'rates',
  TiersSet: 'tiers',
  GraceSet: 'graceHours',
  CurrencySet: 'currency',
};

/** A change beside the value that it replaces from its instant on. */
export function changeJson(
  event: CreatorEvent,
  { before, settings }: { readonly before: Settings; readonly settings: Settings },
): SettingsChangeDto {
  const { type, effectiveAt, data } = event;
  return {
    type,
    effectiveAt: sinceJson(effectiveAt),
    data,
    setting: SETTING_OF[type] ?? null,
    before: valueThen(event, before),
    after: valueThen(event, settings),
  };
}

/** The setting that the event is about, in force at its instant. */
function valueThen(event: CreatorEvent, settings: Settings): SettingValue | null {
  const at = event.effectiveAt;
  switch (event.type) {
    case 'TimeZoneSet': {
      // A zone is named by its month: where that begins depends on the zone.
      const { fromMonth } = event.data;
      if (fromMonth !== null) return settings.calendar.zoneOfMonth(fromMonth);
      return settings.timeline.zones[0]?.timeZone ?? null;
    }
    case 'RatesSet':
      return ratesJson(settings.ratesAt(at));
    case 'TiersSet':
      return settings.tiersAt(at);
    case 'GraceSet':
      return settings.graceHoursAt(at);
    case 'CurrencySet':
      return settings.currencyAt(at);
    default:
      return null;
  }
}
