/** How far a replay is: a line that is drawn over, one every few seconds, or one for a program. */
import { count, duration } from '../format.js';
import type { Terminal } from '../terminal.js';
import { nameOf, type ReplayFound } from './replay.said.js';

export const REPLAY_SCHEMA = 'flywheel.replay/1';
const EVERY_LINE_MS = 5_000;
/** Before that an estimate is a guess. */
const ESTIMATE_AFTER_MS = 2_000;
const WINDOW_MS = 10_000;

/** What is left, by the pace of the last seconds. */
export class Pace {
  readonly #seen: { readonly at: number; readonly position: number; readonly head: number }[] = [];
  #begun: number | undefined;

  /** Undefined: too early to say. `isAtLeast`: there is more and more to do. */
  estimate(
    position: number,
    head: number,
    now: number,
  ): { readonly etaMs: number; readonly isAtLeast: boolean } | undefined {
    this.#begun ??= now;
    this.#seen.push({ at: now, position, head });
    while (this.#seen.length > 2 && now - (this.#seen[0]?.at ?? now) > WINDOW_MS)
      this.#seen.shift();
    const [first] = this.#seen;
    if (first === undefined || now - this.#begun < ESTIMATE_AFTER_MS || position <= first.position)
      return undefined;
    const etaMs = ((head - position) * (now - first.at)) / (position - first.position);
    return { etaMs, isAtLeast: head > first.head };
  }
}

export class ReplayProgressLine {
  readonly #pace = new Pace();
  #saidAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly terminal: Terminal) {}

  say(replay: ReplayFound, now: number): void {
    const { terminal } = this;
    const { progress } = replay;
    const eta =
      progress?.phase === 'events'
        ? this.#pace.estimate(progress.position, progress.head, now)
        : undefined;
    const text = progressText(replay, eta);
    if (terminal.isLive) terminal.live(text.slice(0, terminal.columns - 1));
    else if (!terminal.json && now - this.#saidAt >= EVERY_LINE_MS) {
      terminal.note(text);
      this.#saidAt = now;
    }
    const { id, state, errors } = replay;
    const etaMs = eta === undefined ? undefined : Math.round(eta.etaMs);
    terminal.record(REPLAY_SCHEMA, { type: 'progress', id, state, errors, ...progress, etaMs });
  }

  end(): void {
    this.terminal.live('');
  }
}

/** `replay all  11 820/18 234  65 %  38.2k ev/s  ETA 0.2 s  errors 0`. */
export function progressText(
  replay: Pick<ReplayFound, 'projections' | 'state' | 'errors' | 'progress'>,
  eta?: { readonly etaMs: number; readonly isAtLeast: boolean },
): string {
  const { progress, state, errors } = replay;
  const parts = [`replay ${nameOf(replay)}`];
  if (state === 'ordered') parts.push('waits for a worker');
  else if (progress === null) parts.push(state);
  else if (progress.phase === 'events') {
    const { position, head, eventsPerSecond } = progress;
    parts.push(`${count(position)}/${count(head)}`);
    parts.push(`${head === 0 ? 100 : Math.floor((position * 100) / head)} %`);
    if (eventsPerSecond > 0) parts.push(`${rateText(eventsPerSecond)} ev/s`);
    if (eta !== undefined) parts.push(`ETA ${eta.isAtLeast ? '≥ ' : ''}${duration(eta.etaMs)}`);
  } else parts.push(progress.phase, ...(progress.table === null ? [] : [progress.table]));
  return [...parts, `errors ${errors}`].join('  ');
}

const rateText = (rate: number): string =>
  rate < 1_000 ? String(rate) : `${(rate / 1_000).toFixed(1)}k`;
