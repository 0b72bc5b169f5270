/** A list as CSV: the browser saves what the server sends, however long it is. */
import { Anchor } from '@mantine/core';
import classes from './csv-link.module.css';
import { DownloadIcon } from './icons.js';

export function CsvLink({
  path,
  query = {},
  label,
  isCsv = false,
}: {
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  /** What is in it. */
  readonly label: string;
  /** The address is answered so without being asked to. */
  readonly isCsv?: boolean;
}) {
  const asked = new URLSearchParams(isCsv ? {} : { format: 'csv' });
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) asked.set(name, value);
  return (
    <Anchor href={`${path}?${asked}`} download className={classes.link} size="sm">
      <DownloadIcon size={15} />
      CSV<span className="spoken"> of {label}</span>
    </Anchor>
  );
}
