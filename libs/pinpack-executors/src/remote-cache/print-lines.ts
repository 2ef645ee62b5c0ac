// Prints lines to the user of Nx. A hook's output goes to the daemon's log, and Nx shows the output of a plugin worker only while it computes the graph. So under
// the daemon the lines go to the standard output of the client: its terminal, file or pipe.
import { appendFile } from 'node:fs/promises';
import { isUnderDaemon } from './client-process.js';

const STDOUT = 1;

/** @param clients - process ids of Nx's client */
export async function printLines(lines: readonly string[], clients: readonly number[]): Promise<void> {
  if (lines.length === 0) return;
  const message = lines.join('\n');
  const isShown = isUnderDaemon(process.env) && (await writeToClient(`${message}\n`, clients));
  if (!isShown) await emit(message);
}

async function writeToClient(text: string, [client]: readonly number[]): Promise<boolean> {
  if (client === undefined) return false;
  return appendFile(`/proc/${client}/fd/${STDOUT}`, text).then(
    () => true,
    () => false,
  );
}

/** Prints from a plugin worker through its host, so that the line is printed before the worker ends. */
async function emit(message: string): Promise<void> {
  const internal = await import('@nx/devkit/internal').catch(() => undefined);
  // Nx 22 does not have this function.
  if (internal?.emitPluginWorkerLog === undefined) console.log(message);
  else internal.emitPluginWorkerLog('log', message);
}
