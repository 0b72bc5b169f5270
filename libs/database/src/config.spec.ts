import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ConfigInvalid, envExample, loadConfig } from './config.js';

const problemsOf = (environment: Record<string, string>): string[] => {
  try {
    loadConfig(environment);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigInvalid)) throw error;
    return error.problems.map(({ variable }) => variable);
  }
};

/** Nobody but us says who people are (config-access.spec.ts). */
const NOBODY_ELSE = {
  publicUrl: undefined,
  oidcIssuer: undefined,
  oidcAudience: undefined,
  oidcJwksUrl: undefined,
  whopAppId: undefined,
  whopJwksUrl: undefined,
  whopJwk: undefined,
};

describe('the configuration', () => {
  it('is complete without any variable', () => {
    expect(loadConfig({})).toEqual({
      host: '127.0.0.1',
      port: 4310,
      home: path.resolve('.flywheel'),
      databaseUrl: undefined,
      eventStore: 'postgres',
      eventStoreUrl: undefined,
      webhookSecrets: [],
      cronSecret: undefined,
      adminToken: undefined,
      dataKeys: [],
      defaultTimeZone: 'UTC',
      graceHours: 72,
      deliveryRetentionDays: 30,
      checkIntervalMinutes: 60,
      rateLimit: 'on',
      trustedProxies: [],
      logLevel: 'info',
      pgUser: undefined,
      ...NOBODY_ELSE,
    });
  });

  it('reads every variable', () => {
    const secret = 'w'.repeat(24);
    expect(
      loadConfig({
        HOST: '0.0.0.0',
        PORT: '0',
        FLYWHEEL_HOME: '/data/flywheel',
        DATABASE_URL: 'postgresql://u:p@db/ledger',
        EVENT_STORE: 'eventstoredb',
        EVENTSTORE_URL: 'esdb://127.0.0.1:2113?tls=false',
        WHOP_WEBHOOK_SECRET: `${secret}, ${secret}2`,
        CRON_SECRET: 'c'.repeat(32),
        FLYWHEEL_ADMIN_TOKEN: 'a'.repeat(24),
        FLYWHEEL_DATA_KEY: `${'0f'.repeat(32)}, ${Buffer.alloc(32, 7).toString('base64')}`,
        FLYWHEEL_DEFAULT_TIME_ZONE: 'America/New_York',
        FLYWHEEL_GRACE_HOURS: '744',
        FLYWHEEL_DELIVERY_RETENTION_DAYS: '3650',
        LOG_LEVEL: 'silent',
        FLYWHEEL_PG_USER: 'ledger',
        FLYWHEEL_CHECK_INTERVAL_MINUTES: '15',
        FLYWHEEL_RATE_LIMIT: 'off',
        TRUSTED_PROXIES: '10.0.0.7, fd00::/8',
      }),
    ).toEqual({
      checkIntervalMinutes: 15,
      host: '0.0.0.0',
      port: 0,
      home: '/data/flywheel',
      databaseUrl: 'postgresql://u:p@db/ledger',
      eventStore: 'eventstoredb',
      eventStoreUrl: 'esdb://127.0.0.1:2113?tls=false',
      webhookSecrets: [secret, `${secret}2`],
      cronSecret: 'c'.repeat(32),
      adminToken: 'a'.repeat(24),
      dataKeys: [Buffer.alloc(32, 0x0f), Buffer.alloc(32, 7)],
      defaultTimeZone: 'America/New_York',
      graceHours: 744,
      deliveryRetentionDays: 3650,
      rateLimit: 'off',
      trustedProxies: ['10.0.0.7', 'fd00::/8'],
      logLevel: 'silent',
      pgUser: 'ledger',
      ...NOBODY_ELSE,
    });
  });

  it.each(['', 'ab', 'g'.repeat(64), '0f'.repeat(31), `${'0f'.repeat(32)},`])(
    'refuses %j as a data key, without repeating it',
    (key) => {
      expect(() => loadConfig({ FLYWHEEL_DATA_KEY: key })).toThrow(
        /FLYWHEEL_DATA_KEY must be one or several keys of 32 bytes/,
      );
    },
  );

  it('takes blank variables for unset ones', () => {
    expect(loadConfig({ PORT: ' ', DATABASE_URL: '', WHOP_WEBHOOK_SECRET: '' })).toEqual(
      loadConfig({}),
    );
  });

  it.each(['whsec_AA**********************', `whsec_${'*'.repeat(40)}`, `whsec_${'A'.repeat(31)}`])(
    'refuses a webhook secret of which little is left: %s',
    (secret) => {
      expect(() => loadConfig({ WHOP_WEBHOOK_SECRET: secret })).toThrow(/must be whole/);
    },
  );

  it('takes a conventional webhook secret of 24 bytes', () => {
    const secret = `whsec_${'A'.repeat(32)}`;
    const config = loadConfig({
      ...{ DATABASE_URL: 'postgres://u@h/d', FLYWHEEL_DATA_KEY: '0123456789abcdef'.repeat(4) },
      WHOP_WEBHOOK_SECRET: secret,
    });
    expect(config.webhookSecrets).toEqual([secret]);
  });

  it('refuses a cron secret that is set and empty', () => {
    expect(problemsOf({ CRON_SECRET: '' })).toEqual(['CRON_SECRET']);
  });

  it.each([
    ['HOST', 'http://here'],
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '0x10'],
    ['PORT', '43.5'],
    ['DATABASE_URL', 'mysql://here/db'],
    ['DATABASE_URL', 'here'],
    ['DATABASE_OWNER_URL', 'mysql://here/db'],
    ['EVENT_STORE', 'mongodb'],
    ['EVENTSTORE_URL', 'http://here'],
    ['WHOP_WEBHOOK_SECRET', 'short'],
    ['WHOP_WEBHOOK_SECRET', `${'w'.repeat(24)},`],
    ['CRON_SECRET', 'c'.repeat(31)],
    ['FLYWHEEL_ADMIN_TOKEN', 'a'.repeat(23)],
    ['FLYWHEEL_DEFAULT_TIME_ZONE', '+05:00'],
    ['FLYWHEEL_DEFAULT_TIME_ZONE', 'Europe/Atlantis'],
    ['FLYWHEEL_GRACE_HOURS', '745'],
    ['FLYWHEEL_DELIVERY_RETENTION_DAYS', '0'],
    ['FLYWHEEL_DELIVERY_RETENTION_DAYS', '3651'],
    ['FLYWHEEL_RATE_LIMIT', 'sometimes'],
    ['TRUSTED_PROXIES', 'proxy.example'],
    ['TRUSTED_PROXIES', '10.0.0.7,'],
    ['TRUSTED_PROXIES', '0.0.0.0/0'],
    ['TRUSTED_PROXIES', '::/0'],
    ['TRUSTED_PROXIES', '10.0.0.0/33'],
    ['TRUSTED_PROXIES', '10.0.0.0/8/8'],
    ['TRUSTED_PROXIES', 'true'],
    ['LOG_LEVEL', 'loud'],
    ['FLYWHEEL_PG_USER', 'post gres'],
  ])('refuses %s=%s', (variable, value) => {
    expect(problemsOf({ [variable]: value })).toEqual([variable]);
  });

  it('needs the address of an event store of its own', () => {
    expect(problemsOf({ EVENT_STORE: 'eventstoredb' })).toEqual(['EVENTSTORE_URL']);
  });

  it('has no use for an owner beside the embedded database', () => {
    const owner = 'postgres://owner@db/ledger';
    expect(problemsOf({ DATABASE_OWNER_URL: owner })).toEqual(['DATABASE_OWNER_URL']);
    const login = 'postgres://login@db/ledger';
    expect(problemsOf({ DATABASE_OWNER_URL: owner, DATABASE_URL: login })).toEqual([]);
  });

  it('reports every problem at once', () => {
    expect(problemsOf({ PORT: 'x', LOG_LEVEL: 'loud', CRON_SECRET: '' })).toEqual([
      'PORT',
      'CRON_SECRET',
      'LOG_LEVEL',
    ]);
  });

  it('never shows a secret', () => {
    const secrets = {
      DATABASE_URL: 'mysql://u:hunter2@here/db',
      WHOP_WEBHOOK_SECRET: 'hunter2',
      CRON_SECRET: 'hunter2',
      FLYWHEEL_ADMIN_TOKEN: 'hunter2',
      EVENTSTORE_URL: 'http://u:hunter2@here',
    };
    expect(() => loadConfig(secrets)).toThrow(ConfigInvalid);
    try {
      loadConfig(secrets);
    } catch (error) {
      const seen = `${error} ${(error as Error).stack} ${JSON.stringify(error)}`;
      expect(seen).toContain('DATABASE_URL must be');
      expect(seen).not.toContain('hunter2');
    }
  });

  it('offers no secret that anybody could know', () => {
    for (const name of ['WHOP_WEBHOOK_SECRET', 'CRON_SECRET', 'FLYWHEEL_ADMIN_TOKEN'])
      expect(envExample()).toContain(`\n# ${name}=\n`);
  });

  it('is what .env.example says', () => {
    const file = readFileSync(new URL('../../../.env.example', import.meta.url), 'utf8');
    expect(file).toBe(envExample());
    expect(file.split('\n').every((line) => line === '' || line.startsWith('#'))).toBe(true);
  });
});
