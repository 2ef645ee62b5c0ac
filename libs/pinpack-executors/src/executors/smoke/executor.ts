// `nx run <reqset>-<app>:smoke`: installs the RPMs of an application with dnf into a fresh root or container, tries them and removes them.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutorContext } from '@nx/devkit';
import { readPyproject } from '@pinpack/python-dist';
import { checkRequirements } from '../../install-root/requirements.js';
import { createInstallRoot } from '../../install-root/install-root.js';
import { makeRepository } from '../../install-root/repository.js';
import { applicationProject, parseApplicationSettings, type SmokeSettings } from '@pinpack/rpm-packaging';
import { PinpackError } from '../../pinpack-error.js';
import { runReported } from '../../tasks/report-failure.js';
import { APPS } from '../../workspace/workspace-paths.js';
import { collectRpms } from '../../smoke/collect-rpms.js';
import { findEngine, withContainer, type Container } from '../../smoke/container.js';
import { runSmoke, type SmokePlan, type SmokeRoot } from '../../smoke/run-smoke.js';

export interface SmokeOptions {
  reqset: string;
  app: string;
  /** File name of the application's RPM. */
  rpm: string;
  image?: string;
}

export default async function smoke(
  options: SmokeOptions,
  { root }: Pick<ExecutorContext, 'root'>,
): Promise<{ success: boolean }> {
  return runReported(() => smokeTest(options, root));
}

async function smokeTest({ reqset, app, rpm, image: requestedImage }: SmokeOptions, root: string): Promise<void> {
  const name = applicationProject(reqset, app);
  const { distribution, settings } = await readApplicationFacts(root, app);
  // First, so that programs that this machine lacks are reported at once.
  const container = await chooseContainer(requestedImage ?? settings.image);
  const rpms = await collectRpms(root, { reqset, app, rpm });
  const folder = await mkdtemp(join(tmpdir(), 'pinpack-smoke-'));
  try {
    const options = { withHost: container === undefined };
    const repository = await makeRepository(join(folder, 'repository'), rpms.paths, options);
    const plan: SmokePlan = { name, distribution, settings, repository, rpms: rpms.names };
    const run = (target: SmokeRoot): Promise<void> =>
      runSmoke(plan, target, (line) => {
        console.log(`${name}: ${line}`);
      });
    if (container === undefined) await run(await createInstallRoot(join(folder, 'target')));
    else await withContainer(container, repository, run);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Undefined if no image is named: the test then uses an install root over this machine's /usr. */
async function chooseContainer(image: string | undefined): Promise<Container | undefined> {
  if (image !== undefined) return { engine: await findEngine(), image };
  await checkRequirements();
  return undefined;
}

interface ApplicationFacts {
  /** The distribution of the application's own library. */
  distribution: string;
  settings: SmokeSettings;
}

async function readApplicationFacts(root: string, app: string): Promise<ApplicationFacts> {
  const path = `${APPS}/${app}`;
  const project = await readPyproject(root, path);
  if (project !== undefined) {
    const { smoke } = parseApplicationSettings(project.settings, `${path}/pyproject.toml`);
    return { distribution: project.source.name, settings: smoke };
  }
  throw new PinpackError('PINPACK_APPLICATION_UNKNOWN', `${path}/pyproject.toml`, [
    '[tool.pinpack] is missing, expected it with the reqsets of the application',
  ]);
}
