/** `flywheel version` */
import { readFileSync } from 'node:fs';
import type { Invocation, Outcome } from '../invocation.js';
import { factsOf } from '../table.js';

export async function version({ terminal }: Invocation): Promise<Outcome> {
  const versions = {
    version: versionOfPackage(),
    node: process.version.slice(1),
    platform: `${process.platform}-${process.arch}`,
    timeZoneData: process.versions.tz ?? 'unknown',
  };
  terminal.answer('flywheel.version/1', versions, () =>
    factsOf(terminal, [
      ['flywheel', versions.version],
      ['node', versions.node],
      ['platform', versions.platform],
      ['time zone data', versions.timeZoneData],
    ]),
  );
}

/** The package lies four folders above the compiled file's. */
export function versionOfPackage(): string {
  const file = new URL('../../../../../package.json', import.meta.url);
  const { version: found }: { version?: string } = JSON.parse(readFileSync(file, 'utf8'));
  return found ?? 'unknown';
}
