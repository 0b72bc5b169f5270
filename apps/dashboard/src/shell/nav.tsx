/** The ways to other pages: those that exist for whoever is signed in. */
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { mayOperate, useMe } from '../api/session.js';
import {
  CommissionsIcon,
  EventsIcon,
  ExplainIcon,
  MembersIcon,
  MonthsIcon,
  OpsIcon,
  OverviewIcon,
  SettingsIcon,
  UserIcon,
} from '../ui/icons.js';
import type { Place } from './place.js';
import classes from './shell.module.css';

export const SideNav = ({ place }: { readonly place: Place }) => (
  <div className={classes.nav}>
    <NavLinks place={place} />
  </div>
);

export const FootNav = ({ place }: { readonly place: Place }) => (
  <nav className={classes.foot} aria-label="Pages">
    <NavLinks place={place} />
  </nav>
);

function NavLinks({ place }: { readonly place: Place }) {
  const me = useMe();
  const { creator, month } = place;
  if (me === undefined) return null;
  const search = month === undefined ? {} : { month };
  const content = (icon: ReactNode, name: string) => (
    <>
      {icon}
      <span>{name}</span>
    </>
  );
  const link = { className: classes.link, activeOptions: { exact: true, includeSearch: false } };
  const operations = mayOperate(me) && (
    <Link to="/ops" {...link} activeOptions={{ includeSearch: false }}>
      {content(<OpsIcon />, 'Operations')}
    </Link>
  );
  const own = me.role === 'member' ? me.memberId : null;
  if (creator === undefined)
    return (
      <>
        <Link to="/" {...link}>
          {content(<OverviewIcon />, 'Creators')}
        </Link>
        <Link to="/events" {...link}>
          {content(<EventsIcon />, 'Events')}
        </Link>
        {operations}
      </>
    );
  return (
    <>
      {own === null ? (
        <>
          <Link to="/c/$creator" params={{ creator }} search={search} {...link}>
            {content(<OverviewIcon />, 'Overview')}
          </Link>
          <Link
            to="/c/$creator/members"
            params={{ creator }}
            search={search}
            {...link}
            activeOptions={{ includeSearch: false }}
          >
            {content(<MembersIcon />, 'Members')}
          </Link>
          <Link
            to="/c/$creator/months"
            params={{ creator }}
            {...link}
            activeOptions={{ includeSearch: false }}
          >
            {content(<MonthsIcon />, 'Months')}
          </Link>
          <Link
            to="/c/$creator/commissions"
            params={{ creator }}
            search={search}
            {...link}
            // On a phone the page of months leads there.
            className={`${classes.link} ${classes.wide}`}
          >
            {content(<CommissionsIcon />, 'Commissions')}
          </Link>
        </>
      ) : (
        <Link
          to="/c/$creator/members/$member"
          params={{ creator, member: own }}
          search={search}
          {...link}
        >
          {content(<UserIcon />, 'My referrals')}
        </Link>
      )}
      <Link
        to="/explain"
        search={{ creator, ...(own !== null && { member: own }), ...search }}
        {...link}
        // On a phone every number leads there.
        className={own === null ? `${classes.link} ${classes.wide}` : classes.link}
      >
        {content(<ExplainIcon />, 'Explain')}
      </Link>
      {own === null && (
        <Link
          to="/events"
          search={{ creator, ...search }}
          {...link}
          activeOptions={{ includeSearch: false }}
        >
          {content(<EventsIcon />, 'Events')}
        </Link>
      )}
      {own === null && (
        <Link
          to="/settings"
          search={{ creator, ...search }}
          {...link}
          // On a phone the menu of who is signed in leads there.
          className={`${classes.link} ${classes.wide}`}
          activeOptions={{ includeSearch: false }}
        >
          {content(<SettingsIcon />, 'Settings')}
        </Link>
      )}
      {operations}
    </>
  );
}
