/** Copies of install roots, for tests that start from the same installation: dnf takes ten times as long as copying. */
import { createInstallRoot, readProgram, type InstallRoot } from './index.js';

/** @param folder - is created, with a root in which everything is installed that `from` has */
export async function copyRoot(from: InstallRoot, folder: string): Promise<InstallRoot> {
  const root = await createInstallRoot(folder);
  // Additions to /usr lie apart, below an overlay.
  for (const part of ['/', '/usr']) {
    await readProgram('cp', ['-a', '--reflink=auto', '--remove-destination', `${from.path(part)}/.`, root.path(part)]);
  }
  return root;
}
