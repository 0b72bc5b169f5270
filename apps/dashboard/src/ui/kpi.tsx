/** One large number with its name, and what is said beneath it. */
import { Paper } from '@mantine/core';
import type { ReactNode } from 'react';
import { Boundary } from './boundary.js';
import classes from './kpi.module.css';

/** Several of them, as many beside each other as there is room for. */
export const Kpis = ({ children }: { readonly children: ReactNode }) => (
  <div className={classes.kpis}>{children}</div>
);

export function Kpi({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <Paper component="section" aria-label={name} className={classes.kpi} radius="lg">
      <div className={classes.name}>{name}</div>
      <Boundary>{children}</Boundary>
    </Paper>
  );
}

export const Big = ({ children }: { readonly children: ReactNode }) => (
  <div className={classes.big}>{children}</div>
);

export const Small = ({ children }: { readonly children: ReactNode }) => (
  <div className={classes.small}>{children}</div>
);
