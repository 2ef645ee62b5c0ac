// The secret key of a user on one machine. It authenticates what the runs of this user write into the local folder, so that entries and pending
// uploads that came from elsewhere, such as a restored or shared cache folder, are not believed. It is therefore kept outside of the cache folder.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { constants } from 'node:fs';
import { link, mkdir, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isMissing } from '@pinpack/common/missing-file';
import { StoreError } from '../store-error.js';
import { encodeFields } from './signature.js';

const KEY_BYTES = 32;
const GROUP_AND_OTHERS = 0o077;

/** Computes and verifies message authentication codes (HMAC-SHA-256). */
export class MachineKey {
  private constructor(private readonly secret: Uint8Array) {}

  /**
   * Reads the key, or creates it with mode 0600.
   *
   * @param file - absolute
   * @throws StoreError `STORE_LOCAL_FAILED` if it cannot be read or created, or if other users can read it
   */
  static async open(file: string): Promise<MachineKey> {
    try {
      return new MachineKey((await readSecret(file)) ?? (await createSecret(file)));
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      const lines = [
        `the key of the local folder is not usable: ${reason}`,
        'Entries of earlier runs are not used without it. Correct the file, or set XDG_STATE_HOME to a folder that only you can write',
      ];
      throw new StoreError('STORE_LOCAL_FAILED', file, lines, { cause });
    }
  }

  /** A key that is valid for this process only. */
  static temporary(): MachineKey {
    return new MachineKey(randomBytes(KEY_BYTES));
  }

  /** @param fields - names and texts */
  macOf(purpose: string, fields: readonly (readonly [string, string])[]): string {
    return createHmac('sha256', this.secret).update(`${purpose}\n`).update(encodeFields(fields)).digest('hex');
  }

  isMacOf(mac: string, purpose: string, fields: readonly (readonly [string, string])[]): boolean {
    const [found, expected] = [Buffer.from(mac), Buffer.from(this.macOf(purpose, fields))];
    return found.length === expected.length && timingSafeEqual(found, expected);
  }
}

async function readSecret(file: string): Promise<Uint8Array | undefined> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    undefinedIfMissing,
  );
  if (handle === undefined) return undefined;
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw new Error('it is not a file');
    if (stats.uid !== process.getuid?.()) throw new Error(`it belongs to user ${stats.uid}`);
    if ((stats.mode & GROUP_AND_OTHERS) !== 0) throw new Error('other users have access to it, expected mode 0600');
    if (stats.size !== KEY_BYTES) throw new Error(`it has ${stats.size} bytes, expected ${KEY_BYTES}`);
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

/** Of several processes that create the key at the same time, one wins. */
async function createSecret(file: string): Promise<Uint8Array> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const temporary = `${file}.${randomBytes(8).toString('hex')}`;
  try {
    const handle = await open(temporary, 'wx', 0o600);
    try {
      await handle.writeFile(randomBytes(KEY_BYTES));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await link(temporary, file).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(temporary, { force: true });
  }
  const secret = await readSecret(file);
  if (secret === undefined) throw new Error('it was removed while it was created');
  return secret;
}

function undefinedIfMissing(error: unknown): undefined {
  if (!isMissing(error)) throw error;
}
