/** What an order did: which version says what now, with a link to its event. */
import { Alert, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { countText } from '../../ui/figures.js';
import { CheckIcon } from '../../ui/icons.js';
import { PageLink } from '../../ui/page-link.js';
import classes from './months.module.css';

interface SealedNoteProps {
  readonly creator: string;
  readonly title: string;
  readonly done: {
    readonly version: number;
    readonly digest: string;
    readonly throughPosition: number;
    /** Of the seal; null: nothing was sealed by this order. */
    readonly position: number | null;
  };
  readonly children?: ReactNode;
}

export const SealedNote = ({ creator, title, done, children }: SealedNoteProps) => (
  <Alert
    color="green"
    variant="light"
    classNames={{ title: classes.noteTitle, icon: classes.noteIcon }}
    icon={<CheckIcon />}
    title={title}
    role="status"
    mb="md"
  >
    <Text size="sm" className="break">
      Version {done.version} contains every event up to #{countText(done.throughPosition)}:{' '}
      <span className="mono">SHA-256 {done.digest}</span>.
      {done.position !== null && (
        <>
          {' '}
          Its event is{' '}
          <PageLink
            to="/events/$event"
            params={{ event: String(done.position) }}
            search={{ creator }}
            underline="always"
          >
            #{countText(done.position)}
          </PageLink>
          .
        </>
      )}
    </Text>
    {children}
  </Alert>
);
