/** What one must know before reading a figure: a demo, a right to read only, a connection that is lost. */
import { useLive } from '../api/live.js';
import { isReadOnly, useMe } from '../api/session.js';
import { AlertIcon, ClockIcon, LockIcon } from '../ui/icons.js';
import { clockText, timeText } from '../ui/instants.js';
import { frozenAt } from '../ui/now.js';
import { type Place, useCalendar } from './place.js';
import classes from './shell.module.css';

export function Banners({ place }: { readonly place: Place }) {
  const { connection, lostAt } = useLive();
  const { timeZone = 'UTC' } = useCalendar(place);
  const frozen = frozenAt();
  return (
    <>
      {frozen !== undefined && (
        <div className={classes.banner}>
          <ClockIcon size={15} />
          <span>
            Demo: the clock stands still at {timeText(frozen.toISOString(), timeZone)}, {timeZone}.
          </span>
        </div>
      )}
      {isReadOnly(useMe()) && (
        <div className={classes.banner}>
          <LockIcon size={15} />
          <span>You see everything here and change nothing: your token is an auditor’s.</span>
        </div>
      )}
      {connection === 'lost' && lostAt !== undefined && (
        <div className={classes.banner} data-tone="warn" role="alert">
          <AlertIcon size={15} />
          <span>
            The connection was lost at {clockText(lostAt)}: what came since may be missing. It is
            tried again.
          </span>
        </div>
      )}
    </>
  );
}
