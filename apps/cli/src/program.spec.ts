import { describe, expect, it } from '@jest/globals';
import { type Command, CommanderError } from 'commander';
import { buildProgram } from './program.js';

async function parsed(line: string): Promise<{ name: string; options: object; said: string }> {
  let name = '';
  let options: object = {};
  const said: string[] = [];
  const program = buildProgram(
    async (command) => {
      name = command.name();
      options = command.optsWithGlobals();
    },
    (text) => said.push(text),
  );
  await program.parseAsync(line.split(' '), { from: 'user' }).catch((error: unknown) => {
    if (!(error instanceof CommanderError)) throw error;
    name = error.code;
  });
  return { name, options, said: said.join('') };
}

/** Every command, groups included. */
function commandsOf(command: Command): Command[] {
  return [command, ...command.commands.flatMap(commandsOf)];
}

describe('the command line', () => {
  it('takes what is said globally before and after the command', async () => {
    const expected = { json: true, creator: 'biz_demo', month: '2025-10', limit: 3 };
    for (const line of [
      '--json --creator biz_demo top --month 2025-10 --limit 3',
      'top --month 2025-10 --limit 3 --creator biz_demo --json',
    ])
      expect(await parsed(line)).toMatchObject({ name: 'top', options: expected });
  });

  it('starts every help with three examples', () => {
    const program = buildProgram(
      async () => {},
      () => {},
    );
    for (const command of commandsOf(program)) {
      let help = '';
      command.configureOutput({
        writeOut: (text) => {
          help += text;
        },
      });
      command.outputHelp();
      const [first, ...lines] = help.split('\n');
      expect(first).toBe('Examples:');
      const examples = lines.slice(0, lines.indexOf(''));
      expect(examples).toHaveLength(3);
      for (const example of examples) expect(example).toContain('flywheel ');
    }
  });

  it('lists --json in the help of every command', () => {
    const program = buildProgram(
      async () => {},
      () => {},
    );
    for (const command of commandsOf(program))
      expect(command.helpInformation()).toContain('--json');
  });

  it('suggests the command that was meant', async () => {
    const { name, said } = await parsed('tpo');
    expect(name).toBe('commander.unknownCommand');
    expect(said).toContain('Did you mean top?');
  });

  it('refuses arguments before anything is sent', async () => {
    for (const line of [
      'top --limit 501',
      'top --month 2025-13',
      'top --nonsense',
      'up --clock yesterday',
      'creator set user_x --grace-hours 72',
      'creator set biz_x --grace-hours 72 --dry-run --apply',
      'settings set --rates 1/2/3',
      'settings set --grace-hours 72 --dry-run --apply',
      'tier pin user_x Gold',
      'tier unpin user_x',
      'member code user_x',
      'member referrer user_x mem_y --reason r',
      'member referrer user_x user_y',
      'membership assign user_x user_y --reason r',
      'membership assign mem_x user_y',
      'months close 2025-13',
      'months close 2025-09 --dry-run --apply',
      'months restate 2025-09',
      'months show',
      'webhooks trigger payment.exploded',
      'member show',
      'webhooks quarantine redrive one',
      'webhooks quarantine redrive --all --dry-run --apply',
      'webhooks quarantine exclude 1',
      'webhooks deliveries list --status lost',
      'webhooks deliveries show 0',
      'token create',
      'token create --role owner',
      'token create --role creator --expires soon',
      'token create --role member --member biz_x',
      'token revoke fw_c_x',
    ])
      expect((await parsed(line)).name).toMatch(/^commander\./);
  });

  it('loads the small demo unless told otherwise', async () => {
    expect(await parsed('up --demo')).toMatchObject({ options: { demo: true, scale: 'small' } });
    expect(await parsed('demo load --scale full')).toMatchObject({ options: { scale: 'full' } });
  });
});
