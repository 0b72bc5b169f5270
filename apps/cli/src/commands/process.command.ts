/** `flywheel serve` and `flywheel worker`: one process in the foreground; what runs it restarts it. */
import { setting } from '../environment.js';
import type { Invocation, Outcome } from '../invocation.js';
import { applyMigrations, checkDurability, openDatabase } from '../supervisor/database.js';
import { assertPortFree, mainOf, prepare } from '../supervisor/preparation.js';
import { runInForeground } from '../supervisor/run.js';
import { Supervisor } from '../supervisor/supervisor.js';

export async function runProcess(
  { terminal, env: given }: Invocation,
  command: 'serve' | 'worker',
  { port }: { readonly port?: number },
): Promise<Outcome> {
  const env = { ...given, ...(port === undefined ? {} : { PORT: String(port) }) };
  return runInForeground(terminal, {
    start: async (interrupts, own) => {
      const { config, env: environment } = await prepare(terminal, env);
      if (command === 'serve') await assertPortFree(config);
      const name = command === 'serve' ? 'api' : 'worker';
      const supervisor = new Supervisor({
        processes: [{ name, file: mainOf(name) }],
        env: environment,
        openDatabase: () => openDatabase(config, (message) => terminal.detail(message)),
        log: (message) => terminal.note(message),
        maxRestarts: 0,
      });
      own(supervisor);
      const { url, description } = await supervisor.openDatabase();
      terminal.target(description);
      await checkDurability(url);
      await applyMigrations(url, config, (message) => terminal.note(message));
      interrupts.signal.throwIfAborted();
      await supervisor.startProcesses();
      const at = supervisor.url;
      const clock = setting(env, 'FLYWHEEL_CLOCK');
      terminal.record(`flywheel.${command}/1`, { type: 'ready', url: at, pid: process.pid, clock });
      terminal.note(at === undefined ? 'The worker is running.' : `Flywheel serves ${at}`);
    },
  });
}
