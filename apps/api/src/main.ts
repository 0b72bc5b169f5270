/** The API process: webhooks in, figures out. Decides nothing: the worker does. */
import { randomBytes } from 'node:crypto';
import { Registry } from 'prom-client';
import { keptSecret, TokenAuthenticator } from '#libs/access';
import { ReadSide, runService, type Service, type Surroundings } from '#libs/application';
import { CheckRunner } from '#libs/checks';
import { ACCIDENTS_ONLY, openDatabase } from '#libs/database';
import { openLog } from '#libs/event-store';
import {
  DeliveryInbox,
  Erasure,
  intakeNotices,
  keysOf,
  monthDeliveries,
  whopImportProvider,
  whopProvider,
} from '#libs/ingestion';
import { DEFAULT_CURRENCY, systemClock } from '#libs/ledger';
import { ProjectionWatch } from '#libs/projector';
import { VaultError, vaultOf } from '#libs/vault';
import { register } from '#projections';
import { auditModule } from './audit.module.js';
import { checksModule } from './checks.module.js';
import { createApi } from './create-api.js';
import { creatorsModule } from './creators.module.js';
import { builtDashboard } from './dashboard.js';
import { deliveriesModule } from './deliveries.module.js';
import { importsModule } from './imports.module.js';
import { createLogger } from './logging.js';
import { monthsModule } from './months.module.js';
import { isSecure } from './origin.js';
import { personalDataModule } from './personal-data.module.js';
import { replaysModule } from './replays.module.js';
import { reportsOf } from './reports.js';
import { sessionModule } from './session.module.js';
import { signInOf } from './sign-in.js';
import { tokensModule } from './tokens.module.js';

const VERSION = process.env.npm_package_version ?? '0.1.0';

/** How long the end waits for whoever waits for the log. */
const CLOSE_LOG_MS = 4_000;

async function start(surroundings: Surroundings): Promise<Service> {
  const { config, databaseUrl: url, clock, logGuard } = surroundings;
  const logger = createLogger(config);
  const database = openDatabase(url, { max: 12, applicationName: 'api' });
  const log = openLog(config, { db: database, url });
  const { store } = log;
  const watch = new ProjectionWatch({ url });
  const vault = await vaultOf(config);
  const reads = new ReadSide({ db: database, watch, clock, vault });
  if (logGuard.login === 'owner') logger.warn(ACCIDENTS_ONLY);
  const stop = new AbortController();
  const runner = new CheckRunner({ db: database, url, signal: stop.signal });
  const defaults = {
    timeZone: config.defaultTimeZone,
    graceHours: config.graceHours,
    currency: DEFAULT_CURRENCY,
  };
  const providers = [whopProvider({ secrets: config.webhookSecrets })];
  const cursorKey = keptSecret(database, 'cursors');
  // Made before anybody asks, so that a backup holds it; a database that is not ready yet is asked again.
  cursorKey().catch(() => {});
  const everyProvider = [...providers, whopImportProvider()];
  const keys = keysOf(database, vault, () => randomBytes(32));
  const intake = intakeNotices(database, keys);
  const tokens = new TokenAuthenticator({ db: database, clock: systemClock });
  const { signIn, authenticators } = signInOf({
    config,
    database,
    clock: systemClock,
    tokens: tokens.authenticate,
    onRefused: (issuer, reason) => logger.info({ issuer, reason }, 'a signed token is refused'),
  });
  const app = await createApi(
    {
      config: {
        adminToken: config.adminToken,
        cronSecret: config.cronSecret,
        rateLimit: config.rateLimit,
        trustedProxies: config.trustedProxies,
        isHttps: isSecure(config),
        publicUrl: config.publicUrl,
        eventStore: config.eventStore,
        logLevel: config.logLevel,
      },
      version: VERSION,
      clock,
      realClock: systemClock,
      providers,
      inbox: new DeliveryInbox({ db: database, vault }),
      database,
      authenticators: [tokens.authenticate, ...authenticators],
      own: signIn.own,
      cursorKey,
      registry: new Registry(),
      dashboard: builtDashboard(clock === systemClock ? undefined : clock.now()),
      modules: [
        creatorsModule({ reads, commands: { store, clock, defaults, intake } }),
        monthsModule({
          reads,
          runner,
          months: { store, clock, database, watch, deliveries: monthDeliveries(database) },
        }),
        importsModule({ database, store, defaults, vault, realClock: systemClock }),
        deliveriesModule({
          db: database,
          store,
          providers: everyProvider,
          keys,
          vault,
          defaults,
        }),
        personalDataModule({
          commands: { store, clock, defaults, intake },
          personal: new Erasure({ db: database, vault, keys, providers: everyProvider }),
        }),
        checksModule({ reads, runner }),
        auditModule({ db: database, store, watch, reads }),
        replaysModule({ db: database, url, store, register }),
        tokensModule({ db: database, tokens, clock: systemClock }),
        sessionModule(signIn),
      ],
      ...reportsOf({ database, store, watch, reads, logGuard, isLoading: loadingTold() }),
    },
    { logger },
  );
  // What is acknowledged must be what the worker can open; without tables nothing can be stored anyway.
  await keys().catch((error: unknown) => {
    if (error instanceof VaultError) throw error;
  });
  await app.listen(config.port, config.host);
  return {
    url: addressOf(await app.getUrl(), config.host),
    stop: async () => {
      stop.abort();
      // An order that waits for a log that does not answer would hold up the end.
      const closing = setTimeout(() => void log.close(), CLOSE_LOG_MS);
      await app.close();
      clearTimeout(closing);
      await Promise.all([watch.close(), log.close()]);
      await database.destroy();
    },
  };
}

/** Whether whoever started us still loads what is to be there before anybody looks (`flywheel up --demo`). */
function loadingTold(): () => boolean {
  let loading = process.env.FLYWHEEL_LOADING === '1';
  process.on('message', (message) => {
    if ((message as { loaded?: unknown }).loaded === true) loading = false;
  });
  return () => loading;
}

/** An address that a person can open: a wildcard host is reached on this machine. */
const addressOf = (url: string, host: string): string =>
  host === '0.0.0.0' || host === '::' ? url.replace('[::1]', '127.0.0.1') : url;

await runService('api', start);
