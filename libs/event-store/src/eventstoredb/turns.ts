/**
 * One at a time, in the order in which they came. Those of this process who append with something of
 * the database wait here and not on the lock in it: there each would hold a connection, and whoever
 * has the lock needs a second one.
 */
export class Turns {
  private last: Promise<unknown> = Promise.resolve();

  /** Runs it once all before have ended. */
  take<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.last.then(work);
    this.last = turn.catch(() => {});
    return turn;
  }
}
