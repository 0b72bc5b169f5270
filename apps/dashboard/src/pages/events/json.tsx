/** JSON that can be folded, by the mouse and by the keyboard: arrows walk, Enter and Space fold. */
import type { KeyboardEvent } from 'react';
import { JsonView, type Props } from 'react-json-view-lite';
import classes from './events.module.css';

const named = (...names: readonly string[]): string =>
  names.map((name) => classes[name] ?? '').join(' ');

const STYLE: Props['style'] = {
  container: named('json'),
  basicChildStyle: '',
  childFieldsContainer: named('branch'),
  label: named('key'),
  clickableLabel: named('key'),
  nullValue: named('number'),
  undefinedValue: named('number'),
  numberValue: named('number'),
  booleanValue: named('number'),
  stringValue: named('text'),
  otherValue: '',
  punctuation: '',
  expandIcon: named('fold', 'closed'),
  collapseIcon: named('fold', 'opened'),
  collapsedContent: named('hidden'),
  ariaLables: { collapseJson: 'fold', expandJson: 'unfold' },
  stringifyStringValues: true,
};

/** Longer lists are folded at first: a page of a snapshot has a line for every member. */
const LONG = 40;
const isOpenAtFirst = (level: number, value: unknown): boolean =>
  level < 3 && Object.keys((value as object | null) ?? {}).length <= LONG;

function foldByKey(event: KeyboardEvent<HTMLElement>): void {
  if (event.key !== 'Enter' && event.key !== ' ') return;
  if (!(event.target instanceof HTMLElement) || event.target.role !== 'button') return;
  event.preventDefault();
  event.target.click();
}

export function Json({ value, label }: { readonly value: object; readonly label: string }) {
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys of the buttons within come by here.
    <div role="presentation" onKeyDown={foldByKey}>
      <JsonView data={value} style={STYLE} aria-label={label} shouldExpandNode={isOpenAtFirst} />
    </div>
  );
}
