// Workspaces of the benchmarks `ci` and `shards`: that of a team, with one reqset and its application, and one whose tasks only copy the same outputs.
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { ROOT, write } from './files.mjs';
import { makeScratchWorkspace } from './workspace-copy.mjs';

const APPLICATIONS = { webset: 'web_service', reqset3: 'an_example_pypi_project' };

/** pinpack is an installed package here. In its own repository, Nx starts its plugins twice and reads the sources of all packages. */
export function makeTeamWorkspace(root, reqset) {
  rmSync(root, { recursive: true, force: true });
  makeScratchWorkspace(root, 'team');
  const application = APPLICATIONS[reqset] && join('apps', APPLICATIONS[reqset]);
  for (const path of [join('reqsets', reqset), 'package-lock.json', ...(application ? [application] : [])]) {
    cpSync(join(ROOT, path), join(root, path), { recursive: true });
  }
  if (application) onlyFor(join(root, application, 'pyproject.toml'), reqset);
  writeNxJson(root, { plugins: ['pinpack'], sync: { globalGenerators: ['pinpack:sync'] } });
}

function onlyFor(settings, reqset) {
  writeFileSync(settings, readFileSync(settings, 'utf8').replace(/^reqsets = .*$/m, `reqsets = ["${reqset}"]`));
}

/** @param {object} settings - beside those that keep Nx from asking */
export function writeNxJson(root, settings) {
  write(join(root, 'nx.json'), JSON.stringify({ analytics: false, neverConnectToCloud: true, ...settings }));
}

/**
 * As many cached tasks as there are RPMs, with the same files as outputs, which each task copies.
 *
 * @param {string} root
 * @param {string} made - a workspace with the outputs of a run
 * @param {string} reqset
 */
export function makeCopyingWorkspace(root, made, reqset) {
  rmSync(root, { recursive: true, force: true });
  makeScratchWorkspace(root, 'copying');
  cpSync(join(ROOT, 'package-lock.json'), join(root, 'package-lock.json'));
  writeNxJson(root, {});
  const files = filesBelow(join(made, 'dist'));
  for (const rpm of files.filter((file) => file.endsWith('.rpm'))) {
    const name = basename(rpm).replace(/-[^-]+-[^-]+\.rpm$/, '');
    const facts = [`${name}.json`, `${name.replace(`${reqset}-wheel-`, '')}.json`];
    // Ignored by git, so that Nx doesn't hash it.
    const source = `caches/outputs/${name}`;
    for (const file of files.filter((one) => one === rpm || facts.includes(basename(one)))) {
      cpSync(file, join(root, source, relative(join(made, 'dist'), file)));
    }
    const command = `mkdir -p dist && cp -r ${source} dist/${name}`;
    const rpmTarget = {
      command,
      inputs: ['{projectRoot}/project.json'],
      outputs: [`{workspaceRoot}/dist/${name}`],
      cache: true,
    };
    write(join(root, 'copies', name, 'project.json'), JSON.stringify({ name, targets: { rpm: rpmTarget } }));
  }
}

function filesBelow(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}
