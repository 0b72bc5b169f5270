/**
 * A decider: the pure rule book of one stream category. `decide` says what happens, as events, and
 * answers `[]` when all of it is so already: that is our idempotency. `evolve` says what an event
 * means for later decisions. Neither asks for time, ids or anything outside its arguments.
 */
export interface Decider<State, Command, Event> {
  readonly initial: (stream: string) => State;
  /** Throws DomainError when the command is refused. Does not change `state`. */
  readonly decide: (command: Command, state: State) => readonly Event[];
  /** May change and return the given state. */
  readonly evolve: (state: State, event: Event) => State;
}
