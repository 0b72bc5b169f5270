/**
 * Equal reads that wait for each other share one statement. Nothing is kept: an answer goes only to
 * those who asked before its statement was begun, so it is as fresh as one's own would have been.
 */
export class SharedReads {
  private readonly running = new Map<string, Promise<unknown>>();
  /** Not begun yet: whoever asks now may join. */
  private readonly next = new Map<string, Promise<unknown>>();

  /** Equal keys must mean equal reads. What is answered is shared: nobody may change it. */
  read<T>(key: string, begin: () => Promise<T>): Promise<T> {
    const next = this.next.get(key) as Promise<T> | undefined;
    if (next !== undefined) return next;
    const running = this.running.get(key);
    if (running === undefined) return this.begin(key, begin);
    const after = (): Promise<T> => {
      this.next.delete(key);
      return this.begin(key, begin);
    };
    const made = running.then(after, after);
    this.next.set(key, made);
    return made;
  }

  private begin<T>(key: string, begin: () => Promise<T>): Promise<T> {
    const running = begin().finally(() => this.running.delete(key));
    this.running.set(key, running);
    return running;
  }
}
