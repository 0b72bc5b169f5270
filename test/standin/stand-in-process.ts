/** A stand-in that can be killed, frozen and started again on the same port with the same log. */
import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '../..');
const ARGS = ['--conditions=source', '--import', '@swc-node/register/esm-register'];
const MAIN = path.join(ROOT, 'test/standin/main.ts');

export class StandInProcess {
  private child: ChildProcess | undefined;
  private port = 0;

  private constructor(private readonly file: string) {}

  /** @param file where it keeps its log. */
  static async start(file: string): Promise<StandInProcess> {
    const standIn = new StandInProcess(file);
    await standIn.begin();
    return standIn;
  }

  get url(): string {
    return `esdb://127.0.0.1:${this.port}?tls=false`;
  }

  get pid(): number {
    if (this.child?.pid === undefined) throw new Error('the stand-in does not run');
    return this.child.pid;
  }

  /** Starts it again after it was killed. */
  async begin(): Promise<void> {
    const child = spawn(process.execPath, [...ARGS, MAIN, String(this.port), this.file], {
      cwd: ROOT,
      env: { PATH: process.env.PATH },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.child = child;
    const said = await new Promise<string>((resolve, reject) => {
      let text = '';
      child.stdout.setEncoding('utf8').on('data', (more: string) => {
        text += more;
        if (text.includes('\n')) resolve(text);
      });
      child.once('exit', (code, signal) =>
        reject(new Error(`the stand-in ended with ${signal ?? code}`)),
      );
    });
    this.port = Number(/:(\d+)\?/.exec(said)?.[1]);
  }

  /** Resolves when it is gone. */
  async kill(): Promise<void> {
    const { child } = this;
    this.child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }

  freeze(): void {
    process.kill(this.pid, 'SIGSTOP');
  }

  thaw(): void {
    process.kill(this.pid, 'SIGCONT');
  }
}
