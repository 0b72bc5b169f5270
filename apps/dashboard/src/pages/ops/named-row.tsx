/** What a row of a read model is named by, for people: whose it is, and of when. */
import { useMember } from '../../api/reads.js';
import { MemberName } from '../../ui/member-name.js';
import classes from './ops.module.css';

interface NamedRowProps {
  readonly of: Readonly<Record<string, string | null>>;
  /** `j` and `k` walk by it. */
  readonly isRow?: boolean;
}

/** The creator is said where nobody of theirs is. */
export function NamedRow({ of, isRow = false }: NamedRowProps) {
  const { creatorId = null, memberId, referrerId, ...rest } = of;
  const who = memberId ?? (referrerId === '' ? null : (referrerId ?? null));
  const others = Object.entries(rest)
    .filter(([, value]) => value !== null && value !== '')
    .map(([name, value]) => (isPlain(name) ? value : `${name} ${value}`));
  return (
    <span className={classes.named}>
      {creatorId !== null && who !== null ? (
        <Named creator={creatorId} memberId={who} isRow={isRow} />
      ) : (
        creatorId !== null && <span>{creatorId}</span>
      )}
      {others.map((other) => (
        <span key={other}>{other}</span>
      ))}
    </span>
  );
}

/** Values that say by themselves what they are. */
const isPlain = (name: string): boolean => ['month', 'day', 'currency', 'kind'].includes(name);

interface NamedProps {
  readonly creator: string;
  readonly memberId: string;
  readonly isRow: boolean;
}

/** By name, as soon as it is known; by id until then, and where nobody knows it. */
function Named({ creator, memberId, isRow }: NamedProps) {
  const { data } = useMember({ creator, member: memberId, month: undefined });
  return (
    <MemberName creator={creator} memberId={memberId} name={data?.name ?? memberId} isRow={isRow} />
  );
}
