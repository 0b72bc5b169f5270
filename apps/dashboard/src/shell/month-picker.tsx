/** The month that is looked at, in the address: one back, one forward, or any of the list. */
import { ActionIcon, Button, Menu } from '@mantine/core';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { useMonths } from '../api/reads.js';
import { useMe } from '../api/session.js';
import { LeftIcon, LockIcon, RightIcon } from '../ui/icons.js';
import { addMonths, monthText } from '../ui/months.js';
import type { Calendar, Place } from './place.js';
import classes from './shell.module.css';

const LISTED = 12;

interface MonthPickerProps {
  readonly place: Place;
  readonly calendar: Calendar;
}

export function MonthPicker({ place, calendar }: MonthPickerProps) {
  const { currentMonth } = calendar;
  const navigate = useNavigate();
  // Of the page of one month it is the path.
  const isPath = useParams({ strict: false }).month !== undefined;
  const { months, oldest } = useListedMonths(place, currentMonth);
  const shown = place.month ?? currentMonth;
  if (shown === undefined || currentMonth === undefined) return null;
  const isCurrent = shown >= currentMonth;
  // From a month that is not yet, which an address may name, the way leads back to now.
  const previous = shown > currentMonth ? currentMonth : addMonths(shown, -1);
  const isOldest = oldest !== undefined && shown <= currentMonth && shown <= oldest;
  const searchOf = (month: string) => ({
    ...{ month: month === currentMonth ? undefined : month },
    // Of another month they mean something else, or nothing.
    ...{ day: undefined, throughDay: undefined, version: undefined, origin: undefined },
  });
  const { creator = '' } = place;
  const goTo = (month: string): void =>
    isPath
      ? void navigate({ to: '/c/$creator/months/$month', params: { creator, month } })
      : void navigate({ to: '.', search: (old) => ({ ...old, ...searchOf(month) }) });
  return (
    <ActionIcon.Group>
      <ActionIcon
        variant="default"
        size={30}
        disabled={isOldest}
        aria-label={isOldest ? 'No earlier month' : `To ${monthText(previous)}`}
        {...(!isOldest && {
          renderRoot: (props: object) =>
            isPath ? (
              <Link
                {...props}
                to="/c/$creator/months/$month"
                params={{ creator, month: previous }}
              />
            ) : (
              <Link {...props} to="." search={(old) => ({ ...old, ...searchOf(previous) })} />
            ),
        })}
      >
        <LeftIcon size={16} />
      </ActionIcon>
      <Menu position="bottom-start" width={210} shadow="md">
        <Menu.Target>
          <Button
            variant="default"
            size="xs"
            h={30}
            fw={600}
            radius={0}
            aria-label={`Month: ${monthText(shown)}`}
          >
            {monthText(shown)}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <div className={classes.months}>
            {months.map(({ month, isClosed }) => (
              <Menu.Item
                key={month}
                fw={month === shown ? 650 : 400}
                rightSection={isClosed ? <LockIcon size={14} /> : undefined}
                onClick={() => goTo(month)}
              >
                {monthText(month)}
                {isClosed && <span className="spoken">, closed</span>}
              </Menu.Item>
            ))}
          </div>
        </Menu.Dropdown>
      </Menu>
      <ActionIcon
        variant="default"
        size={30}
        disabled={isCurrent}
        aria-label={isCurrent ? 'No later month' : `To ${monthText(addMonths(shown, 1))}`}
        onClick={() => goTo(addMonths(shown, 1))}
      >
        <RightIcon size={16} />
      </ActionIcon>
    </ActionIcon.Group>
  );
}

interface Listed {
  readonly month: string;
  readonly isClosed: boolean;
}

interface Choice {
  readonly months: readonly Listed[];
  /** Undefined: not known. */
  readonly oldest: string | undefined;
}

/** Those of the creator, newest first; a member, who may not read them, chooses among the last ones. */
function useListedMonths({ creator = '' }: Place, current: string | undefined): Choice {
  const me = useMe();
  const { data } = useMonths(creator, creator !== '' && me !== undefined && me.role !== 'member');
  if (current === undefined) return { months: [], oldest: undefined };
  if (data === undefined) {
    const last = Array.from({ length: LISTED }, (_, n) => addMonths(current, -n));
    return { months: last.map((month) => ({ month, isClosed: false })), oldest: undefined };
  }
  const known = data.items.map(({ month, status }) => ({ month, isClosed: status === 'closed' }));
  const hasCurrent = known.some(({ month }) => month === current);
  return {
    months: hasCurrent ? known : [{ month: current, isClosed: false }, ...known],
    oldest: data.nextCursor === null ? known.at(-1)?.month : undefined,
  };
}
