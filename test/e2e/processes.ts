/** Processes of this machine, and who descends from whom: what a kill hits, and what it leaves. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

export interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  /** When it started, as the system says it: tells it from a later one of the same number. */
  readonly born: string;
  readonly command: string;
}

/** All that live; the dead whom nobody has fetched yet are left out. */
export function processes(): Process[] {
  return process.platform === 'linux' ? ofProc() : ofPs();
}

/** A process and all that it started, through however many forks, as long as a line leads there. */
export function familyOf(pid: number): Process[] {
  const all = processes();
  const known = new Set([pid]);
  for (let before = 0; before !== known.size; ) {
    before = known.size;
    for (const one of all) if (known.has(one.parent) || known.has(one.group)) known.add(one.pid);
  }
  return all.filter((one) => known.has(one.pid));
}

/** Those that still live, of those that were seen earlier. */
export function survivorsOf(seen: Iterable<Process>): Process[] {
  const names = new Set([...seen].map(nameOf));
  return processes().filter((one) => names.has(nameOf(one)));
}

const nameOf = ({ pid, born }: Process): string => `${pid} ${born}`;

function ofProc(): Process[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      // The name, in brackets, may contain anything; the fields after it do not.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      const [state, parent, group] = fields;
      if (state === 'Z' || state === 'X') return [];
      const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      const born = fields[START_TIME] ?? '';
      return [{ pid: Number(name), parent: Number(parent), group: Number(group), born, command }];
    } catch {
      return []; // it ended while we looked
    }
  });
}

/** Field 22 of proc(5), counted from the third. */
const START_TIME = 19;

function ofPs(): Process[] {
  const columns = ['pid=', 'ppid=', 'pgid=', 'stat=', 'lstart=', 'command='];
  const text = execFileSync('ps', ['-A', ...columns.flatMap((one) => ['-o', one])], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
  });
  return text.split('\n').flatMap((line) => {
    const found = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+((?:\S+\s+){5})(.*)$/.exec(line);
    if (found === null) return [];
    const [, pid, parent, group, state = '', born = '', command = ''] = found;
    if (state.startsWith('Z')) return [];
    const ids = { pid: Number(pid), parent: Number(parent), group: Number(group) };
    return [{ ...ids, born: born.trim(), command }];
  });
}
