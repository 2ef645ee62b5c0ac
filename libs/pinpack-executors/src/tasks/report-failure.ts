// Reports failed tasks: a user's mistake as one message with its code; any other error with its stack, because it is a bug in pinpack.
import { CodedError, messageWithCode } from '@pinpack/common/coded-error';
import { escapeControlCharacters } from '@pinpack/common/control-characters';
import { redactUrls } from '@pinpack/common/redact';
import { describeSystemError, isSystemError } from './system-error.js';

/** A task's result as Nx expects it; `message` gives the reason of a failure. */
export interface Outcome {
  success: boolean;
  message?: string;
}

export async function reportFailure(task: () => Promise<void>): Promise<Outcome> {
  try {
    await task();
    return { success: true };
  } catch (error) {
    // Messages quote metadata, file names, answers of servers, and URLs. Not all of them are of CodedError, which redacts its own.
    return { success: false, message: escapeControlCharacters(redactUrls(describe(error))) };
  }
}

/** Like `reportFailure`, and prints the message to standard error: an executor's result can't carry it. */
export async function runReported(task: () => Promise<void>): Promise<{ success: boolean }> {
  const { success, message } = await reportFailure(task);
  if (message !== undefined) console.error(message);
  return { success };
}

function describe(error: unknown): string {
  if (error instanceof CodedError) return messageWithCode(error as CodedError);
  if (isSystemError(error)) return describeSystemError(error);
  if (!(error instanceof Error)) return String(error);
  return `${error.stack ?? error.message}\nThis is a bug in pinpack: report it with the lines above.`;
}
