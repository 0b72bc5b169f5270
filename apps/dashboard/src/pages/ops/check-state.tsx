/** What a check found when it was last run, and the rows that contradict it. */
import type { KnownCheck, Violation } from '../../api/ops-reads.js';
import { pageOf } from '../../api/pages-of.js';
import { AddressLink } from '../../ui/address-link.js';
import { countText } from '../../ui/figures.js';
import { FigureTable } from '../../ui/table.js';
import { NamedRow } from './named-row.js';
import classes from './ops.module.css';
import { Mark } from './parts.js';
import { fieldName, fieldText } from './values.js';

export const isFailing = ({ holds, severity }: KnownCheck): boolean =>
  holds === false && severity === 'error';
/** It says what somebody should look at. */
export const isToLookAt = ({ holds, severity }: KnownCheck): boolean =>
  holds === false && severity === 'warning';

export function CheckMark({ check }: { readonly check: KnownCheck }) {
  if (check.holds === null) return <Mark tone="idle">never run</Mark>;
  if (check.holds) return <Mark tone="good">holds</Mark>;
  const rows = check.violations === 1 ? '1 row' : `${countText(check.violations ?? 0)} rows`;
  return check.severity === 'error' ? (
    <Mark tone="bad">fails, {rows}</Mark>
  ) : (
    <Mark tone="warn">to look at, {rows}</Mark>
  );
}

/** The first of them, as the check named them. */
export function CounterExamples({ check }: { readonly check: KnownCheck }) {
  return (
    <FigureTable
      label="Counter-examples"
      rows={check.first}
      rowKey={({ key, actual }) => JSON.stringify([key, actual])}
      columns={[
        {
          id: 'row',
          head: 'Row',
          isTitle: true,
          cell: ({ key }) => <NamedRow of={key} isRow />,
        },
        { id: 'shown', head: 'The figures say', cell: (row) => <Side of={row} side="actual" /> },
        { id: 'true', head: 'It must be', cell: (row) => <Side of={row} side="expected" /> },
        { id: 'why', head: 'Why', cell: ({ explain }) => <Explained path={explain} /> },
      ]}
    />
  );
}

/** One side of a row: the fields in which it contradicts the other. */
export function Side({
  of,
  side,
}: {
  readonly of: Violation;
  readonly side: 'expected' | 'actual';
}) {
  const other = of[side === 'actual' ? 'expected' : 'actual'];
  const own = of[side];
  if (own === null) return <>{other === null || side === 'actual' ? 'no such row' : 'nothing'}</>;
  const all = Object.entries(own);
  // Where there is no row, sums are zero.
  const differing = all.filter(([field, value]) => (other?.[field] ?? '0') !== (value ?? '0'));
  const fields = differing.length === 0 ? all : differing;
  return (
    <span className={`break ${classes.sides}`}>
      {fields.map(([field, value]) => (
        <span key={field}>
          {fieldName(field)} {fieldText(field, value, of.key.currency ?? undefined)}
        </span>
      ))}
    </span>
  );
}

export function Explained({ path }: { readonly path: string | null }) {
  const href = path === null ? undefined : pageOf(path);
  if (href === undefined) return null;
  return (
    <AddressLink href={href}>{href.startsWith('/explain') ? 'Explain' : 'Look at it'}</AddressLink>
  );
}
