/** What the pages of the operations have in common: their head, their marks, and lists of facts. */
import { Link } from '@tanstack/react-router';
import { Fragment, type ReactNode } from 'react';
import { mayOperate, useMe } from '../../api/session.js';
import { AlertIcon, CheckIcon, ClockIcon, CloseIcon, TurnIcon } from '../../ui/icons.js';
import { PageTitle } from '../../ui/page-title.js';
import { Empty } from '../../ui/states.js';
import classes from './ops.module.css';

const PLACES = [
  ['/ops', 'Now'],
  ['/ops/checks', 'Checks'],
  ['/ops/runs', 'Replays'],
  ['/ops/quarantine', 'Quarantine'],
  ['/ops/diagnosis', 'Diagnosis'],
] as const;

/** Times on these pages are UTC: they are about the ledger, and no creator's months are meant. */
export const ZONE = 'UTC';

interface OpsProps {
  readonly title: string;
  readonly beside?: ReactNode;
  readonly aside?: ReactNode;
  readonly children: ReactNode;
}

/** A page for who runs the ledger, with the ways to the others. */
export function Ops({ title, beside, aside, children }: OpsProps) {
  const me = useMe();
  return (
    <>
      <PageTitle title={title} beside={beside} aside={aside} />
      {mayOperate(me) ? (
        <>
          <nav className={classes.subnav} aria-label="Operations">
            {PLACES.map(([to, name]) => (
              <Link
                key={to}
                to={to}
                className={classes.tab}
                activeOptions={{ exact: to === '/ops', includeSearch: false }}
              >
                {name}
              </Link>
            ))}
          </nav>
          {children}
        </>
      ) : (
        <Empty title="This is for who runs the ledger">
          Operations are about all creators together: an admin sees them, and an auditor of all.
        </Empty>
      )}
    </>
  );
}

export type Tone = 'good' | 'bad' | 'warn' | 'busy' | 'idle' | 'calm';

const PICTURES = {
  good: CheckIcon,
  bad: AlertIcon,
  warn: ClockIcon,
  busy: TurnIcon,
  idle: ClockIcon,
  calm: CloseIcon,
} as const;

/** A state in a picture and a word: never by its colour alone. */
export function Mark({ tone, children }: { readonly tone: Tone; readonly children: ReactNode }) {
  const Picture = PICTURES[tone];
  return (
    <span className={classes.mark} data-tone={tone}>
      <Picture size={15} />
      {children}
    </span>
  );
}

/** Names and what they are; what is not known is left out. */
export function Facts({ of }: { readonly of: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className={classes.facts}>
      {of.map(([name, value]) =>
        value === null || value === undefined || value === '' ? null : (
          <Fragment key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </Fragment>
        ),
      )}
    </dl>
  );
}
