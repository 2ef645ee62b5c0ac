/** Runs the commands of a page in one shell session, and compares their output with what the page shows. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runProgram, type ProgramResult } from '@pinpack/common/program';
import { commandsOf, missingLine, readBlocks, type Command } from './read-blocks.js';

export type Host = (command: string) => Promise<ProgramResult>;

/** A shell whose folder and variables last from command to command. */
export class Session {
  private constructor(
    private readonly folder: string,
    private readonly environment: Record<string, string>,
  ) {}

  /** @param start - the folder of the first command */
  static async open(folder: string, start: string, environment: Record<string, string>): Promise<Session> {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'state.sh'), `cd '${start}'\n`);
    await writeFile(join(folder, 'pids'), '');
    return new Session(folder, environment);
  }

  run(command: string): Promise<ProgramResult> {
    const state = join(this.folder, 'state.sh');
    const script = [
      `source '${state}'`,
      command,
      'status=$?',
      `jobs -p >>'${join(this.folder, 'pids')}'`,
      // What the command left: its folder, and the variables that it exported.
      `{ export -p | grep -v '^declare -x \\(PWD\\|OLDPWD\\|SHLVL\\)='; printf 'cd %q\\n' "$PWD"; } >'${state}'`,
      'exit $status',
    ].join('\n');
    return runProgram('bash', ['-c', script], { env: this.environment });
  }

  /** Ends what commands left running in the background. */
  async close(): Promise<void> {
    const pids = (await readFile(join(this.folder, 'pids'), 'utf8')).split('\n').filter((line) => line !== '');
    for (const pid of pids) {
      try {
        process.kill(Number(pid));
      } catch {
        // It has ended.
      }
    }
  }
}

/** @param hosts - by prompt. @returns every difference between the page and what happened */
export async function runPage(page: string, file: string, hosts: Record<'$' | '#', Host>): Promise<string[]> {
  for (const command of readBlocks(page)
    .filter(({ isRun }) => isRun)
    .flatMap(commandsOf)) {
    const result = await hosts[command.prompt](command.text);
    const problem = problemOf(command, result);
    // Later commands need what this one did.
    if (problem !== undefined) return [`${file}:${String(command.line)}: ${command.text}\n${problem}\n${result.all}`];
  }
  return [];
}

function problemOf({ output, fails = false }: Command, result: ProgramResult): string | undefined {
  if (result.failed !== fails)
    return `has the exit code ${String(result.exitCode)}, expected ${fails ? 'a failure' : '0'}`;
  const missing = missingLine(output, result.all);
  return missing === undefined ? undefined : `shows the line "${missing}", which the output does not have:`;
}
