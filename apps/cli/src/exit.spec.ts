import { describe, expect, it } from '@jest/globals';
import { ConfigInvalid, DurabilityError, EmbeddedPostgresError } from '#libs/database';
import { refusalOf } from './api-client.js';
import { cliErrorOf, EXIT } from './exit.js';
import { Terminal } from './terminal.js';

const failure = (code: string) => Object.assign(new Error('something'), { code });

describe('how a command ends', () => {
  it('tells a wrong configuration from a database that does not answer', () => {
    const invalid = new ConfigInvalid([{ variable: 'PORT', problem: 'must be a number' }]);
    expect(cliErrorOf(invalid)).toMatchObject({
      exitCode: EXIT.configInvalid,
      code: 'config_invalid',
      message: 'The configuration is invalid:',
      why: '  PORT must be a number',
    });
    expect(cliErrorOf(new DurabilityError('not_durable', 'x')).exitCode).toBe(EXIT.configInvalid);
    for (const code of ['ECONNREFUSED', 'ENOTFOUND', '57P03', '28P01'])
      expect(cliErrorOf(failure(code)).exitCode).toBe(EXIT.unreachable);
  });

  it('says busy when another run holds what is needed', () => {
    expect(cliErrorOf(new EmbeddedPostgresError('in_use', 'x')).exitCode).toBe(EXIT.busy);
    expect(cliErrorOf(failure('EADDRINUSE')).exitCode).toBe(EXIT.busy);
  });

  it('has failed where nothing more is known', () => {
    expect(cliErrorOf(failure('whatever')).exitCode).toBe(EXIT.failed);
    expect(cliErrorOf('thrown text')).toMatchObject({ exitCode: EXIT.failed, code: 'failed' });
  });

  it('reads the refusals of the server', () => {
    const refusal = (status: number, code: string) =>
      refusalOf({ status, headers: {}, text: JSON.stringify({ code, detail: 'why' }) }, '/x');
    expect(refusal(401, 'unauthorized')).toMatchObject({ exitCode: 77, code: 'unauthorized' });
    expect(refusal(503, 'admin_not_configured').exitCode).toBe(EXIT.notAllowed);
    expect(refusal(503, 'database_unavailable').exitCode).toBe(EXIT.unreachable);
    expect(refusal(400, 'input_invalid').exitCode).toBe(EXIT.usage);
    expect(refusal(404, 'member_not_found').exitCode).toBe(EXIT.failed);
    expect(refusalOf({ status: 502, headers: {}, text: '<html>' }, '/x')).toMatchObject({
      exitCode: EXIT.failed,
      code: 'http_502',
    });
  });
});

describe('the terminal', () => {
  const heard = (options: {
    json?: boolean;
    quiet?: boolean;
    isTTY?: boolean;
    noColor?: boolean;
  }) => {
    const said = { out: '', err: '' };
    const stream = (name: 'out' | 'err') => ({
      isTTY: options.isTTY ?? false,
      write: (text: string) => {
        said[name] += text;
      },
    });
    const { json = false, quiet = false, noColor } = options;
    const terminal = new Terminal(
      { json, quiet, verbose: false, color: true, env: noColor ? { NO_COLOR: '1' } : {} },
      stream('out'),
      stream('err'),
    );
    return { terminal, said };
  };

  it('gives programs one object with a schema, and people a text', () => {
    const people = heard({});
    people.terminal.answer('flywheel.x/1', { position: 7n }, () => 'seven');
    expect(people.said.out).toBe('seven\n');
    const programs = heard({ json: true });
    programs.terminal.answer('flywheel.x/1', { position: 7n, huge: 2n ** 60n }, () => 'seven');
    expect(JSON.parse(programs.said.out)).toEqual({
      schema: 'flywheel.x/1',
      position: 7,
      huge: '1152921504606846976',
    });
  });

  it('keeps everything but data away from stdout, and the target always said', () => {
    const { terminal, said } = heard({ quiet: true });
    terminal.note('progress');
    terminal.target('http://127.0.0.1:4310');
    terminal.failure(cliErrorOf(failure('whatever')));
    expect(said.out).toBe('');
    expect(said.err).not.toContain('progress');
    expect(said.err).toContain('http://127.0.0.1:4310');
    expect(said.err).toContain('error: something');
  });

  it('colours only what a person looks at', () => {
    const coloured = '\u001b[';
    const failed = (options: Parameters<typeof heard>[0]) => {
      const { terminal, said } = heard(options);
      terminal.failure(cliErrorOf(failure('whatever')));
      return said.err;
    };
    expect(failed({ isTTY: true })).toContain(coloured);
    expect(failed({})).not.toContain(coloured);
    expect(failed({ isTTY: true, noColor: true })).not.toContain(coloured);
    expect(JSON.parse(failed({ isTTY: true, json: true }))).toMatchObject({
      schema: 'flywheel.error/1',
      exitCode: 1,
    });
  });
});
