/**
 * Given what happened, when this is ordered, then these events: a decider without a store.
 * What happened before is told as events or as the commands that made them.
 */
import { expect } from '@jest/globals';
import {
  type AssignMembership,
  type CodeEvent,
  type CreatorCommand,
  type CreatorEvent,
  codeDecider,
  codeStream,
  creatorDecider,
  creatorStream,
  type Decider,
  DomainError,
  expandLines,
  type Line,
  type MemberCommand,
  type MemberEvent,
  type MembershipEvent,
  type MonthsCommand,
  type MonthsEvent,
  memberDecider,
  membershipDecider,
  membershipStream,
  monthsDecider,
  monthsStream,
  type ReserveCode,
} from '#libs/ledger';
import { CREATOR, MEMBER_STREAM } from './builders.js';

type Typed = { readonly type: string };

const isEvent = <E extends Typed>(past: Typed): past is E => 'data' in past;

/** The state after what happened: events as they are, commands as they are decided. */
export function stateAfter<S, C extends Typed, E extends Typed>(
  decider: Decider<S, C, E>,
  stream: string,
  past: readonly (C | E)[],
): S {
  return past.reduce<S>((state, one) => {
    const events = isEvent<E>(one) ? [one] : decider.decide(one as C, state);
    return events.reduce(decider.evolve, state);
  }, decider.initial(stream));
}

class Scenario<S, C extends Typed, E extends Typed> {
  constructor(
    private readonly decider: Decider<S, C, E>,
    private readonly stream: string,
    private readonly past: readonly (C | E)[],
  ) {}

  when(command: C): Outcome<S, E> {
    const state = stateAfter(this.decider, this.stream, this.past);
    let events: readonly E[];
    try {
      events = this.decider.decide(command, state);
    } catch (error) {
      if (error instanceof DomainError) return new Outcome<S, E>(error, [], state);
      throw error;
    }
    const after = events.reduce(this.decider.evolve, state);
    // A decider asked twice answers nothing: part of every sentence.
    expect(this.decider.decide(command, after)).toEqual([]);
    return new Outcome<S, E>(undefined, events, after);
  }
}

class Outcome<S, E extends Typed> {
  constructor(
    private readonly refusal: DomainError | undefined,
    private readonly decided: readonly E[],
    readonly state: S,
  ) {}

  get events(): readonly E[] {
    if (this.refusal !== undefined) throw this.refusal;
    return this.decided;
  }

  /** Exactly these events, in this order; none: it is so already. */
  // biome-ignore lint/suspicious/noThenProperty: a word of the sentence; nobody awaits an outcome
  then(...expected: readonly E[]): this {
    expect(this.events).toEqual(expected);
    return this;
  }

  thenRefused(code: string): void {
    expect(this.refusal?.code).toBe(code);
  }
}

/** What happened to a member before: an event, or the command that made it. */
export type PastOfMember = MemberCommand | MemberEvent;

/** One member's stream, `MEMBER` of `CREATOR`. */
export const given = (...past: PastOfMember[]) => new Scenario(memberDecider, MEMBER_STREAM, past);
/** One creator's stream of settings. */
export const givenCreator = (...past: readonly (CreatorCommand | CreatorEvent)[]) =>
  new Scenario(creatorDecider, creatorStream(CREATOR), past);
/** The stream of one referral code. */
export const givenCode = (...past: readonly (ReserveCode | CodeEvent)[]) =>
  new Scenario(codeDecider, codeStream('RUI-2026'), past);

/** The stream of one membership, `mem_1`, that an admin may assign. */
export const givenMembership = (...past: readonly (AssignMembership | MembershipEvent)[]) =>
  new Scenario(membershipDecider, membershipStream('mem_1'), past);

/** The seals of one creator's months. */
export const givenMonths = (...past: readonly (MonthsCommand | MonthsEvent)[]) =>
  new Scenario(monthsDecider, monthsStream(CREATOR), past);

/** What the member's books say after these tellings: a text for each line that stands, sorted. */
export const booksAfter = (...past: PastOfMember[]): string[] =>
  stateAfter(memberDecider, MEMBER_STREAM, past).recorded.lines().map(textOf).sort();

/** What events restate: a text for each line, taken back first, in order. */
export const restatedBy = (events: readonly MemberEvent[]): string[] =>
  events.flatMap((event) =>
    event.type === 'CommissionRestated'
      ? expandLines(event, memberDecider.initial(MEMBER_STREAM).facts).map(textOf)
      : [],
  );

/** `2026-02-01 sale pay_1 by rui, first: 4999 usd = 500 + 3499 + 1000`; a line taken back begins with `-`. */
export function textOf(line: Line): string {
  const back = line.count < 0n ? '-' : '';
  const head = `${back}${line.day} ${line.kind} ${line.sourceId} by ${line.referrerId ?? 'nobody'}`;
  const isCount = ['signUp', 'conversion', 'reversedConversion'].includes(line.kind);
  if (isCount) return head;
  const { saleMinor, memberMinor, creatorMinor, platformMinor, currency } = line;
  const shares = `${memberMinor} + ${creatorMinor} + ${platformMinor}`;
  return `${head}${line.first ? ', first' : ''}: ${saleMinor} ${currency} = ${shares}`;
}
