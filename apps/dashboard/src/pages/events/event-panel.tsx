/** The event that is open beside the list. Escape closes it and leads back to its row. */
import { ActionIcon } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useCallback, useEffect } from 'react';
import { useEvent } from '../../api/event-reads.js';
import { countText } from '../../ui/figures.js';
import { CloseIcon } from '../../ui/icons.js';
import { PageLink } from '../../ui/page-link.js';
import { Panel } from '../../ui/panel.js';
import { Answer, Loading } from '../../ui/states.js';
import { EventActions } from './actions.js';
import { EventInFullView } from './event-in-full.js';
import classes from './events.module.css';
import { PANEL_ID } from './log-row.js';

const route = getRouteApi('/house/events');

interface PanelProps {
  readonly id: string;
  readonly creator: string | undefined;
}

export function EventPanel({ id, creator }: PanelProps) {
  const read = useEvent(id, { isWalked: true });
  const navigate = route.useNavigate();
  const close = useCallback(() => {
    document.querySelector<HTMLElement>('main [data-row][aria-current]')?.focus();
    void navigate({ search: (old) => ({ ...old, event: undefined }), resetScroll: false });
  }, [navigate]);
  useEscape(close);
  const { data: event } = read;
  const title =
    event === undefined
      ? 'Event'
      : `#${countText(event.position)} ${event.type} v${event.stored.version}`;
  return (
    <div id={PANEL_ID} className={classes.aside} tabIndex={-1}>
      <Panel
        title={title}
        aside={
          <>
            <PageLink
              to="/events/$event"
              params={{ event: id }}
              search={creator === undefined ? {} : { creator }}
              fz="sm"
            >
              Its page
            </PageLink>
            <ActionIcon variant="subtle" color="gray" aria-label="Close" onClick={close}>
              <CloseIcon size={16} />
            </ActionIcon>
          </>
        }
      >
        <Answer of={read} loading={<Loading lines={8} />}>
          {(found) => (
            <>
              <EventInFullView event={found} creator={creator} />
              <EventActions event={found} />
            </>
          )}
        </Answer>
      </Panel>
    </div>
  );
}

/** Not of what lies above the page: a menu, a dialog or a field has an Escape of its own. */
const ELSEWHERE = '[role="dialog"], [role="menu"], [role="listbox"], input, select, textarea';

function useEscape(close: () => void): void {
  useEffect(() => {
    const onKey = (key: KeyboardEvent): void => {
      if (key.key !== 'Escape' || key.defaultPrevented) return;
      if (key.target instanceof Element && key.target.closest(ELSEWHERE)) return;
      close();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [close]);
}
