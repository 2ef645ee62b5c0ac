/** The Pythons that pinpack-runtime promises to run under: those of pyenv that are there, and the system's. */
import { access, readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';

export interface PythonCase {
  name: string;
  /** Path of the interpreter; undefined where this machine has none, with the reason in `skipped`. */
  python?: string;
  skipped?: string;
}

const PROMISED_MINORS = [6, 7, 8, 9, 10, 11, 12, 13];

/** One case for each promised version, one for each further pyenv version of it, one for /usr/bin/python3. */
export async function findPythons(): Promise<PythonCase[]> {
  const versions = join(process.env.PYENV_ROOT ?? join(homedir(), '.pyenv'), 'versions');
  const folders = await readdir(versions).catch(() => []);
  const cases = PROMISED_MINORS.flatMap((minor) => {
    const found = folders.filter((folder) => new RegExp(`^3\\.${minor}\\.\\d+$`).test(folder)).sort();
    const skipped = { name: `Python 3.${minor}`, skipped: `pyenv has no 3.${minor}` };
    return found.length === 0 ? [skipped] : found.map((folder) => pythonOf(`Python ${folder}`, join(versions, folder)));
  });
  return [...cases, await findSystemPython()];
}

function pythonOf(name: string, prefix: string): PythonCase {
  return { name, python: join(prefix, 'bin', 'python3') };
}

async function findSystemPython(): Promise<PythonCase> {
  const python = '/usr/bin/python3';
  const name = python;
  return access(python).then(
    () => ({ name, python }),
    () => ({ name, skipped: `${python} is not installed` }),
  );
}

/** The modules of tests below a folder, which `runUnittest` takes. */
export async function findTests(folder: string): Promise<string[]> {
  const names = await readdir(folder);
  return names.filter((name) => /^test_.*\.py$/.test(name)).map((name) => name.replace('.py', ''));
}

/** The output and exit code of `python -m unittest`, and how many tests it ran. */
export async function runUnittest(python: string, folder: string, modules: readonly string[]) {
  const result = await execa(python, ['-B', '-m', 'unittest', ...modules], { cwd: folder, reject: false, all: true });
  const ran = /^Ran (\d+) tests? in/m.exec(result.all)?.[1];
  return { exitCode: result.exitCode, output: result.all, ran: Number(ran ?? 0) };
}
