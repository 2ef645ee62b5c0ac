// The projects and targets that a lock stands for. Pure: a lock goes in, Nx's project configurations come out.
import type { ProjectConfiguration, TargetConfiguration } from '@nx/devkit';
import { minorVersion, pinDigest, type Pin } from '@pinpack/python-dist';
import { orderDigest, type ApplicationOrder } from '../application/read-application.js';
import { deliveredFiles } from '../application/settings.js';
import {
  applicationFolder,
  applicationProject,
  APPS,
  canonicalFactsFile,
  pinFolder,
  reqsetPlace,
  RUNTIME,
  wheelProject,
} from '../reqset/place.js';
import type { LockedReqset, Problem } from '../reqset/read-reqset.js';
import { applicationRpmFileName, rpmFileName } from '../rpm/identity.js';

/** A pin's project: `reqset3-wheel-numpy`, with the targets `wheel` and `rpm`. @param code - digest of pinpack's own code */
export function pinProject(reqset: string, pin: Pin, code: string): ProjectConfiguration {
  return {
    name: wheelProject(reqset, pin.name),
    root: pinFolder(reqset, pin.name),
    projectType: 'library',
    tags: ['pinpack:wheel', `reqset:${reqset}`],
    targets: { wheel: wheelTarget(reqset, pin, code), rpm: rpmTarget(reqset, pin, code) },
    metadata: { technologies: ['python', 'rpm'], description: `${pin.name} ${pin.version} of ${reqset}` },
  };
}

function wheelTarget(reqset: string, pin: Pin, code: string): TargetConfiguration {
  const { wheels } = reqsetPlace(reqset);
  const common = { executor: 'pinpack:wheel', cache: true };
  const options = { reqset, pin: pin.name, digest: pinDigest(pin) };
  if (pin.source.kind === 'wheel') {
    return {
      ...common,
      // A locked wheel's bytes are known: no code of pinpack's has a part in them.
      inputs: ['{projectRoot}/pin.json', { externalDependencies: [] }],
      outputs: [`{workspaceRoot}/${wheels}/${pin.source.wheel.name}`],
      options,
      metadata: help('Downloads the locked wheel and verifies it', reqset, pin, 'wheel'),
    };
  }
  const { path } = pin.source;
  return {
    ...common,
    inputs: ['{projectRoot}/pin.json', ...sourceInputs(path), { externalDependencies: [] }],
    outputs: [`{workspaceRoot}/${wheels}/${pin.name.replaceAll('-', '_')}-${pin.version}-*.whl`],
    options: { ...options, code },
    metadata: help("Builds the wheel from source against the reqset's own pins", reqset, pin, 'wheel'),
  };
}

/** A source tree without what building or testing it leaves there. */
function sourceInputs(path: string): string[] {
  const leftovers = ['build', 'dist', '**/__pycache__', '**/*.egg-info'];
  return [`{workspaceRoot}/${path}/**/*`, ...leftovers.map((folder) => `!{workspaceRoot}/${path}/${folder}/**/*`)];
}

function rpmTarget(reqset: string, pin: Pin, code: string): TargetConfiguration {
  return {
    executor: 'pinpack:rpm',
    cache: true,
    dependsOn: ['wheel'],
    inputs: [
      '{projectRoot}/pin.json',
      { dependentTasksOutputFiles: '**/*.whl' },
      ...(pin.bytecode ? [compilerInput(pin)] : []),
      { externalDependencies: [] },
    ],
    outputs: [
      `{workspaceRoot}/${reqsetPlace(reqset).rpms}/${rpmFileName(reqset, pin)}`,
      `{workspaceRoot}/${canonicalFactsFile(reqset, pin.name)}`,
    ],
    options: { reqset, pin: pin.name, digest: pinDigest(pin), code },
    metadata: help('Packs the wheel as an RPM', reqset, pin, 'rpm'),
  };
}

/** The Python that compiles has a part in the bytes of its bytecode. Where it is missing, the task itself says so. */
function compilerInput({ python }: Pin): { runtime: string } {
  return { runtime: `python${minorVersion(python)} -VV || true` };
}

function help(
  description: string,
  reqset: string,
  pin: Pin,
  target: string,
): NonNullable<TargetConfiguration['metadata']> {
  const command = `npx nx run ${wheelProject(reqset, pin.name)}:${target}`;
  return { description, technologies: ['python', 'rpm'], help: { command, example: { args: ['--skip-nx-cache'] } } };
}

/** The reqset's own project: `reqset3`, with `lock`, and `rpm` for all of its pins. */
export function reqsetProject(reqset: string, locked: LockedReqset | Problem): ProjectConfiguration {
  const { folder } = reqsetPlace(reqset);
  return {
    name: reqset,
    root: folder,
    tags: ['pinpack:reqset', `reqset:${reqset}`],
    targets: {
      lock: {
        executor: 'pinpack:lock',
        cache: false,
        options: { reqset },
        metadata: { description: 'Resolves requirements.txt into pylock.toml (network)', technologies: ['python'] },
      },
      ...('problem' in locked
        ? { wheel: unlockedTarget(locked.problem), rpm: unlockedTarget(locked.problem) }
        : { wheel: everyTarget(reqset, locked.pins, 'wheel'), rpm: everyTarget(reqset, locked.pins, 'rpm') }),
    },
    metadata: { technologies: ['python', 'rpm'] },
  };
}

function unlockedTarget(problem: string): TargetConfiguration {
  return { executor: 'pinpack:unlocked', cache: false, inputs: ['{projectRoot}/**/*'], options: { problem } };
}

function everyTarget(reqset: string, pins: Pin[], target: string): TargetConfiguration {
  return {
    executor: 'nx:noop',
    cache: true,
    inputs: ['{projectRoot}/pylock.toml', { externalDependencies: [] }],
    dependsOn: [{ projects: pins.map(({ name }) => wheelProject(reqset, name)), target }],
    metadata: { description: `\`${target}\` of every pin of ${reqset}` },
  };
}

/** A source tree under apps/. One whose pyproject.toml can't be read breaks its own `rpm`, and no other command. */
export function sourceProject(app: string, broken?: Problem): ProjectConfiguration {
  return {
    name: app,
    root: `${APPS}/${app}`,
    projectType: 'library',
    tags: ['pinpack:source'],
    ...(broken !== undefined && { targets: { rpm: unlockedTarget(broken.problem) } }),
  };
}

/** An application of a reqset: `reqset3-my-app`. Its own library is a pin like any other. @param code - digest of pinpack's own code */
export function applicationConfiguration(
  reqset: string,
  app: string,
  order: ApplicationOrder | Problem,
  code: string,
): ProjectConfiguration {
  return {
    name: applicationProject(reqset, app),
    root: applicationFolder(reqset, app),
    projectType: 'application',
    tags: ['pinpack:application', `reqset:${reqset}`],
    targets:
      'problem' in order
        ? { rpm: unlockedTarget(order.problem), smoke: unlockedTarget(order.problem) }
        : { rpm: applicationRpmTarget(order, code), smoke: smokeTarget(reqset, app, code) },
    metadata: { technologies: ['python', 'rpm'], description: `${app} with the pins of ${reqset}` },
  };
}

function applicationRpmTarget(order: ApplicationOrder, code: string): TargetConfiguration {
  const { reqset, application } = order;
  const { name: app, wheels, toolWheels } = application;
  const closure = [...new Set([...wheels, ...toolWheels].map(({ name }) => wheelProject(reqset, name)))].sort();
  return {
    executor: 'pinpack:application-rpm',
    cache: true,
    // Also so that whoever makes an application's RPM has those that it requires.
    dependsOn: [{ projects: closure, target: 'rpm' }],
    inputs: [
      '{projectRoot}/application.json',
      ...deliveredFiles(order.settings).map((file) => `{workspaceRoot}/${APPS}/${app}/${file}`),
      { dependentTasksOutputFiles: 'dist/canonical/**/*.json' },
      { externalDependencies: [] },
    ],
    outputs: [`{workspaceRoot}/${reqsetPlace(reqset).rpms}/${applicationRpmFileName(reqset, application)}`],
    options: { reqset, app, digest: orderDigest(order), code },
    metadata: {
      description: 'Packs the application as an RPM that requires its closure and makes its environment',
      technologies: ['python', 'rpm'],
      help: {
        command: `npx nx run ${applicationProject(reqset, app)}:rpm`,
        example: { args: ['--skip-nx-cache'] },
      },
    },
  };
}

function smokeTarget(reqset: string, app: string, code: string): TargetConfiguration {
  const command = `npx nx run ${applicationProject(reqset, app)}:smoke`;
  return {
    executor: 'pinpack:smoke',
    cache: true,
    // The application's `rpm` depends on those of its closure.
    dependsOn: ['rpm', { projects: [RUNTIME], target: 'rpm' }],
    inputs: [
      `{workspaceRoot}/${APPS}/${app}/pyproject.toml`,
      { dependentTasksOutputFiles: '**/*.rpm', transitive: true },
      { externalDependencies: [] },
    ],
    options: { reqset, app, code },
    metadata: {
      description:
        'Installs the application into a fresh root with dnf, imports it, runs what it declares and removes it',
      technologies: ['python', 'rpm'],
      help: { command, example: { args: ['--skip-nx-cache'] } },
    },
  };
}
