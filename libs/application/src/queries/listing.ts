/** A list: which rows, in what order, and what each of them says. Its pages and its export are made of the same one. */
import { type PageArgs, readOf, type Select } from '#projections';
import { type Framed, frameOf } from './framed.js';
import type { Asked, ReadSide, View } from './read-side.js';

export interface Exportable<Row, Item, Place> {
  readonly asked: Asked;
  rows(schema: string, view: Omit<View, 'nameOf'>, page: PageArgs<Place>): Select<Row>;
  /** `n`: how many rows are before it. */
  item(row: Row, view: View, n: number): Item;
}

export interface Listing<Row, Item, Place> extends Exportable<Row, Item, Place> {
  place(row: Row): Place;
}

export interface PageAsked<Place> {
  readonly limit: number;
  readonly after?: Place | undefined;
}

export interface Page<Item, Place> {
  readonly items: Item[];
  /** Undefined: it was the last page. */
  readonly next: Place | undefined;
}

/** One page; one row more is read than shown, to know whether there is another. */
export async function pageOf<Row, Item, Place>(
  reads: ReadSide,
  listing: Listing<Row, Item, Place>,
  { limit, after }: PageAsked<Place>,
): Promise<Framed<Page<Item, Place>>> {
  const answer = await reads.ask<Row>(listing.asked, (source, period, currency, settings) =>
    readOf<Row>(
      source,
      listing.asked.creatorId,
      listing.rows(source.schema, { settings, period, currency }, { limit: limit + 1, after }),
    ),
  );
  const rows = answer.rows.slice(0, limit);
  const last = rows.at(-1);
  return {
    ...frameOf(answer),
    items: rows.map((row, n) => listing.item(row, answer, n)),
    next: answer.rows.length > limit && last !== undefined ? listing.place(last) : undefined,
  };
}

/** A whole list as of one position. Whoever gets it must `close` it. */
export type Exported<Item> = Framed<{
  readonly currency: string;
  readonly chunks: AsyncIterable<readonly Item[]>;
  /** May be called at any time and more than once. */
  close(): Promise<void>;
}>;

/**
 * Every row, whatever their number, while no more than a chunk is held. The first chunk is read
 * before this answers, so that what is refused is refused here. Throws as `ask` does, and
 * `exports_busy`.
 */
export async function exportOf<Row, Item, Place>(
  reads: ReadSide,
  listing: Exportable<Row, Item, Place>,
): Promise<Exported<Item>> {
  const { view, asOf, snapshot } = await reads.snapshot(listing.asked);
  const { close } = snapshot;
  try {
    const select = listing.rows(snapshot.source.schema, view, { limit: null });
    const chunks = snapshot.chunks(select);
    const first = await chunks.next();
    const items = async function* (): AsyncGenerator<readonly Item[], void, undefined> {
      let n = 0;
      try {
        for (let next = first; next.done !== true; next = await chunks.next()) {
          yield next.value.map((row) => listing.item(row, view, n++));
        }
      } finally {
        await close();
      }
    };
    const { period, currency } = view;
    return { asOf, period, currency, chunks: items(), close };
  } catch (error) {
    await close();
    throw error;
  }
}
