/** The Python that a smoke test runs in the environment, in an environment of Python's own venv. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { describe, expect, test, type TestContext } from 'vitest';
import { needProgram, temporaryFolder } from '@pinpack/testing';

interface Ran {
  exitCode: number | undefined;
  lines: string[];
}

async function runScript(python: string, name: string, options: object): Promise<Ran> {
  const script = fileURLToPath(new URL(`../../python/${name}`, import.meta.url));
  const { exitCode, all } = await execa(python, ['-I', '-B', script, JSON.stringify(options)], {
    reject: false,
    all: true,
  });
  return { exitCode, lines: all.split('\n') };
}

/** An environment with the distribution `sample`, of these files. Returns its interpreter. */
async function makeEnvironment(context: TestContext, files: Record<string, string>): Promise<string> {
  await needProgram(context, 'python3');
  const folder = temporaryFolder();
  await execa('python3', ['-m', 'venv', '--without-pip', folder]);
  const python = join(folder, 'bin/python');
  const { stdout: site } = await execa(python, ['-c', 'import sysconfig; print(sysconfig.get_path("purelib"))']);
  const record = Object.keys(files).map((path) => `${path},,\n`);
  const metadata = 'Name: sample\nVersion: 1.0\n';
  const all = { ...files, 'sample-1.0.dist-info/METADATA': metadata, 'sample-1.0.dist-info/RECORD': record.join('') };
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(site, path)), { recursive: true });
    writeFileSync(join(site, path), text);
  }
  return python;
}

describe('check_imports.py', () => {
  const check = (python: string, imports: string[] = []) =>
    runScript(python, 'check_imports.py', { distribution: 'sample', imports });

  test('imports modules, packages and namespace packages by their names in RECORD', async (context) => {
    const python = await makeEnvironment(context, {
      'one.py': '',
      'two/__init__.py': '',
      'three/inner/deep.py': '',
      'two/data-1.txt': '',
      'notes.txt': '',
      'with-dash/x.py': '',
      '__pycache__/one.cpython-311.pyc': '',
      '../../../bin/sample': '',
    });
    expect(await check(python, ['json', 'one'])).toEqual({
      exitCode: 0,
      lines: ['import one', 'import three', 'import two', 'import json'],
    });
  });

  test('reports every module that fails, whatever it raises', async (context) => {
    const python = await makeEnvironment(context, { 'a.py': 'import sys; sys.exit(0)', 'b.py': '1 / 0', 'c.py': '' });
    const { exitCode, lines } = await check(python);
    expect(exitCode).toBe(1);
    expect(lines.filter((line) => /^\w/.test(line) && !line.startsWith('Traceback'))).toEqual([
      'import a',
      'SystemExit: 0',
      'import b',
      'ZeroDivisionError: division by zero',
      'import c',
    ]);
  });

  test('reports a module whose name the standard library has', async (context) => {
    const python = await makeEnvironment(context, { 'json/__init__.py': 'mine = True' });
    const { exitCode, lines } = await check(python);
    expect(exitCode).toBe(1);
    expect(lines[1]).toMatch(
      /^json was imported from \/.*\/json\/__init__\.py, which is not of this environment: the name is taken$/,
    );
  });

  test('leaves the module that was imported last on the output of a crash', async (context) => {
    const python = await makeEnvironment(context, { 'crash.py': 'import os; os.abort()' });
    const { exitCode, lines } = await check(python);
    expect(exitCode).not.toBe(0);
    expect(lines[0]).toBe('import crash');
  });

  test('reports a distribution without modules', async (context) => {
    const python = await makeEnvironment(context, { 'notes.txt': '' });
    expect(await check(python)).toEqual({
      exitCode: 1,
      lines: ['the distribution sample has no module to import'],
    });
  });
});

describe('ask_http.py', () => {
  // Prints its port, then answers 503 to everything; what it printed is shown where it disappoints.
  const SERVER = `
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(503); self.end_headers(); self.wfile.write(b"no database")
    def log_message(self, *words): print("asked", flush=True)
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
`;

  async function freePort(): Promise<number> {
    const probe = 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])';
    return Number((await execa('python3', ['-c', probe])).stdout);
  }

  async function ask(context: TestContext, command: string[], status: number, seconds = 60): Promise<Ran> {
    await needProgram(context, 'python3');
    const port = await freePort();
    const options = {
      command: command.map((word) => word.replace('PORT', String(port))),
      port,
      path: '/health',
      status,
    };
    const { exitCode, lines } = await runScript('python3', 'ask_http.py', { ...options, seconds });
    return { exitCode, lines: lines.map((line) => line.replaceAll(String(port), 'PORT')) };
  }

  test('takes the status that is expected, whichever it is, and ends the server', async (context) => {
    const command = ['python3', '-c', SERVER, 'PORT'];
    expect(await ask(context, command, 503)).toEqual({ exitCode: 0, lines: ['GET /health: 503'] });
  });

  test("reports another status, with the answer's body and the server's output", async (context) => {
    const command = ['python3', '-c', SERVER, 'PORT'];
    expect(await ask(context, command, 200)).toEqual({
      exitCode: 1,
      lines: ['GET /health was answered by 503, expected 200', 'no database', 'asked'],
    });
  });

  test('reports a server that never listens', async (context) => {
    expect(await ask(context, ['sleep', '60'], 200, 1)).toEqual({
      exitCode: 1,
      lines: ['nobody listened on port PORT within 1 s'],
    });
  });

  test('reports a server that is not there', async (context) => {
    const { exitCode, lines } = await ask(context, ['no-such-server'], 200);
    expect(exitCode).toBe(1);
    expect(lines[0]).toMatch(/^the server could not be started: .*No such file/);
  });
});
