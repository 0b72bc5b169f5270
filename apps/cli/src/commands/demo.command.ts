/** `flywheel demo load` */
import { ApiClient } from '../api-client.js';
import type { DemoScale } from '../demo/index.js';
import { EXIT } from '../exit.js';
import { monthName } from '../format.js';
import type { Invocation, Outcome } from '../invocation.js';
import { DEMO_CONNECTIONS, DemoLoad, type DemoLoaded } from '../load/demo-load.js';
import { runSteps } from '../steps.js';
import { findTarget, webhookSecretFor } from '../target.js';
import type { Terminal } from '../terminal.js';
import { topTable } from './top.command.js';

const SCHEMA = 'flywheel.demo-load/1';

export async function demoLoad(
  { terminal, globals, env }: Invocation,
  { scale }: { readonly scale: DemoScale },
): Promise<Outcome> {
  const target = await findTarget(globals, env);
  const { url, token } = target;
  terminal.target(`${url} (${target.from}) · demo, ${scale}`);
  const client = new ApiClient({ url, token, connections: DEMO_CONNECTIONS });
  const load = new DemoLoad({ client, secret: await webhookSecretFor(target, env), scale });
  await runSteps(terminal, load.steps, { schema: SCHEMA });
  client.close();
  return showLoaded(terminal, SCHEMA, load.loaded);
}

/** The table, and whatever is not as it must be. */
export function showLoaded(terminal: Terminal, schema: string, loaded: DemoLoaded): Outcome {
  const { settled: _tokens, ...result } = loaded;
  const { red, yellow } = terminal.noteColors;
  for (const finding of loaded.findings) terminal.note(red(`✖ ${finding}`));
  for (const remark of loaded.remarks) terminal.note(yellow(`· ${remark}`));
  terminal.note(`\nTop referrers, ${monthName(loaded.month)} · ${loaded.creator}`);
  terminal.answer(schema, { type: 'result', ...result }, () => topTable(terminal, loaded.items));
  return loaded.findings.length === 0 ? EXIT.done : EXIT.findings;
}
