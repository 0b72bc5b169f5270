/** A part of a page: a heading, what one can do with it, and its content on a surface of its own. */
import { Group, Paper, Title } from '@mantine/core';
import { type ReactNode, useId } from 'react';
import { Boundary } from './boundary.js';
import classes from './panel.module.css';

export function Panel({
  title,
  aside,
  children,
  flush = false,
}: {
  readonly title: ReactNode;
  readonly aside?: ReactNode;
  readonly children: ReactNode;
  /** Tables reach the edges. */
  readonly flush?: boolean;
}) {
  const id = useId();
  return (
    <Paper component="section" aria-labelledby={id} className={classes.panel} radius="lg">
      <Group justify="space-between" gap="sm" className={classes.head}>
        <Title order={2} id={id} className={classes.title}>
          {title}
        </Title>
        {aside !== undefined && <Group gap="sm">{aside}</Group>}
      </Group>
      <div className={flush ? classes.flush : classes.body}>
        <Boundary>{children}</Boundary>
      </div>
    </Paper>
  );
}
