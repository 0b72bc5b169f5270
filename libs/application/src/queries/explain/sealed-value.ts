/** What a sealed version states of a figure, by its pages in the log. */
import { readSealedLines } from '#libs/checks';
import type { SnapshotLine, StatedVersion } from '#libs/ledger';
import type { FixedReads } from '../read-side.js';
import { totalsOf } from '../sealed.js';
import type { AskedCell } from './asked-cell.js';
import type { FigureValue, SealExplained } from './explanation.js';
import { isOfReferrers, valueInCells } from './read-model-value.js';
import { setBy } from './standing.js';

export async function sealExplained(
  fixed: FixedReads,
  about: AskedCell,
  { seal, version }: StatedVersion,
): Promise<SealExplained> {
  const { snapshot, digest, position } = seal.data;
  const recorded = about.events.find(
    (event) => event.type === seal.type && event.data.snapshot === snapshot,
  );
  if (recorded === undefined) throw new Error(`the seal of ${snapshot} was read a moment ago`);
  const lines = await readSealedLines(fixed.db, snapshot, about.cell.memberId);
  return {
    ...setBy(recorded),
    version,
    digest,
    snapshot,
    throughPosition: BigInt(position),
    stated: statedIn(about, lines, seal),
  };
}

function statedIn(
  { cell }: AskedCell,
  lines: readonly SnapshotLine[],
  seal: StatedVersion['seal'],
): FigureValue {
  const { figure, memberId, rule, currency, sealed, month } = cell;
  const origin = sealed?.origin ?? month;
  if (memberId === undefined) return ofCreator(cell, lines, seal, origin);
  const member = lines.find((line) => line.kind === 'member');
  if (rule.unit === 'tier') return member?.tier ?? null;
  if (rule.unit === 'rank') return member?.rank ?? null;
  if (rule.time === 'through') return member?.totalReferrals ?? 0n;
  const cells = lines.flatMap((line) =>
    line.kind === 'referrer' && line.origin === origin ? [line] : [],
  );
  return valueInCells(figure, cells, currency);
}

function ofCreator(
  cell: AskedCell['cell'],
  lines: readonly SnapshotLine[],
  { data }: StatedVersion['seal'],
  origin: string,
): FigureValue {
  const { figure, currency, month } = cell;
  const head = lines.find((line) => line.kind === 'month');
  if (figure === 'members') return head?.members ?? 0n;
  if (figure === 'totalReferrals') return head?.totalReferrals ?? 0n;
  if (isOfReferrers(cell)) {
    const { referrers, carriedReferrers } = totalsOf(month, data.totals);
    const cells =
      origin === month ? referrers : carriedReferrers.filter((one) => one.origin === origin);
    return valueInCells(figure, cells, currency);
  }
  const cells = lines.flatMap((line) =>
    line.kind === 'creator' && line.origin === origin ? [line] : [],
  );
  return valueInCells(figure, cells, currency);
}
