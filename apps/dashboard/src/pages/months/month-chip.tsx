/** Where a month stands, by a picture and a word: never by colour alone. */
import { ClockIcon, LockIcon, OpenIcon } from '../../ui/icons.js';
import classes from './months.module.css';

interface MonthChipProps {
  readonly status: 'open' | 'closing' | 'closed';
  /** Of the latest version; undefined: none is sealed. */
  readonly version: number | undefined;
}

export function MonthChip({ status, version }: MonthChipProps) {
  const Icon = status === 'open' ? OpenIcon : status === 'closing' ? ClockIcon : LockIcon;
  return (
    <span className={classes.state}>
      <Icon size={15} />
      {wordOf(status, version)}
    </span>
  );
}

function wordOf(status: MonthChipProps['status'], version: number | undefined): string {
  if (status === 'open') return 'Open';
  if (status === 'closing') return 'Closing, in its grace';
  return version !== undefined && version > 1 ? `Restated, version ${version}` : 'Closed';
}
