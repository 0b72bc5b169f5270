/** What a keyed hash answered, kept for the next who asks: people come again. Forgets all when it is full. */
export function remembered<Value>(
  max: number,
  answer: (asked: string) => Value,
): (asked: string) => Value {
  const known = new Map<string, Value>();
  return (asked) => {
    const found = known.get(asked);
    if (found !== undefined) return found;
    const value = answer(asked);
    if (known.size >= max) known.clear();
    known.set(asked, value);
    return value;
  };
}
