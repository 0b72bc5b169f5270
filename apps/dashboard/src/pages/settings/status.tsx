/** What became of a delivery: a picture and a word, and its code where something is wrong. */
import { Text } from '@mantine/core';
import type { ListedDelivery } from '../../api/settings-reads.js';
import { AlertIcon, CheckIcon, ClockIcon } from '../../ui/icons.js';
import classes from './settings.module.css';

type Outcome = ListedDelivery['status'];

const WAITS: readonly Outcome[] = ['pending', 'parked'];
const WRONG: readonly Outcome[] = ['quarantined', 'conflict'];

export function Status({ status, code }: Pick<ListedDelivery, 'status' | 'code'>) {
  const isWrong = WRONG.includes(status);
  const Icon = isWrong ? AlertIcon : WAITS.includes(status) ? ClockIcon : CheckIcon;
  return (
    <span className={classes.status} data-wrong={isWrong || undefined}>
      <Icon size={14} />
      {status}
      {code !== null && code !== status && (
        <Text span size="xs" c="dimmed" className="mono break">
          {code}
        </Text>
      )}
    </span>
  );
}
