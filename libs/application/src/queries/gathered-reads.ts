/**
 * Reads of one kind that wait for each other are asked by one statement, equal ones once. Nothing is
 * kept: an answer goes only to those who asked before its statement was begun, so it is as fresh as
 * one's own would have been.
 */

type Asked = Readonly<Record<string, string | number>>;

/** Answers in the order of the asks; undefined: there is none for anybody. */
export type AskAll<A, R> = (asks: readonly A[]) => Promise<readonly R[] | undefined>;

interface Waiting {
  readonly asked: Asked;
  readonly answered: Promise<unknown>;
  readonly settle: (answer: unknown) => void;
  readonly fail: (error: unknown) => void;
}

interface Kind {
  /** Statements under way. */
  running: number;
  /** Whose statement has not begun, by what they ask: whoever asks now may join. */
  readonly waiting: Map<string, Waiting>;
}

/** One is answered while the answers of the other are sent. */
const AT_ONCE = 2;
/** Nobody waits for more than this many others. */
const MAX_TOGETHER = 50;

export class GatheredReads {
  private readonly kinds = new Map<string, Kind>();

  /**
   * Reads of equal `kind` must be equal but for `asked`. What is answered is shared: nobody may
   * change it. A failure is that of everybody in the same statement.
   */
  read<A extends Asked, R>(kind: string, asked: A, askAll: AskAll<A, R>): Promise<R | undefined> {
    let own = this.kinds.get(kind);
    if (own === undefined) {
      own = { running: 0, waiting: new Map() };
      this.kinds.set(kind, own);
    }
    const key = Object.values(asked).join(' ');
    const equal = own.waiting.get(key);
    if (equal !== undefined) return equal.answered as Promise<R | undefined>;
    const waiting = waitingFor(asked);
    own.waiting.set(key, waiting);
    if (own.running < AT_ONCE) void this.begin(kind, own, askAll as AskAll<Asked, unknown>);
    return waiting.answered as Promise<R | undefined>;
  }

  private async begin(name: string, kind: Kind, askAll: AskAll<Asked, unknown>): Promise<void> {
    kind.running += 1;
    while (kind.waiting.size > 0) {
      const asking = nextOf(kind);
      try {
        const answers = await askAll(asking.map(({ asked }) => asked));
        for (const [n, { settle }] of asking.entries()) settle(answers?.[n]);
      } catch (error) {
        for (const { fail } of asking) fail(error);
      }
    }
    kind.running -= 1;
    if (kind.running === 0) this.kinds.delete(name);
  }
}

/** Those who came first: no longer to be joined. */
function nextOf({ waiting }: Kind): Waiting[] {
  const next = [...waiting].slice(0, MAX_TOGETHER);
  for (const [key] of next) waiting.delete(key);
  return next.map(([, one]) => one);
}

function waitingFor(asked: Asked): Waiting {
  let settle: Waiting['settle'] = () => {};
  let fail: Waiting['fail'] = () => {};
  const answered = new Promise<unknown>((resolve, reject) => {
    settle = resolve;
    fail = reject;
  });
  return { asked, answered, settle, fail };
}
