/** What `up`, `serve` and `worker` need before anything starts: configuration, secrets, a free port. */

import { existsSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Config, loadConfig } from '#libs/database';
import { DATA_KEY_FILE, dataKeysOf } from '#libs/vault';
import { addressOf, type Environment } from '../environment.js';
import { CliError, EXIT } from '../exit.js';
import { type Kept, keptAdminToken, keptWebhookSecret } from '../secrets.js';
import type { Terminal } from '../terminal.js';
import type { ProcessName } from './node-flags.js';

export interface Prepared {
  readonly config: Config;
  /** For the processes: everything as it was, and the secrets. */
  readonly env: Environment;
  readonly adminToken: string;
  /** With which deliveries from this side are signed. */
  readonly webhookSecret: string;
}

/** The compiled mains, beside this application's own. */
export const mainOf = (app: ProcessName): string =>
  fileURLToPath(new URL(`../../../${app}/src/main.js`, import.meta.url));

/** Throws ConfigInvalid with everything that is wrong, and `data_key_missing`. */
export async function prepare(terminal: Terminal, env: Environment): Promise<Prepared> {
  const config = loadConfig(env);
  const given = { adminToken: config.adminToken, webhookSecret: config.webhookSecrets[0] };
  const adminToken =
    given.adminToken ?? made(terminal, adminNote, await keptAdminToken(config.home));
  const webhookSecret =
    given.webhookSecret ?? made(terminal, webhookNote, await keptWebhookSecret(config.home));
  const dataKeys = await keysOf(terminal, config);
  return {
    config,
    adminToken,
    webhookSecret,
    env: {
      ...env,
      FLYWHEEL_HOME: config.home,
      FLYWHEEL_ADMIN_TOKEN: adminToken,
      FLYWHEEL_DATA_KEY: dataKeys.map((key) => key.toString('hex')).join(','),
      WHOP_WEBHOOK_SECRET: config.webhookSecrets.join(',') || webhookSecret,
    },
  };
}

/** Those that seal personal data; the first is made for an embedded ledger that has none. */
async function keysOf(terminal: Terminal, config: Config): Promise<readonly Buffer[]> {
  const file = path.join(config.home, DATA_KEY_FILE);
  const isNew =
    config.dataKeys.length === 0 && config.databaseUrl === undefined && !existsSync(file);
  const keys = await dataKeysOf(config);
  if (isNew)
    terminal.note(
      `FLYWHEEL_DATA_KEY is not set: made one\n  kept in ${file}; without it no name can be read ` +
        'again, from this ledger or its backups: keep a copy elsewhere',
    );
  return keys;
}

function made(terminal: Terminal, note: (kept: Kept) => string, kept: Kept): string {
  if (kept.made) terminal.note(note(kept));
  else terminal.detail(`using the secret in ${kept.file}`);
  return kept.secret;
}

const adminNote = ({ secret, file }: Kept): string =>
  `FLYWHEEL_ADMIN_TOKEN is not set: made ${secret}\n  kept in ${file}`;

const webhookNote = ({ secret, file }: Kept): string =>
  `WHOP_WEBHOOK_SECRET is not set: made ${secret}\n  kept in ${file}; ` +
  'for deliveries from Whop, put the secret that Whop shows into WHOP_WEBHOOK_SECRET';

/** Throws `port_in_use` before anything is started. */
export async function assertPortFree({ host, port }: Pick<Config, 'host' | 'port'>): Promise<void> {
  if (port === 0) return;
  const error = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    const server = net.createServer().once('error', resolve);
    server.listen(port, host, () => server.close(() => resolve(undefined)));
  });
  if (error === undefined) return;
  if (error.code === 'EADDRINUSE')
    throw new CliError(EXIT.busy, `Port ${port} of ${host} is in use by another program.`, {
      code: 'port_in_use',
      why: `Flywheel would have served ${addressOf(host, port)}`,
      next: `flywheel up --port ${port === 65_535 ? 0 : port + 1}, or set PORT`,
      cause: error,
    });
  const denied = error.code === 'EACCES';
  throw new CliError(
    denied ? EXIT.notAllowed : EXIT.configInvalid,
    `Flywheel cannot listen on ${host} port ${port}.`,
    {
      code: error.code ?? 'listen_failed',
      why: error.message,
      next: 'set HOST and PORT',
      cause: error,
    },
  );
}
