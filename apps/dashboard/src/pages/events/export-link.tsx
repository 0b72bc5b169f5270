/** Exactly what is filtered, an event a line; with how many there are. */
import { Anchor } from '@mantine/core';
import { useEffect } from 'react';
import {
  conditionsOf,
  type EventFilter,
  exportAddress,
  useEventCount,
} from '../../api/event-reads.js';
import { useLive } from '../../api/live.js';
import link from '../../ui/csv-link.module.css';
import { countText } from '../../ui/figures.js';
import { DownloadIcon } from '../../ui/icons.js';
import { exportCli } from './words.js';

/** More are not counted again each time that one is recorded. */
const MANY = 10_000;

export function ExportLink({ filter }: { readonly filter: EventFilter }) {
  const { data, isFetching, refetch } = useEventCount(filter);
  const { position = 0 } = useLive();
  const isOfAll = Object.values(conditionsOf(filter)).every((one) => one === undefined);
  const { counted, asOf } = data ?? {};
  const isOld = asOf !== undefined && position > asOf.position;
  const isCheap = isOfAll || (counted?.events ?? 0) <= MANY;
  useEffect(() => {
    if (isOld && isCheap && !isFetching) void refetch();
  }, [isOld, isCheap, isFetching, refetch]);
  const count =
    counted === undefined ? '' : ` (${countText(counted.events)}${counted.isAll ? '' : '+'})`;
  return (
    <Anchor
      href={exportAddress(filter)}
      download
      size="sm"
      className={link.link}
      title={`${asOf === undefined ? '' : `As of #${countText(asOf.position)}. `}${exportCli(filter)}`}
    >
      <DownloadIcon size={15} />
      NDJSON<span className="num">{count}</span>
      <span className="spoken"> of these events</span>
    </Anchor>
  );
}
