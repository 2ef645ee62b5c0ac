// Builds RPMs of an existing tree with rpmbuild: zstd level 3, without brp scripts and, by default, without generated requires.
import { join } from 'node:path';
import { execa } from 'execa';
import { write } from './files.mjs';

/**
 * @typedef {object} SpecOptions
 * @property {string} name
 * @property {string} version
 * @property {string} rpms - folder for the RPM, whose file name has no version
 * @property {string[]} files - the lines of %files
 * @property {string[]} [post] - the lines of the %post scriptlet
 * @property {string[]} [requires]
 * @property {boolean} [autoReqProv] - whether rpmbuild generates requires and provides
 */

/** @param {SpecOptions} options @returns {string} the spec file's text */
function formatSpec({ name, version, rpms, files, post = [], requires = [], autoReqProv = false }) {
  const lines = [
    '%define _binary_payload w3.zstdio',
    '%define __os_install_post %{nil}',
    '%define debug_package %{nil}',
    // Otherwise the build-id links of one shared object in two packages conflict.
    '%define _build_id_links none',
    `%define _rpmdir ${rpms}`,
    '%define _rpmfilename %{NAME}.rpm',
    `Name: ${name}`,
    `Version: ${version}`,
    'Release: 1',
    `Summary: ${name}`,
    'License: none',
    `AutoReqProv: ${autoReqProv ? 'yes' : 'no'}`,
    ...requires.map((required) => `Requires(post): ${required}`),
    '%description',
    name,
    ...(post.length === 0 ? [] : ['%post', ...post]),
    '%files',
    '%defattr(-,root,root,-)',
    ...files,
  ];
  return `${lines.join('\n')}\n`;
}

/**
 * Writes the spec file. The tree serves as the build root: nothing is copied, prepared, post-processed or cleaned.
 *
 * @param {string} spec - path of the spec file
 * @param {SpecOptions & { root: string }} options - `root` is the build root
 * @returns {string[]} the command
 */
export function rpmbuildCommand(spec, { root, ...options }) {
  write(spec, formatSpec(options));
  return ['rpmbuild', '-bb', '--quiet', '--noclean', '--nodebuginfo', '--buildroot', root, spec];
}

/**
 * @param {string} specs - folder for the spec file
 * @param {SpecOptions & { root: string }} options
 * @returns {Promise<string>} the RPM's path
 */
export async function rpmbuild(specs, options) {
  const [program, ...args] = rpmbuildCommand(join(specs, `${options.name}.spec`), options);
  await execa(program, args);
  return join(options.rpms, `${options.name}.rpm`);
}
