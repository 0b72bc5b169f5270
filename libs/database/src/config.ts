/**
 * The configuration: environment variables, declared once, in the list below. The list validates
 * them (every problem is reported at once), names them in code and writes `.env.example`.
 */
import path from 'node:path';
import { plainToInstance, Transform } from 'class-transformer';
import { IsOptional, validateSync } from 'class-validator';
import { type AccessConfig, accessVariables, contradictionsOfAccess } from './config-access.js';
import { type LimitsConfig, limitVariables } from './config-limits.js';
import {
  choice,
  type DeclaredVariable,
  holds,
  isTimeZone,
  range,
  says,
  url,
  wholeNumber,
} from './config-rules.js';

export interface Config extends AccessConfig, LimitsConfig {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Absolute. */
  readonly home: string;
  /** Absent: the embedded PostgreSQL. */
  readonly databaseUrl: string | undefined;
  /** Of the owner, where `databaseUrl` is a login of the application's own: migrations only. */
  readonly databaseOwnerUrl: string | undefined;
  readonly eventStore: 'postgres' | 'eventstoredb';
  readonly eventStoreUrl: string | undefined;
  /** Any of them may have signed a webhook; empty: none is accepted. */
  readonly webhookSecrets: readonly string[];
  readonly cronSecret: string | undefined;
  readonly adminToken: string | undefined;
  /** Of 32 bytes each; the first seals personal data, all open it. Empty: none is set. */
  readonly dataKeys: readonly Buffer[];
  readonly defaultTimeZone: string;
  readonly graceHours: number;
  readonly deliveryRetentionDays: number;
  /** 0: the worker runs no checks of its own accord. */
  readonly checkIntervalMinutes: number;
  readonly logLevel: LogLevel;
  /** Who runs the embedded PostgreSQL when we are root. */
  readonly pgUser: string | undefined;
}

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface ConfigProblem {
  readonly variable: string;
  /** A sentence without the value, which may be a secret. */
  readonly problem: string;
}

/** Everything that is wrong with the environment. */
export class ConfigInvalid extends Error {
  override readonly name = 'ConfigInvalid';
  readonly code = 'config_invalid';

  constructor(readonly problems: readonly ConfigProblem[]) {
    const lines = problems.map(({ variable, problem }) => `  ${variable} ${problem}`);
    super(`The configuration is invalid:\n${lines.join('\n')}`);
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

type Variable = DeclaredVariable<keyof Config>;

const SECRET_BYTES = 24;
const CRON_SECRET_BYTES = 32;
/** Base64 is read leniently by Node: of what was masked or cut off, little of a key is left. */
const isWholeKey = (secret: string): boolean => {
  if (!secret.startsWith('whsec_')) return true;
  const key = secret.slice('whsec_'.length);
  return /^[A-Za-z0-9+/]+={0,2}$/.test(key) && Buffer.from(key, 'base64').length >= SECRET_BYTES;
};
const ADMIN_TOKEN_CHARACTERS = 24;

const variables: readonly Variable[] = [
  {
    name: 'HOST',
    key: 'host',
    doc: 'Address to listen on; 0.0.0.0 for every network.',
    default: '127.0.0.1',
    rules: [says(/^[^\s/]+$/, 'must be a host name or an IP address')],
  },
  {
    name: 'PORT',
    key: 'port',
    doc: 'Port to listen on; 0 for any free one.',
    default: '4310',
    parse: wholeNumber,
    rules: range(0, 65_535),
  },
  {
    name: 'FLYWHEEL_HOME',
    key: 'home',
    doc: 'The data folder, made if it is missing.',
    default: '.flywheel',
    parse: (text) => path.resolve(text),
    rules: [],
  },
  {
    name: 'DATABASE_URL',
    key: 'databaseUrl',
    doc: 'A PostgreSQL 15 or newer of your own; unset: one is embedded in the data folder.',
    example: 'postgres://user:password@host:5432/flywheel',
    rules: [url(['postgres:', 'postgresql:'], 'must be a postgres:// or postgresql:// address')],
  },
  {
    name: 'DATABASE_OWNER_URL',
    key: 'databaseOwnerUrl',
    doc: 'Whoever owns the tables, for migrations, where DATABASE_URL is a login of its own (flywheel db roles).',
    example: 'postgres://owner:password@host:5432/flywheel',
    rules: [url(['postgres:', 'postgresql:'], 'must be a postgres:// or postgresql:// address')],
  },
  {
    name: 'EVENT_STORE',
    key: 'eventStore',
    doc: 'Where events live: postgres, or eventstoredb (also KurrentDB) at EVENTSTORE_URL.',
    default: 'postgres',
    rules: [choice(['postgres', 'eventstoredb'])],
  },
  {
    name: 'EVENTSTORE_URL',
    key: 'eventStoreUrl',
    doc: 'Connection string of the EventStoreDB or KurrentDB cluster.',
    example: 'esdb://host:2113?tls=true',
    rules: [says(/^(esdb|kurrentdb)(\+discover)?:\/\/\S+$/, 'must be an esdb:// address')],
  },
  {
    name: 'WHOP_WEBHOOK_SECRET',
    key: 'webhookSecrets',
    doc: 'Signing secret of the Whop webhook, or several, comma-separated, while one is rotated.',
    parse: (text) => text.split(',').map((secret) => secret.trim()),
    rules: [
      holds(
        (value) => (value as string[]).every((secret) => Buffer.byteLength(secret) >= SECRET_BYTES),
        `must be one or several secrets, comma-separated, each of at least ${SECRET_BYTES} bytes`,
      ),
      holds(
        (value) => (value as string[]).every(isWholeKey),
        `must be whole: behind whsec_ stands base64 of at least ${SECRET_BYTES} bytes`,
      ),
    ],
  },
  {
    name: 'CRON_SECRET',
    key: 'cronSecret',
    doc: `Bearer token for /api/cron, at least ${CRON_SECRET_BYTES} bytes: openssl rand -hex 32`,
    refuseEmpty: true,
    rules: [
      holds(
        (value) => Buffer.byteLength(value as string) >= CRON_SECRET_BYTES,
        `must have at least ${CRON_SECRET_BYTES} bytes, or be unset (empty is not unset)`,
      ),
    ],
  },
  {
    name: 'FLYWHEEL_ADMIN_TOKEN',
    key: 'adminToken',
    doc: `Bearer token for whatever changes the ledger, at least ${ADMIN_TOKEN_CHARACTERS} characters: openssl rand -hex 32`,
    rules: [
      holds(
        (value) => (value as string).length >= ADMIN_TOKEN_CHARACTERS,
        `must have at least ${ADMIN_TOKEN_CHARACTERS} characters`,
      ),
    ],
  },
  {
    name: 'FLYWHEEL_DATA_KEY',
    key: 'dataKeys',
    doc: 'Key that seals personal data: openssl rand -hex 32; several, comma-separated, while one is rotated: the first seals. Needed with DATABASE_URL, else made in the data folder.',
    refuseEmpty: true,
    parse: (text) => text.split(',').map(keyIn),
    rules: [
      holds(
        (value) => (value as (Buffer | undefined)[]).every((key) => key !== undefined),
        'must be one or several keys of 32 bytes, in hex or base64, comma-separated, or be unset',
      ),
    ],
  },
  {
    name: 'FLYWHEEL_DEFAULT_TIME_ZONE',
    key: 'defaultTimeZone',
    doc: 'Time zone of the months of a creator that has set none, such as Europe/Lisbon.',
    default: 'UTC',
    rules: [holds(isTimeZone, 'must be an IANA time zone such as Europe/Lisbon, not an offset')],
  },
  {
    name: 'FLYWHEEL_GRACE_HOURS',
    key: 'graceHours',
    doc: 'Hours after the end of a month before it may be closed.',
    default: '72',
    parse: wholeNumber,
    rules: range(0, 744),
  },
  {
    name: 'FLYWHEEL_DELIVERY_RETENTION_DAYS',
    key: 'deliveryRetentionDays',
    doc: 'Days for which the raw bodies of deliveries are kept.',
    default: '30',
    parse: wholeNumber,
    rules: range(1, 3650),
  },
  {
    name: 'FLYWHEEL_CHECK_INTERVAL_MINUTES',
    key: 'checkIntervalMinutes',
    doc: 'Minutes between two runs of all checks by the worker; 0: only when somebody asks.',
    default: '60',
    parse: wholeNumber,
    rules: range(0, 10_080),
  },
  ...accessVariables,
  ...limitVariables,
  {
    name: 'LOG_LEVEL',
    key: 'logLevel',
    doc: `What is logged: ${LOG_LEVELS.join(', ')}.`,
    default: 'info',
    rules: [choice(LOG_LEVELS)],
  },
  {
    name: 'FLYWHEEL_PG_USER',
    key: 'pgUser',
    doc: 'System user that runs the embedded PostgreSQL when Flywheel runs as root.',
    example: 'postgres',
    rules: [says(/^[a-z_][a-z0-9_-]{0,31}$/, 'must be the name of a system user')],
  },
];

/** Reads the configuration. Throws ConfigInvalid with every problem, and no value, in it. */
export function loadConfig(environment: Environment): Config {
  const values = plainToInstance(Variables, textsOf(environment));
  const problems = validateSync(values).map(({ property, constraints }) => ({
    variable: property,
    problem: Object.values(constraints ?? {}).join(' and '),
  }));
  const found = values as unknown as Readonly<Record<string, unknown>>;
  if (found.EVENT_STORE === 'eventstoredb' && found.EVENTSTORE_URL === undefined)
    problems.push({ variable: 'EVENTSTORE_URL', problem: 'is needed by EVENT_STORE=eventstoredb' });
  const hasOwner = found.DATABASE_OWNER_URL !== undefined && found.DATABASE_URL === undefined;
  if (hasOwner && !problems.some(({ variable }) => variable === 'DATABASE_OWNER_URL'))
    problems.push({ variable: 'DATABASE_OWNER_URL', problem: 'needs DATABASE_URL beside it' });
  problems.push(...contradictionsOfAccess(found));
  if (problems.length > 0) throw new ConfigInvalid(problems);
  const config = Object.fromEntries(variables.map(({ name, key }) => [key, found[name]]));
  const { webhookSecrets = [], trustedProxies = [], dataKeys = [] } = config;
  return { ...config, webhookSecrets, trustedProxies, dataKeys } as unknown as Config;
}

/** The text of `.env.example`: everything is a comment, so that it starts as it is. */
export function envExample(): string {
  const parts = variables.map(({ name, doc, default: value, example }) =>
    [`# ${doc}`, `# ${name}=${value ?? example ?? ''}`].join('\n'),
  );
  const head =
    '# Configuration of Flywheel. What is commented out shows the default or an example.';
  return `${[head, ...parts].join('\n\n')}\n`;
}

/** What the rules are attached to: a property for each variable. */
class Variables {}
for (const { name, parse, rules } of variables) {
  IsOptional()(Variables.prototype, name);
  if (parse !== undefined)
    Transform(({ value }) => parse(value as string))(Variables.prototype, name);
  for (const rule of rules) rule(Variables.prototype, name);
}

/** What is set, or its default; blanks count as unset where that is harmless. */
function textsOf(environment: Environment): Record<string, string> {
  const set = variables.flatMap(({ name, default: value, refuseEmpty }) => {
    const text = environment[name]?.trim();
    const kept = text === '' && refuseEmpty !== true ? undefined : text;
    const effective = kept ?? value;
    return effective === undefined ? [] : [[name, effective] as const];
  });
  return Object.fromEntries(set);
}

const DATA_KEY_BYTES = 32;

function keyIn(text: string): Buffer | undefined {
  const told = text.trim();
  if (/^[0-9a-fA-F]{64}$/.test(told)) return Buffer.from(told, 'hex');
  if (!/^[A-Za-z0-9+/_-]{43}=?$/.test(told)) return undefined;
  const key = Buffer.from(told, 'base64');
  return key.length === DATA_KEY_BYTES ? key : undefined;
}
