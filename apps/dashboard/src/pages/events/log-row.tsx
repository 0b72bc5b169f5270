/** One event in the list: where it stands, when it happened, what made it, and what it means. */
import { Link } from '@tanstack/react-router';
import { memo } from 'react';
import type { AuditEvent } from '../../api/event-reads.js';
import { countText } from '../../ui/figures.js';
import { clockOfText, dateText, wholeText } from '../../ui/instants.js';
import classes from './events.module.css';
import { type Names, Says } from './says.js';
import { causeText } from './words.js';

interface LogRowProps {
  readonly event: AuditEvent;
  readonly names: Names;
  readonly timeZone: string;
  readonly isOpen: boolean;
  /** Pixels from the beginning of the list. */
  readonly top: number;
  /** From 1. */
  readonly place: number;
  /** -1: more than is known. */
  readonly of: number;
}

/** The panel of the event that is open: a second Enter goes into it. */
export const PANEL_ID = 'event-panel';

export const LogRow = memo(function LogRow(props: LogRowProps) {
  const { event, names, timeZone, isOpen, top, place, of } = props;
  const { position, type, effectiveAt, cause } = event;
  return (
    <li
      className={classes.row}
      style={{ transform: `translateY(${top}px)` }}
      data-open={isOpen || undefined}
      aria-posinset={place}
      aria-setsize={of}
    >
      <span className={`num ${classes.position}`}>#{countText(position)}</span>
      <time
        className={`num ${classes.when}`}
        dateTime={effectiveAt}
        title={wholeText(effectiveAt, timeZone)}
      >
        <span>{dateText(effectiveAt, timeZone)}</span>
        <span className={classes.dim}>{clockOfText(effectiveAt, timeZone)}</span>
      </time>
      <span className={classes.what}>
        <span className={classes.type}>{type}</span>
        <span className={classes.dim}>{causeText(cause)}</span>
      </span>
      <Link
        to="/events"
        search={(old) => ({ ...old, event: event.id })}
        resetScroll={false}
        preload={false}
        className={classes.says}
        data-row
        aria-current={isOpen || undefined}
        onClick={(click) => {
          if (!isOpen) return;
          click.preventDefault();
          document.getElementById(PANEL_ID)?.focus();
        }}
      >
        <span className="spoken">
          #{position}, {type}:{' '}
        </span>
        <Says event={event} names={names} />
      </Link>
    </li>
  );
});
