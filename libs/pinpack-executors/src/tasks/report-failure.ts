// What a user did wrong becomes one clear message; anything else keeps its stack, for it is a fault of pinpack.
import { CodedError } from '@pinpack/common/coded-error';

/** How a task ended, in Nx's terms; `message` says why it failed. */
export interface Outcome {
  success: boolean;
  message?: string;
}

export async function reportFailure(task: () => Promise<void>): Promise<Outcome> {
  try {
    await task();
    return { success: true };
  } catch (error) {
    return { success: false, message: describe(error) };
  }
}

/** The same for an executor, which has nobody else to tell: the message goes to standard error. */
export async function runReported(task: () => Promise<void>): Promise<{ success: boolean }> {
  const { success, message } = await reportFailure(task);
  if (message !== undefined) console.error(message);
  return { success };
}

function describe(error: unknown): string {
  if (error instanceof CodedError) return error.message;
  if (isSystemError(error)) return `${error.path ?? error.syscall}: ${error.message}`;
  return error instanceof Error ? `${error.stack ?? error.message}\nThis is a fault of pinpack.` : String(error);
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException & { syscall: string } {
  return error instanceof Error && 'syscall' in error && 'code' in error;
}
