/** What time it is for the figures: a demo's clock stands still, and the server says where. */
export function now(): Date {
  return frozenAt() ?? new Date();
}

/** By the clock of this machine, in milliseconds: when something was heard. */
export const clockNow = (): number => Date.now();

/** Undefined: the clock runs. */
export function frozenAt(): Date | undefined {
  const text = document.querySelector<HTMLMetaElement>('meta[name="flywheel-clock"]')?.content;
  const at = Date.parse(text ?? '');
  return Number.isNaN(at) ? undefined : new Date(at);
}
