/** The keyboard: `g` and a letter go to a page, ⌘K or Ctrl K finds, `?` helps, `/` filters, `j` `k` walk rows, `~` says what was asked. */
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import type { Place } from './place.js';

interface Acts {
  readonly onPalette: () => void;
  readonly onHelp: () => void;
  readonly onCalls: () => void;
}

/** After `g`, how long the letter may take. */
const PAUSE_MS = 1_200;
const TYPING = 'input, textarea, select, [contenteditable="true"]';
/** Rows that `j` and `k` walk: links of a table's first column. */
const ROWS = 'main [data-row]';

export function useKeys({ creator, month }: Place, acts: Acts): void {
  const navigate = useNavigate();
  const latest = useRef({ creator, month, acts });
  latest.current = { creator, month, acts };
  useEffect(() => {
    let goneAt = Number.NEGATIVE_INFINITY;
    const onKey = (event: KeyboardEvent): void => {
      const { key } = event;
      const { creator: of, month: at, acts: act } = latest.current;
      if ((event.metaKey || event.ctrlKey) && key.toLowerCase() === 'k') {
        event.preventDefault();
        act.onPalette();
        return;
      }
      const target = event.target instanceof Element ? event.target : null;
      if (event.metaKey || event.ctrlKey || event.altKey || target?.closest(TYPING)) return;
      const isGoing = event.timeStamp - goneAt < PAUSE_MS;
      goneAt = key === 'g' ? event.timeStamp : Number.NEGATIVE_INFINITY;
      const search = at === undefined ? {} : { month: at };
      if (isGoing && key === 'p') void navigate({ to: '/ops' });
      else if (isGoing && of !== undefined) {
        if (key === 'o') void navigate({ to: '/c/$creator', params: { creator: of }, search });
        if (key === 'm')
          void navigate({ to: '/c/$creator/members', params: { creator: of }, search });
        if (key === 'e') void navigate({ to: '/events', search: { creator: of, ...search } });
        if (key === 's') void navigate({ to: '/settings', search: { creator: of, ...search } });
        if (key === 'n') void navigate({ to: '/c/$creator/months', params: { creator: of } });
        if (key === 'c')
          void navigate({ to: '/c/$creator/commissions', params: { creator: of }, search });
        if (key === 'x') void navigate({ to: '/explain', search: { creator: of, ...search } });
      } else if (key === '?') act.onHelp();
      else if (key === '~') act.onCalls();
      else if (key === '/' && focusFilter()) event.preventDefault();
      else if (key === 'j' || key === 'k') walk(key === 'j' ? 1 : -1);
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [navigate]);
}

function focusFilter(): boolean {
  const filter = document.querySelector<HTMLElement>('main input[type="search"]');
  filter?.focus();
  return filter !== null;
}

function walk(step: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>(ROWS)];
  const at = rows.indexOf(document.activeElement as HTMLElement);
  const next = at < 0 ? rows[step === 1 ? 0 : rows.length - 1] : rows[at + step];
  next?.focus();
}
