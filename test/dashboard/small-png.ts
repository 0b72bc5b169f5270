/**
 * Pictures of pages with few colours: a page of text in grey and blue needs no sixteen million. Written
 * anew with a palette of 256, which is a third of the size.
 */
import { crc32, deflateSync, inflateSync } from 'node:zlib';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const MOST_COLOURS = 256;

/** Of an opaque PNG with 8 bits a channel and no interlacing, as browsers write them; others stay. */
export function small(png: Buffer): Buffer {
  const { width, height, channels, data } = read(png);
  if (channels === 0) return png;
  const pixels = unfiltered(inflateSync(data), { width, height, channels });
  const counts = new Map<number, number>();
  const colours = new Int32Array(width * height);
  for (let at = 0; at < colours.length; at += 1) {
    const colour = pixels.readUIntBE(at * channels, 3);
    colours[at] = colour;
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  const palette = paletteOf(counts);
  const places = new Map(palette.map((colour, place) => [colour, place]));
  const rows = Buffer.alloc((width + 1) * height);
  for (const [at, colour] of colours.entries()) {
    const place = places.get(colour) ?? nearest(palette, colour);
    places.set(colour, place);
    rows[at + Math.floor(at / width) + 1] = place;
  }
  return written({ width, height }, palette, rows);
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** `channels` is 0 for what is written otherwise. */
function read(png: Buffer): Size & { readonly channels: number; readonly data: Buffer } {
  const parts: Buffer[] = [];
  for (let at = SIGNATURE.length; at < png.length; at += 12 + png.readUInt32BE(at))
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT')
      parts.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
  const [bits, type, , , interlaced] = png.subarray(24, 29);
  const isKnown = bits === 8 && interlaced === 0;
  const channels = isKnown && type === 2 ? 3 : isKnown && type === 6 ? 4 : 0;
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
  return { width, height, channels, data: Buffer.concat(parts) };
}

/** Each row says how it differs from what is left of it and above (PNG, section 9). */
function unfiltered(raw: Buffer, of: Size & { readonly channels: number }): Buffer {
  const { width, height, channels } = of;
  const stride = width * channels;
  const pixels = Buffer.alloc(stride * height);
  for (let y = 0; y < height; y += 1) {
    const filter = raw[y * (stride + 1)];
    for (let x = 0; x < stride; x += 1) {
      const at = y * stride + x;
      const left = x < channels ? 0 : (pixels[at - channels] ?? 0);
      const above = y === 0 ? 0 : (pixels[at - stride] ?? 0);
      const corner = x < channels || y === 0 ? 0 : (pixels[at - stride - channels] ?? 0);
      const guess = [0, left, above, (left + above) >> 1, paeth(left, above, corner)][filter ?? 0];
      pixels[at] = ((raw[y * (stride + 1) + 1 + x] ?? 0) + (guess ?? 0)) & 0xff;
    }
  }
  return pixels;
}

function paeth(left: number, above: number, corner: number): number {
  const guess = left + above - corner;
  const [a, b, c] = [left, above, corner].map((one) => Math.abs(guess - one)) as [
    ...[number, number, number],
  ];
  if (a <= b && a <= c) return left;
  return b <= c ? above : corner;
}

/** Those there is most of; then, one by one, whichever is worst served by those. A red dot stays red. */
function paletteOf(counts: ReadonlyMap<number, number>): number[] {
  const sorted = [...counts].sort(([, a], [, b]) => b - a);
  const palette = sorted.slice(0, MOST_COLOURS / 2).map(([colour]) => colour);
  const others = sorted
    .slice(palette.length)
    .map(([colour, count]) => ({ colour, count, far: distanceTo(palette, colour) }));
  while (palette.length < MOST_COLOURS && others.length > 0) {
    const worst = others.reduce((a, b) => (b.far * b.count > a.far * a.count ? b : a));
    palette.push(worst.colour);
    for (const one of others) one.far = Math.min(one.far, distance(one.colour, worst.colour));
    others.splice(others.indexOf(worst), 1);
  }
  return palette;
}

const distance = (a: number, b: number): number =>
  [16, 8, 0].reduce((sum, shift) => sum + (((a >> shift) & 0xff) - ((b >> shift) & 0xff)) ** 2, 0);

const distanceTo = (palette: readonly number[], colour: number): number =>
  Math.min(...palette.map((one) => distance(one, colour)));

function nearest(palette: readonly number[], colour: number): number {
  const least = distanceTo(palette, colour);
  return palette.findIndex((one) => distance(one, colour) === least);
}

function written({ width, height }: Size, palette: readonly number[], rows: Buffer): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  // 8 bits, by palette, nothing else.
  head.set([8, 3, 0, 0, 0], 8);
  const colours = Buffer.alloc(palette.length * 3);
  for (const [place, colour] of palette.entries()) colours.writeUIntBE(colour, place * 3, 3);
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', head),
    chunk('PLTE', colours),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(name: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data]);
  const whole = Buffer.alloc(body.length + 8);
  whole.writeUInt32BE(data.length, 0);
  body.copy(whole, 4);
  whole.writeUInt32BE(crc32(body), body.length + 4);
  return whole;
}
