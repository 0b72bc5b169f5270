import { describe, expect, it } from '@jest/globals';
import type { Command } from 'commander';
import { buildProgram } from '../../apps/cli/src/program.js';
import { COMMANDS, commandOf } from '../../apps/dashboard/src/shell/calls-as-text.js';

/** What an address has, by its name in it; what is not named here is one word of letters. */
const SAID: Readonly<Record<string, string>> = {
  ...{ creator: 'biz_demo', member: 'user_1', referrer: 'user_2', figure: 'monthlyReferrals' },
  ...{ month: '2025-10', day: '2025-10-03', throughDay: '2025-10-03', origin: '2025-09' },
  ...{ from: '2025-01', to: '2025-10', by: 'month', months: '6', limit: '10', version: '1' },
  ...{ currency: 'usd', state: 'known', source: 'pay_1', status: 'converted', kind: 'initial' },
  ...{ sort: 'totalReferrals', id: '7' },
};
const said = (name: string): string => SAID[name] ?? 'Gold';

describe('the commands that the dashboard names for what it asked', () => {
  it.each(Object.entries(COMMANDS))(
    '%s: is one that there is, with all of its options',
    async (template, { command, options = {} }) => {
      const pathname = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => said(name));
      const asked = command.split(' ').filter((one) => one.startsWith(':'));
      const names = [...asked.map((one) => one.slice(1)), ...Object.keys(options)];
      const query = new URLSearchParams(names.map((name): [string, string] => [name, said(name)]));
      const line = commandOf(`${pathname}?${query}`) ?? '';
      expect(line).toMatch(/^npx flywheel /);
      let ran = '';
      const program = buildProgram(
        async (one) => {
          for (let at: Command | null = one; at?.parent; at = at.parent)
            ran = `${at.name()} ${ran}`;
        },
        () => {},
      );
      await program.parseAsync(line.split(' ').slice(2), { from: 'user' });
      expect([ran, `${command} `.startsWith(ran)]).toEqual([expect.stringMatching(/./), true]);
    },
  );
});
