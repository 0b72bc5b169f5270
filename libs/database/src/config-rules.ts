/** What may be said of a variable of the configuration: the words in which config.ts declares them. */
import { IsIn, ValidateBy } from 'class-validator';

export interface DeclaredVariable<Key extends string> {
  readonly name: string;
  readonly key: Key;
  /** One line for `.env.example`. */
  readonly doc: string;
  /** In force when the variable is unset. */
  readonly default?: string;
  /** Shown in `.env.example` where there is no default; never for a secret: it would be valid. */
  readonly example?: string;
  /** Set but empty is refused rather than read as unset. */
  readonly refuseEmpty?: true;
  /** From the text to what the rules see. */
  readonly parse?: (text: string) => unknown;
  readonly rules: readonly PropertyDecorator[];
}

export function holds(test: (value: unknown) => boolean, problem: string): PropertyDecorator {
  return ValidateBy({
    name: 'holds',
    validator: { validate: test, defaultMessage: () => problem },
  });
}

export function says(pattern: RegExp, problem: string): PropertyDecorator {
  return holds((value) => pattern.test(value as string), problem);
}

export function url(protocols: readonly string[], problem: string): PropertyDecorator {
  return holds((value) => {
    const text = value as string;
    return URL.canParse(text) && protocols.includes(new URL(text).protocol);
  }, problem);
}

export function choice(values: readonly string[]): PropertyDecorator {
  return IsIn([...values], { message: `must be one of ${values.join(', ')}` });
}

export function range(from: number, to: number): PropertyDecorator[] {
  const problem = `must be a whole number from ${from} to ${to}`;
  return [holds((n) => Number.isInteger(n) && Number(n) >= from && Number(n) <= to, problem)];
}

export function wholeNumber(text: string): number {
  return /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
}

/** Names only: an offset is not a zone, because it knows no summer time. */
export function isTimeZone(value: unknown): boolean {
  const name = value as string;
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
