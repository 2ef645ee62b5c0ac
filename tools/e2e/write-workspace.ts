/** A workspace of a few files, which uses the packages and the Python that are installed for this repository. */
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { commitAll, WORKSPACE, type Workspace } from './workspace.js';

/** @param name - of its package.json. @param files - by path; the folder may have others already */
export async function writeWorkspace(
  workspace: Workspace,
  name: string,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  const all = {
    'package.json': JSON.stringify({ name, private: true }),
    '.gitignore': 'node_modules\n.venv\ndist\n.nx\n',
    'nx.json': JSON.stringify({ analytics: false, neverConnectToCloud: true, plugins: ['pinpack'] }),
    ...files,
  };
  for (const [path, text] of Object.entries(all)) {
    await mkdir(dirname(workspace.path(path)), { recursive: true });
    await writeFile(workspace.path(path), text);
  }
  for (const own of ['node_modules', '.venv']) await symlink(join(WORKSPACE, own), workspace.path(own));
  await commitAll(workspace, name);
}
