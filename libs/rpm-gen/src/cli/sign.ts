// `rpm-gen sign`: signs packages in place by gpg, as rpmsign does.
import { writeFileAtomically } from '@pinpack/common/atomic-file';
import { runForBytes } from '@pinpack/common/program';
import { RpmError } from '../errors.js';
import { signRpm } from '../sign.js';
import { readAll, type Command } from './command.js';

export const signCommand: Command = {
  synopsis: '<rpm>… --key-id <id>',
  about: 'signs in place by gpg',
  files: [1, Number.POSITIVE_INFINITY],
  options: { 'key-id': { type: 'string' } },
  run: async (files, { 'key-id': id }) => {
    if (typeof id !== 'string') {
      throw new RpmError(
        'RPM_KEY_INVALID',
        'sign',
        'found no --key-id, expected the fingerprint or user ID of a secret key. List them: gpg -K',
      );
    }
    for (const { file, bytes } of await readAll(files)) {
      const { chunks } = await signRpm(bytes, (data) => gpg(id, data), file);
      await writeFileAtomically(file, chunks);
    }
    return { text: files.map((file) => `${file}: signed by ${id}`).join('\n'), json: { key: id, files } };
  },
};

/** The user's own gpg: its agent may ask for the passphrase. */
async function gpg(id: string, data: Uint8Array): Promise<Uint8Array> {
  const words = ['--quiet', '--no-armor', '--digest-algo', 'sha256', '--local-user', id, '--detach-sign'];
  const { failed, stdout, stderr, shortMessage = 'gpg failed' } = await runForBytes('gpg', words, { input: data });
  if (!failed) return stdout;
  const lines = [shortMessage.split('\n')[0] ?? '', ...stderr.toString('utf8').trim().split('\n')];
  throw new RpmError('RPM_KEY_INVALID', id, [
    ...lines,
    'Install gpg (package gnupg, gnupg2), and import the secret key.',
  ]);
}
