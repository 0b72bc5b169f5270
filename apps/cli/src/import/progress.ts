/** How far an import is: a line that is drawn over, one every few seconds, or one for a program. */
import { count, duration } from '../format.js';
import type { Terminal } from '../terminal.js';

export interface Progress {
  /** Of what; default: of an import. */
  readonly title?: string;
  /** What is done, in words: `stored 12 000  decided 9 000`. */
  readonly text: string;
  /** For programs. */
  readonly figures: object;
  /** 0 to 1; undefined: nobody knows how much there is. */
  readonly share: number | undefined;
}

const EVERY_LIVE_MS = 500;
const EVERY_LINE_MS = 5_000;
/** Before that an estimate is a guess. */
const ESTIMATE_AFTER_MS = 2_000;
const WINDOW_MS = 10_000;

/** Looks and says until the work is done. The work's error is thrown; what looking meets is not. */
export async function withProgress<T>(
  terminal: Terminal,
  schema: string,
  look: () => Promise<Progress>,
  work: Promise<T>,
): Promise<T> {
  const begun = performance.now();
  const seen: { at: number; share: number }[] = [];
  let looking = false;
  const timer = setInterval(
    () => {
      if (looking) return;
      looking = true;
      void look()
        .then(
          (progress) => say(terminal, schema, progress, begun, seen),
          () => {}, // the work meets the same and says it
        )
        .finally(() => {
          looking = false;
        });
    },
    terminal.isLive ? EVERY_LIVE_MS : EVERY_LINE_MS,
  );
  try {
    return await work;
  } finally {
    clearInterval(timer);
    terminal.live('');
  }
}

function say(
  terminal: Terminal,
  schema: string,
  { title = 'import', text, figures, share }: Progress,
  begun: number,
  seen: { at: number; share: number }[],
): void {
  const now = performance.now();
  const etaMs = share === undefined ? undefined : etaOf(now, begun, share, seen);
  const percent = share === undefined ? '' : `  ${Math.floor(share * 100)} %`;
  const eta = etaMs === undefined ? '' : `  ETA ${duration(etaMs)}`;
  const line = `${title}  ${text}${percent}${eta}`;
  if (terminal.isLive) terminal.live(line.slice(0, terminal.columns - 1));
  else if (!terminal.json) terminal.note(line);
  terminal.record(schema, {
    type: 'progress',
    ...figures,
    share,
    etaMs: etaMs === undefined ? undefined : Math.round(etaMs),
  });
}

/** By the pace of the last seconds. */
function etaOf(
  now: number,
  begun: number,
  share: number,
  seen: { at: number; share: number }[],
): number | undefined {
  seen.push({ at: now, share });
  while (seen.length > 2 && now - (seen[0]?.at ?? now) > WINDOW_MS) seen.shift();
  const [first] = seen;
  if (first === undefined || now - begun < ESTIMATE_AFTER_MS || share <= first.share)
    return undefined;
  return ((1 - share) * (now - first.at)) / (share - first.share);
}

/** `8 470/s` since a moment. */
export const rate = (done: number, since: number): string => `${count(perSecond(done, since))}/s`;

export const perSecond = (done: number, since: number): number =>
  Math.round((done * 1000) / Math.max(1, performance.now() - since));
