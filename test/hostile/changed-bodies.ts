/** Bodies that are not what was signed. */
import { type Change, type Changes, type Genuine, genuine } from './genuine.js';

const bodyOf = (of: Genuine, change: (text: string) => string): Change => {
  const text = of.body.toString('utf8');
  const changed = change(text);
  return { body: Buffer.from(changed === text ? `${text} ` : changed) };
};

const flip = (bytes: Buffer, at: number, bit: number): Buffer => {
  const changed = Buffer.from(bytes);
  changed[at] = (changed[at] ?? 0) ^ (1 << bit);
  return changed;
};

export const CHANGED_BODIES: Changes = {
  'a bit of the body': ({ body }, random) => ({
    body: flip(body, random.below(body.length), random.below(8)),
  }),
  'a byte less': ({ body }, random) => {
    const at = random.below(body.length);
    return { body: Buffer.concat([body.subarray(0, at), body.subarray(at + 1)]) };
  },
  'a byte more': ({ body }, random) => {
    const at = random.below(body.length + 1);
    const more = Buffer.from([random.below(256)]);
    return { body: Buffer.concat([body.subarray(0, at), more, body.subarray(at)]) };
  },
  truncated: ({ body }, random) => ({ body: body.subarray(0, random.below(body.length)) }),
  'a splice of two': (of, random, forging) => {
    const other = genuine(random.below(1_000_000) + 4_000_000, forging).body;
    const at = random.between(1, Math.min(of.body.length, other.length) - 1);
    return { body: Buffer.concat([of.body.subarray(0, at), other.subarray(at)]) };
  },
  'another body': (_of, random, forging) => ({
    body: genuine(random.below(1_000_000) + 4_000_000, forging).body,
  }),
  'the same JSON, written otherwise': (of, random) =>
    bodyOf(of, (text) =>
      random.pick([
        JSON.stringify(JSON.parse(text), null, 1),
        text.replace(':', ': '),
        `${text}\n`,
        ` ${text}`,
        `\ufeff${text}`,
        text.replace('a', '\\u0061'),
      ]),
    ),
  'letters that look alike': (of, random) =>
    bodyOf(of, (text) =>
      random.pick([
        text.replace('a', '\u0430'),
        text.replace('e', 'e\u0301'),
        text.replace('"', '\u201c'),
        text.replace(/\d/, '\u0661'),
        text.replace(/[a-z]/, '\ufffd'),
      ]),
    ),
  'bytes that decode to the same': (of) => ({
    body: Buffer.concat([of.body, Buffer.from([0xff])]),
  }),
  'a larger amount': (of, random) =>
    bodyOf(of, (text) => text.replaceAll(/10\b/g, String(random.between(11, 1_000_000)))),
};
