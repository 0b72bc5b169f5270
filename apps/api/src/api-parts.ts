/**
 * What the transport needs from the rest of the house, and nothing more. Whoever starts the API
 * (`flywheel up`, a test) builds the parts; controllers get them through Nest by the tokens below.
 */
import type { DynamicModule, Provider as NestProvider, Type } from '@nestjs/common';
import type { Registry } from 'prom-client';
import type { Authenticator } from '#libs/access';
import type { DueParts } from '#libs/application';
import type { CheckRunner } from '#libs/checks';
import type { AppliedMigration, Database } from '#libs/database';
import type { NewDelivery, Provider, Stored } from '#libs/ingestion';
import type { Clock } from '#libs/ledger';
import type { Dashboard } from './dashboard.js';
import { ApiMetrics, type Gauges } from './metrics.js';
import type { OwnOrigins } from './origin.js';
import { RateLimits } from './rate-limits.js';
import type { SettledToken } from './settled.js';

export interface ApiParts {
  readonly config: ApiConfig;
  /** Version of the release, as /openapi.json says it. */
  readonly version: string;
  /** The ledger's clock: decides which month is the current one; the demo freezes it. */
  readonly clock: Clock;
  /** The real clock, never frozen: signatures expire by it and deliveries are received at it. */
  readonly realClock: Clock;
  readonly providers: readonly Provider[];
  readonly inbox: Inbox;
  readonly database: Database;
  /** Who else than the configured secrets can say who calls (libs/access). */
  readonly authenticators?: readonly Authenticator[];
  /** Pages that may change something in a browser's name; absent: those of the address we listen on. */
  readonly own?: OwnOrigins;
  /** Seals the cursors of lists; absent: one that ends with the process. */
  readonly cursorKey?: () => Promise<Buffer>;
  /** Resolves to true once the read models have passed the token, to false after `timeoutMs`. */
  readonly settle: (token: SettledToken, timeoutMs: number) => Promise<boolean>;
  readonly health: () => Promise<HealthReport>;
  readonly projections: () => Promise<ProjectionsReport>;
  readonly about: () => Promise<AboutReport>;
  /** Read at each scrape of /metrics. */
  readonly gauges: () => Promise<Gauges>;
  /** Served by /metrics; the API registers its own metrics in it. */
  readonly registry: Registry;
  /** Undefined: no page is served. */
  readonly dashboard?: Dashboard | undefined;
  /** Controllers, command handlers and what they need; each route must be in access.ts. */
  readonly modules: readonly ApiModulePart[];
}

export type ApiModulePart = Type | DynamicModule;

export interface ApiConfig {
  /** FLYWHEEL_ADMIN_TOKEN; without it every admin route answers 503. */
  readonly adminToken: string | undefined;
  /** CRON_SECRET; without it only the admin's token opens the cron. */
  readonly cronSecret?: string | undefined;
  /** FLYWHEEL_RATE_LIMIT; absent: on. */
  readonly rateLimit?: 'on' | 'off';
  /** PUBLIC_URL is an https:// address. */
  readonly isHttps?: boolean;
  /** PUBLIC_URL; absent: nobody has said where others find us. */
  readonly publicUrl?: string | undefined;
  /** EVENT_STORE; absent: postgres. */
  readonly eventStore?: 'postgres' | 'eventstoredb';
  /** TRUSTED_PROXIES; absent: nobody's X-Forwarded-For is believed. */
  readonly trustedProxies?: readonly string[];
  readonly logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
}

/** Where deliveries are made durable: libs/ingestion's DeliveryInbox. */
export interface Inbox {
  /** Resolves after the commit; rejects when the delivery may not be stored: the sender must repeat it. */
  store(delivery: NewDelivery): Promise<Stored>;
}

export interface ComponentHealth {
  readonly ok: boolean;
  readonly lagPositions?: bigint;
  /** Said to anybody who asks: no addresses, no error messages. */
  readonly detail?: string;
}

export type HealthReport = Readonly<
  Record<'database' | 'projections' | 'intake' | 'migrations', ComponentHealth>
> & {
  /** What keeps the application from changing the log. */
  readonly log?: ComponentHealth;
  /** Where a cluster keeps the log: how far it was followed. */
  readonly journal?: ComponentHealth;
  /** What the last run of the checks found; a finding makes nobody unready. */
  readonly checks?: ComponentHealth;
  /** Months that cannot be closed; they make nobody unready. */
  readonly months?: ComponentHealth;
};

/** What the ledger is kept in. */
export interface AboutReport {
  /** Version of the PostgreSQL. */
  readonly server: string;
  readonly migrations: readonly AppliedMigration[];
}

export interface ProjectionsReport {
  /** Position of the last event. */
  readonly head: bigint;
  readonly pendingDeliveries: bigint;
  readonly projections: readonly ProjectionReport[];
}

export interface ProjectionReport {
  readonly name: string;
  readonly version: number;
  readonly schema: string;
  readonly position: bigint;
  /** Positions behind the head. */
  readonly lag: bigint;
}

export const API_PARTS = Symbol('ApiParts');
export const CLOCK = Symbol('Clock');
export const DATABASE = Symbol('Database');
export const CRON_PARTS = Symbol('CronParts');

/** What the cron needs. */
export interface CronParts {
  readonly due: DueParts;
  readonly runner: CheckRunner;
}

/** What the API makes itself, beside its parts. */
export interface Counters {
  readonly metrics: ApiMetrics;
  readonly limits: RateLimits;
}

export const partsProviders = (parts: ApiParts, { metrics, limits }: Counters): NestProvider[] => [
  { provide: API_PARTS, useValue: parts },
  { provide: CLOCK, useValue: parts.clock },
  { provide: DATABASE, useValue: parts.database },
  { provide: ApiMetrics, useValue: metrics },
  { provide: RateLimits, useValue: limits },
];
