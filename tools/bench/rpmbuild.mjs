// RPMs as others make them, of a tree that is there: by rpmbuild, zstd level 3, without brp scripts and generated requires.
import { join } from 'node:path';
import { execa } from 'execa';
import { write } from './setup.mjs';

/**
 * @param {{ specs: string, rpms: string }} folders - of the spec files, and of the RPMs, which have no version in their file names
 * @param {{ name: string, version: string, root: string, files: string[], post?: string[], requires?: string[] }} order - `root` is the build root
 * @returns {Promise<string>} the RPM's path
 */
export async function rpmbuild({ specs, rpms }, { name, version, root, files, post = [], requires = [] }) {
  const lines = [
    '%define _binary_payload w3.zstdio',
    '%define __os_install_post %{nil}',
    '%define debug_package %{nil}',
    // Else the links of one shared object in two packages conflict.
    '%define _build_id_links none',
    `%define _rpmdir ${rpms}`,
    '%define _rpmfilename %{NAME}.rpm',
    `Name: ${name}`,
    `Version: ${version}`,
    'Release: 1',
    `Summary: ${name}`,
    'License: none',
    'AutoReqProv: no',
    ...requires.map((required) => `Requires(post): ${required}`),
    '%description',
    name,
    ...(post.length === 0 ? [] : ['%post', ...post]),
    '%files',
    '%defattr(-,root,root,-)',
    ...files,
  ];
  const spec = join(specs, `${name}.spec`);
  write(spec, `${lines.join('\n')}\n`);
  await execa('rpmbuild', ['-bb', '--quiet', '--noclean', '--nodebuginfo', '--buildroot', root, spec]);
  return join(rpms, `${name}.rpm`);
}
