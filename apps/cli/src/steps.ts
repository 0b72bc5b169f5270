/**
 * Steps that people wait for: one line each with its duration, on stderr. A terminal shows the
 * present one at work; anything else gets a line when it is done, and one every few seconds for a
 * long one. With `--json` each is a line of the stream.
 */
import { Listr, ListrTaskEventType, type ListrTaskObject, ListrTaskState } from 'listr2';
import { duration } from './format.js';
import type { Terminal } from './terminal.js';

/** Says how far the step is. */
export type Say = (progress: string) => void;

export interface Step {
  readonly title: string;
  /** Answers what is worth saying about the outcome. */
  readonly run: (say: Say) => Promise<string>;
}

export interface StepOptions {
  /** Of the stream that `--json` gets. */
  readonly schema: string;
  /** Nothing is said any more once it is aborted. */
  readonly signal?: AbortSignal;
}

/** Runs the steps one after another; throws the error of the one that fails. */
export async function runSteps(
  terminal: Terminal,
  steps: readonly Step[],
  options: StepOptions,
): Promise<void> {
  const tasks = steps.map(({ title, run }) => ({
    title,
    task: async (_context: unknown, task: { output: string }) => {
      options.signal?.throwIfAborted();
      task.output = await run((progress) => {
        task.output = progress;
      });
      options.signal?.throwIfAborted();
    },
  }));
  const listr = new Listr(tasks, {
    concurrent: false,
    exitOnError: true,
    registerSignalListeners: false,
    renderer: Lines,
    rendererOptions: { terminal, ...options },
  });
  await listr.run();
}

type LinesOptions = StepOptions & { readonly terminal: Terminal };
type Task = ListrTaskObject<unknown, typeof Lines, typeof Lines>;

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 100;
const TITLE_WIDTH = 'projections caught up'.length;
const LONG_STEP_MS = 5_000;

/** The renderer: lines of ours on the terminal's stderr. */
class Lines {
  static readonly nonTTY = true;
  static rendererOptions: LinesOptions;
  static rendererTaskOptions: never;
  readonly #terminal: Terminal;
  readonly #options: LinesOptions;
  #timer: NodeJS.Timeout | undefined;
  #frame = 0;

  constructor(
    private readonly tasks: Task[],
    options: LinesOptions,
  ) {
    this.#terminal = options.terminal;
    this.#options = options;
  }

  render(): void {
    for (const task of this.tasks) this.#follow(task, (task.title ?? '').padEnd(TITLE_WIDTH));
  }

  end(): void {
    clearInterval(this.#timer);
    this.#terminal.live('');
  }

  #follow(task: Task, title: string): void {
    let begun = 0;
    let detail = '';
    task.on(ListrTaskEventType.OUTPUT, (output: string) => {
      detail = output;
    });
    task.on(ListrTaskEventType.STATE, (state) => {
      if (state === ListrTaskState.STARTED) {
        begun = performance.now();
        this.#watch(() => ({ title, detail, elapsedMs: performance.now() - begun }));
      } else if (state === ListrTaskState.COMPLETED || state === ListrTaskState.FAILED) {
        this.end();
        const elapsedMs = performance.now() - begun;
        if (state === ListrTaskState.COMPLETED) this.#done(title, detail, elapsedMs);
        else this.#failed(title, elapsedMs);
      }
    });
  }

  #watch(present: () => { title: string; detail: string; elapsedMs: number }): void {
    const { isLive, columns, noteColors } = this.#terminal;
    const draw = () => {
      const { title, detail, elapsedMs } = present();
      if (this.#silent) return;
      if (!isLive) {
        this.#terminal.note(`  ${title}  ${detail}  ${duration(elapsedMs)} so far`);
        this.#terminal.record(this.#options.schema, {
          type: 'progress',
          step: title.trim(),
          detail,
        });
        return;
      }
      this.#frame = (this.#frame + 1) % FRAMES.length;
      const text = `${FRAMES[this.#frame]} ${title}  ${detail}`.slice(0, columns - 1);
      this.#terminal.live(noteColors.cyan(text));
    };
    this.#timer = setInterval(draw, isLive ? FRAME_MS : LONG_STEP_MS);
    this.#timer.unref();
  }

  #done(title: string, detail: string, elapsedMs: number): void {
    if (this.#silent) return;
    const { green, dim } = this.#terminal.noteColors;
    this.#terminal.note(`${green('✔')} ${title}  ${detail}  ${dim(duration(elapsedMs))}`);
    this.#terminal.record(this.#options.schema, {
      type: 'step',
      step: title.trim(),
      detail,
      durationMs: Math.round(elapsedMs),
    });
  }

  #failed(title: string, elapsedMs: number): void {
    if (this.#silent) return;
    const { red, dim } = this.#terminal.noteColors;
    this.#terminal.note(`${red('✖')} ${title}  ${dim(duration(elapsedMs))}`);
  }

  get #silent(): boolean {
    return this.#options.signal?.aborted === true;
  }
}
