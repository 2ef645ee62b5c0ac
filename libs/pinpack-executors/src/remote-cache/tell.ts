// Shows lines to whoever runs Nx. A hook's own output goes to the daemon's log, and what a plugin worker sends to its host is shown while a
// graph is made, and not after a run: so under the daemon the lines go to the terminal, file or pipe that the client itself writes to.
import { appendFile } from 'node:fs/promises';
import { isUnderDaemon } from './client-process.js';

const STDOUT = 1;

/** @param clients - process ids of Nx's client */
export async function tell(lines: readonly string[], clients: readonly number[]): Promise<void> {
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

/** From a plugin worker by way of its host, so that the line is there before the worker ends. */
async function emit(message: string): Promise<void> {
  const internal = await import('@nx/devkit/internal').catch(() => undefined);
  // Nx 22 has no such thing.
  if (internal?.emitPluginWorkerLog === undefined) console.log(message);
  else internal.emitPluginWorkerLog('log', message);
}
