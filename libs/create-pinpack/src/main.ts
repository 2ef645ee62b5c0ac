// The program `create-pinpack`: `npx create-pinpack [folder]`, `npm create pinpack [folder]`.
import { CodedError, messageWithCode } from '@pinpack/common/coded-error';
import { createWorkspace } from './create-workspace.js';
import { parseCommand, USAGE } from './parse-command.js';

const MISUSED = 2;

try {
  const command = parseCommand(process.argv.slice(2));
  if (command === 'help') console.log(USAGE);
  else await createWorkspace(process.cwd(), command);
} catch (error) {
  if (!(error instanceof CodedError)) throw error;
  console.error(messageWithCode(error as CodedError));
  process.exitCode = error.code === 'CREATE_OPTIONS_INVALID' ? MISUSED : 1;
}
