/**
 * A stretch of the log, of any length: only the rows in sight are drawn, and more are read before the
 * end comes into sight. All rows are equally high, so that what is put above them moves none of them.
 */
import { useElementSize, useMergedRef } from '@mantine/hooks';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { AuditEvent } from '../../api/event-reads.js';
import classes from './events.module.css';
import { LogRow } from './log-row.js';
import type { Names } from './says.js';

interface LogListProps {
  readonly events: readonly AuditEvent[];
  readonly names: Names;
  readonly timeZone: string;
  /** The position or id of the event that stands open. */
  readonly open: string | undefined;
  readonly hasMore: boolean;
  readonly onMore: () => void;
  /** New ones come in on top: what one has scrolled to stays where it is. */
  readonly onAway: (isAway: boolean) => void;
  /** One looks at the middle of the log: what comes in above moves nothing, on top neither. */
  readonly isInMiddle?: boolean;
}

/** As the style sheet has them. */
const ROW_REM = 3.75;
const CARD_REM = 7.25;
/** Narrower than this a row is a card. */
const CARD_PX = 800;
const OVERSCAN = 12;
/** Rows before the end at which more are asked for. */
const AHEAD = 40;

export function LogList(props: LogListProps) {
  const { events, names, timeZone, open, hasMore, onMore, onAway, isInMiddle = false } = props;
  const list = useRef<HTMLOListElement>(null);
  const { ref: sized, width } = useElementSize<HTMLOListElement>();
  const ref = useMergedRef(list, sized);
  const isCards = width > 0 && width < CARD_PX;
  const rowPx = (isCards ? CARD_REM : ROW_REM) * remPx();
  const top = useTop(list);
  const virtual = useWindowVirtualizer({
    count: events.length,
    estimateSize: () => rowPx,
    overscan: OVERSCAN,
    scrollMargin: top,
    getItemKey: useCallback((n: number) => events[n]?.position ?? n, [events]),
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: other rows are as high as these.
  useLayoutEffect(() => virtual.measure(), [rowPx]);
  useStaying(events, { top: isInMiddle ? -1 : top, rowPx });
  const isAway = (virtual.scrollOffset ?? 0) > top + rowPx;
  useEffect(() => onAway(isAway), [isAway, onAway]);
  const shown = virtual.getVirtualItems();
  const end = shown.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasMore && end >= events.length - AHEAD) onMore();
  }, [hasMore, end, events.length, onMore]);
  return (
    <ol
      ref={ref}
      className={classes.log}
      aria-label="Events"
      data-cards={isCards || undefined}
      style={{ height: virtual.getTotalSize() }}
    >
      {shown.map(({ index, start, key }) => {
        const event = events[index];
        return event === undefined ? null : (
          <LogRow
            key={key}
            event={event}
            names={names}
            timeZone={timeZone}
            isOpen={open === event.id || open === String(event.position)}
            top={start - top}
            place={index + 1}
            of={hasMore ? -1 : events.length}
          />
        );
      })}
    </ol>
  );
}

const remPx = (): number =>
  Number(getComputedStyle(document.documentElement).fontSize.replace('px', '')) || 16;

/** How far down the page the list begins; what stands above it may grow. */
function useTop(list: React.RefObject<HTMLElement | null>): number {
  const [top, setTop] = useState(0);
  useLayoutEffect(() => {
    const box = list.current?.getBoundingClientRect();
    if (box !== undefined) setTop(Math.round(box.top + window.scrollY));
  });
  return top;
}

/** Rows that come in above those that one looks at take no room from them. */
function useStaying(
  events: readonly AuditEvent[],
  { top, rowPx }: { readonly top: number; readonly rowPx: number },
): void {
  const before = useRef<number | undefined>(undefined);
  useLayoutEffect(() => {
    const known = before.current;
    before.current = events[0]?.position;
    if (known === undefined || known === before.current || window.scrollY <= top) return;
    const added = events.findIndex(({ position }) => position === known);
    if (added > 0) window.scrollBy({ top: added * rowPx, behavior: 'instant' });
  }, [events, top, rowPx]);
}
