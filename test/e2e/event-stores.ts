/**
 * Where the Flywheels of the end-to-end tests keep their logs: in PostgreSQL, or, with
 * FLYWHEEL_E2E_EVENT_STORE=cluster, each in a stand-in of its own that outlives its restarts; or all in
 * the server of EVENTSTORE_TEST_URL, which EVENTSTORE_TEST_RESET (a command) empties for each home.
 */
import { execSync } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { StandInProcess } from '../standin/stand-in-process.js';

/** Every Flywheel of the end-to-end tests has its log in a cluster. */
export const IS_CLUSTER = ['cluster', 'stand-in'].includes(
  process.env.FLYWHEEL_E2E_EVENT_STORE ?? '',
);
const { EVENTSTORE_TEST_URL: SERVER, EVENTSTORE_TEST_RESET: RESET } = process.env;

const standIns = new Map<string, Promise<StandInProcess>>();
/** Whose log is in the server. */
const served = new Set<string>();

/** Where the stand-in of that home keeps its log. */
export const logFileOf = (home: string): string => `${home}.log`;

/** The stand-in of that home, started with the first who asks. */
export function standInOf(home: string): Promise<StandInProcess> {
  const known = standIns.get(home) ?? StandInProcess.start(logFileOf(home));
  standIns.set(home, known);
  return known;
}

export const clusterEnv = ({ url }: { readonly url: string }): Record<string, string> => ({
  EVENT_STORE: 'eventstoredb',
  EVENTSTORE_URL: url,
});

/** What a Flywheel of that home is told of its log. */
export async function eventStoreOf(home: string): Promise<Record<string, string>> {
  if (standIns.has(home)) return clusterEnv(await standInOf(home));
  if (!IS_CLUSTER) return {};
  if (SERVER === undefined) return clusterEnv(await standInOf(home));
  if (!served.has(home) && RESET !== undefined) execSync(RESET, { stdio: 'ignore' });
  served.add(home);
  return clusterEnv({ url: SERVER });
}

/** Where a cluster keeps the logs: that one follows the log of another home, as whoever restored a backup of it. */
export async function followsLogOf(home: string, other: string): Promise<void> {
  if (!IS_CLUSTER) return;
  await removeEventStore(home);
  if (served.has(other)) served.add(home);
  else standIns.set(home, standInOf(other));
}

export async function removeEventStore(home: string): Promise<void> {
  await (await standIns.get(home))?.kill();
  standIns.delete(home);
  served.delete(home);
  await rm(logFileOf(home), { force: true });
}
