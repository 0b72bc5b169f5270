/** The header: whose figures, of which month, in which zone, as of where, and how fresh they are. */
import {
  ActionIcon,
  Kbd,
  UnstyledButton,
  useComputedColorScheme,
  useMantineColorScheme,
} from '@mantine/core';
import { Link, useLocation } from '@tanstack/react-router';
import logo from '../flywheel.svg';
import { MoonIcon, SearchIcon, SunIcon } from '../ui/icons.js';
import { CreatorPicker } from './creator-picker.js';
import { LiveState } from './live-state.js';
import { MonthPicker } from './month-picker.js';
import { type Calendar, type Place, useCalendar } from './place.js';
import classes from './shell.module.css';
import { UserMenu } from './user-menu.js';

interface HeaderProps {
  readonly place: Place;
  readonly onPalette: () => void;
  readonly onHelp: () => void;
  readonly onCalls: () => void;
}

export function Header({ place, onPalette, onHelp, onCalls }: HeaderProps) {
  const hasFigures = place.creator !== undefined;
  const isOfMonth = useIsOfMonth();
  const known = useCalendar(place);
  // What is nobody's in particular is told in UTC.
  const calendar = hasFigures ? known : { ...known, timeZone: 'UTC' };
  return (
    <>
      <div className={classes.header}>
        <Link to="/" className={classes.brand} aria-label="Flywheel, first page">
          <img src={logo} alt="" width={24} height={24} />
          <span className={classes.wide}>Flywheel</span>
        </Link>
        <CreatorPicker place={place} />
        {hasFigures && isOfMonth && (
          <div className={classes.wide}>
            <MonthPicker place={place} calendar={calendar} />
          </div>
        )}
        <div className={classes.grow} />
        <Zone calendar={calendar} className={classes.wide} />
        <div className={classes.wide}>
          <LiveState />
        </div>
        <UnstyledButton
          className={classes.find}
          onClick={onPalette}
          aria-label="Find, ⌘K or Ctrl K"
        >
          <SearchIcon size={16} />
          <span className={classes.wide}>Find</span>
          <Kbd className={classes.wide} size="xs">
            ⌘K
          </Kbd>
        </UnstyledButton>
        <ThemeSwitch />
        <UserMenu creator={place.creator} onHelp={onHelp} onCalls={onCalls} />
      </div>
      <div className={classes.second}>
        {hasFigures && isOfMonth ? <MonthPicker place={place} calendar={calendar} /> : <span />}
        <div className={classes.phoneState}>
          <LiveState />
          <Zone calendar={calendar} className={undefined} />
        </div>
      </div>
    </>
  );
}

/** The log is no month's, nor is what runs or is set: their pages show it whole. */
const NO_MONTH = /^\/(events|deliveries|ops|settings)(\/|$)/;
const useIsOfMonth = (): boolean =>
  useLocation({ select: ({ pathname }) => !NO_MONTH.test(pathname) });

function Zone({ calendar, className }: { calendar: Calendar; className: string | undefined }) {
  if (calendar.timeZone === undefined) return null;
  const title = `Months and days are those of ${calendar.timeZone}.`;
  return (
    <span className={[classes.zone, className].filter(Boolean).join(' ')} title={title}>
      {calendar.timeZone}
    </span>
  );
}

function ThemeSwitch() {
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme('light');
  const other = scheme === 'dark' ? 'light' : 'dark';
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size="lg"
      aria-label={`Switch to ${other}`}
      title={`Switch to ${other}`}
      onClick={() => setColorScheme(other)}
    >
      {scheme === 'dark' ? <SunIcon /> : <MoonIcon />}
    </ActionIcon>
  );
}
