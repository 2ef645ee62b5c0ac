// Plans the projects and targets of a lock as Nx project configurations. Pure.
import type { ProjectConfiguration, TargetConfiguration } from '@nx/devkit';
import { carriesBytecode, COMPILERS, pinDigest, type Pin } from '@pinpack/python-dist';
import {
  applicationProject,
  applicationRequestDigest,
  applicationRpmFileName,
  deliveredFiles,
  pythonProject,
  rpmFileName,
  RUNTIME,
  setLabel,
  splitSet,
  wheelProject,
  type ApplicationRequest,
  type CodeDigests,
} from '@pinpack/rpm-packaging';
import {
  applicationFolder,
  APPS,
  canonicalFactsFile,
  pinFolder,
  reqsetPaths,
  rpmDigestFile,
} from '../workspace/workspace-paths.js';
import type { PinOptions } from '../workspace/read-pin.js';
import type { LockedReqset, Problem } from '../workspace/read-reqset.js';
import { imageTargets } from './image-targets.js';
import { publishTargets } from './publish-targets.js';
import { deltaTarget, repositoryTargets } from './repository-targets.js';
import { sbomTarget } from './sbom-targets.js';

/** The target of a set with a stale lock that stops its builds. */
const CHECK_LOCK = 'check-lock';

/** What a pin's targets depend on beside the pin: digests of pinpack's code, and whether the lock is stale. */
export interface PinContext {
  codes: CodeDigests;
  isStale?: boolean;
}

/**
 * A pin's project: `reqset3-wheel-numpy`, with the targets `wheel`, `rpm` and `delta`. A workspace may have thousands, and Nx copies, merges and writes every
 * property for each command; so texts that are the same for all pins are only in executors.json.
 */
export function pinProject(reqset: string, pin: Pin, { codes, isStale = false }: PinContext): ProjectConfiguration {
  const options = { reqset, pin: pin.name, digest: pinDigest(pin) };
  const wheel = wheelTarget(pin, options, codes['source-build']);
  const rpm = rpmTarget(pin, options, codes['wheel-rpm']);
  const checkLock = { projects: [reqsetPaths(reqset).project], target: CHECK_LOCK };
  return {
    name: wheelProject(reqset, pin.name),
    root: pinFolder(reqset, pin.name),
    projectType: 'library',
    tags: ['pinpack:wheel', ...setTags(reqset)],
    targets: {
      // Everything else is made from wheels or RPMs.
      wheel: isStale ? { ...wheel, dependsOn: [checkLock] } : wheel,
      rpm: isStale ? { ...rpm, dependsOn: [checkLock, ...(rpm.dependsOn ?? [])] } : rpm,
      delta: deltaTarget(reqset, wheelProject(reqset, pin.name), pin),
    },
    metadata: { description: `${pin.name} ${pin.version} of ${setLabel(reqset)}` },
  };
}

function wheelTarget(pin: Pin, options: PinOptions, code: string): TargetConfiguration {
  const { wheels } = reqsetPaths(options.reqset);
  const executor = 'pinpack:wheel';
  if (pin.source.kind === 'wheel' || pin.source.kind === 'prebuilt') {
    return {
      executor,
      // Not cached: the store keeps downloads by their digests, and Nx would archive and upload them once more.
      ...(pin.source.kind === 'prebuilt' && {
        inputs: ['{projectRoot}/pin.json', `{workspaceRoot}/${pin.source.path}`, { externalDependencies: [] }],
      }),
      outputs: [`{workspaceRoot}/${wheels}/${pin.source.wheel.name}`],
      options,
    };
  }
  const { source } = pin;
  return {
    executor,
    cache: true,
    // Nx also hashes nx.json, which may turn the sandbox off too.
    inputs: ['{projectRoot}/pin.json', ...buildInputs(pin, source), { env: SANDBOX }, { externalDependencies: [] }],
    outputs: [
      `{workspaceRoot}/${wheels}/${pin.name.replaceAll('-', '_')}-${pin.version}-*.whl`,
      ...(source.kind === 'sdist' ? [`{workspaceRoot}/${wheels}/${source.sdist.name}`] : []),
    ],
    options: { ...options, code },
  };
}

/** What a build without a sandbox makes must not be the result of one with a sandbox. */
const SANDBOX = 'PINPACK_SANDBOX';

/** The inputs of a built wheel: its source and the tools of the machine. The task itself reports missing tools. */
function buildInputs(pin: Pin, source: BuiltSource): (string | { runtime: string })[] {
  // The digest of a root, or of a Python that the set brings along, is in pin.json.
  const tools =
    pin.buildRoot === undefined
      ? [
          ...(pin.bundled === true ? [] : [pythonCommand(pin)]),
          ...COMPILERS.map((program) => `${program} --version || true`),
          'getconf GNU_LIBC_VERSION || true',
        ]
      : [];
  const files =
    source.kind === 'directory'
      ? sourceInputs(source.path)
      : source.recipe.patches.map(({ path }) => `{workspaceRoot}/${path}`);
  return [...files, ...tools.map((runtime) => ({ runtime }))];
}

type BuiltSource = Extract<Pin['source'], { kind: 'sdist' | 'directory' }>;

/** A source tree without the leftovers of builds and tests. */
function sourceInputs(path: string): string[] {
  const leftovers = ['build', 'dist', '**/__pycache__', '**/*.egg-info'];
  return [`{workspaceRoot}/${path}/**/*`, ...leftovers.map((folder) => `!{workspaceRoot}/${path}/${folder}/**/*`)];
}

function rpmTarget(pin: Pin, options: PinOptions, code: string): TargetConfiguration {
  const { reqset } = options;
  return {
    executor: 'pinpack:rpm',
    cache: true,
    ...(isBuilt(pin) && { dependsOn: ['wheel'] }),
    inputs: [
      '{projectRoot}/pin.json',
      ...wheelInputs(pin),
      ...(carriesBytecode(pin) && pin.bundled !== true ? [compilerInput(pin)] : []),
      { externalDependencies: [] },
    ],
    outputs: [
      `{workspaceRoot}/${reqsetPaths(reqset).rpms}/${rpmFileName(reqset, pin)}`,
      `{workspaceRoot}/${canonicalFactsFile(reqset, pin.name)}`,
      `{workspaceRoot}/${rpmDigestFile(reqset, wheelProject(reqset, pin.name))}`,
    ],
    options: { ...options, code },
  };
}

/** The lock determines the bytes of all other wheels: their RPMs are packed without a task before. */
function isBuilt({ source }: Pin): boolean {
  return source.kind === 'sdist' || source.kind === 'directory';
}

function wheelInputs(pin: Pin): (string | { dependentTasksOutputFiles: string })[] {
  if (pin.source.kind === 'prebuilt') return [`{workspaceRoot}/${pin.source.path}`];
  return isBuilt(pin) ? [{ dependentTasksOutputFiles: '**/*.whl' }] : [];
}

/** Bytecode depends on the Python that compiles it. The task itself reports a missing one. */
function compilerInput(pin: Pin): { runtime: string } {
  return { runtime: pythonCommand(pin) };
}

/** A command that prints the version of the Python on PATH, and the versions that pyenv and uv have (python-folders.ts). */
function pythonCommand({ python }: Pin): string {
  const folders =
    '"${PYENV_ROOT:-$HOME/.pyenv}/versions" "${UV_PYTHON_INSTALL_DIR:-${XDG_DATA_HOME:-$HOME/.local/share}/uv/python}"';
  const pattern = `^(cpython-)?${python.replace('.', '[.]')}[.]`;
  return `python${python} -VV || true; ls ${folders} 2>/dev/null | grep -E '${pattern}' || true`;
}

/** A variant has both tags, so that each of them selects it. */
function setTags(set: string): string[] {
  const { reqset, variant } = splitSet(set);
  return [`reqset:${reqset}`, ...(variant === undefined ? [] : [`variant:${variant}`])];
}

/** What a set's targets depend on beside the lock. */
export interface SetContext {
  codes: CodeDigests;
  /** Why the lock is stale. */
  stale?: Problem | undefined;
}

/** The project of a reqset without variants or of a variant: `reqset3`, `multi-py311`, with `lock`, and targets such as `rpm` for all its pins. */
export function setProject(
  set: string,
  locked: LockedReqset | Problem,
  { codes, stale }: SetContext,
): ProjectConfiguration {
  const { project, derived, lock } = reqsetPaths(set);
  const every = (target: string, what: string): TargetConfiguration =>
    'problem' in locked
      ? unlockedTarget(locked.problem)
      : everyTarget(target, { locks: lock, what: `${what} of ${project}` });
  return {
    name: project,
    root: derived,
    tags: ['pinpack:reqset', ...setTags(set)],
    targets: {
      lock: lockTarget(set),
      ...(stale !== undefined && { [CHECK_LOCK]: checkLockTarget(stale) }),
      wheel: every('wheel', 'every pin'),
      rpm: every('rpm', 'every pin and application'),
      ...('problem' in locked
        ? {
            delta: unlockedTarget(locked.problem),
            repo: unlockedTarget(locked.problem),
            sbom: unlockedTarget(locked.problem),
          }
        : {
            ...repositoryTargets(set),
            sbom: sbomTarget({
              ...{ set, project, code: codes.sbom },
              wheels: '^wheel',
            }),
          }),
      ...publishTargets(set),
      ...questionTargets(set),
    },
    metadata: { technologies: ['python', 'rpm'], description: describeSet(set) },
  };
}

function describeSet(set: string): string {
  const { reqset, variant } = splitSet(set);
  return variant === undefined ? `the reqset ${reqset}` : `the variant ${variant} of the reqset ${reqset}`;
}

/** The project of a reqset with variants: `multi`, whose targets run those of all variants. */
export function variantsProject(reqset: string): ProjectConfiguration {
  const { folder } = reqsetPaths(reqset);
  const every = (target: string): TargetConfiguration =>
    everyTarget(target, {
      locks: `${folder}/pylock.*.toml`,
      what: `every variant of ${reqset}`,
    });
  return {
    name: reqset,
    root: folder,
    tags: ['pinpack:reqset', `reqset:${reqset}`],
    targets: {
      lock: lockTarget(reqset),
      ...Object.fromEntries(
        ['wheel', 'rpm', 'delta', 'repo', 'sbom', 'publish'].map((target) => [target, every(target)]),
      ),
    },
    metadata: { technologies: ['python', 'rpm'], description: describeSet(reqset) },
  };
}

/** The project of a reqset with invalid settings: its targets report the problem. */
export function brokenReqsetProject(reqset: string, { problem }: Problem): ProjectConfiguration {
  const { folder } = reqsetPaths(reqset);
  return {
    name: reqset,
    root: folder,
    tags: ['pinpack:reqset', `reqset:${reqset}`],
    targets: Object.fromEntries(
      ['lock', 'wheel', 'rpm', 'delta', 'repo', 'sbom', 'publish'].map((target) => [target, unlockedTarget(problem)]),
    ),
  };
}

/** The project of a variant may have no files, and Nx cannot hash the default inputs of such a project. */
const NO_FILES = [{ externalDependencies: [] }];

/** The targets that report on a set and produce no files. */
function questionTargets(set: string): Record<string, TargetConfiguration> {
  const { project } = reqsetPaths(set);
  const question = (name: string, description: string, args: string[]): TargetConfiguration => ({
    executor: `pinpack:${name}`,
    cache: false,
    inputs: NO_FILES,
    options: { reqset: set },
    metadata: {
      description,
      technologies: ['python'],
      help: { command: `npx nx run ${project}:${name}`, example: { args } },
    },
  });
  return {
    outdated: question('outdated', 'Lists newer versions of the pins and the cost of an upgrade (network)', ['--json']),
    why: question('why', 'Explains why a pin is in the lock', ['--pin=numpy']),
    changes: question('changes', 'Summarizes the changes of the lock since a git revision, as Markdown', [
      '--since=origin/main',
    ]),
    audit: question('audit', 'Reports known vulnerabilities of the pins', ['--fail-on=high']),
    doctor: question('doctor', 'Checks the machine and the services that the reqset needs (network)', ['--json']),
    report: question('report', 'Reports the wheels and bytes that the reqset adds to the others, or makes a page', [
      '--html',
    ]),
  };
}

function lockTarget(reqset: string): TargetConfiguration {
  return {
    executor: 'pinpack:lock',
    cache: false,
    // As NO_FILES, but `nx affected` sees a change.
    inputs: [`{workspaceRoot}/${reqsetPaths(reqset).requirements}`],
    options: { reqset },
    metadata: { description: 'Resolves requirements.txt into pylock.toml (network)', technologies: ['python'] },
  };
}

function checkLockTarget({ problem }: Problem): TargetConfiguration {
  return {
    executor: 'pinpack:check-lock',
    cache: false,
    inputs: NO_FILES,
    options: { problem },
    metadata: { description: 'Stops builds from a stale lock' },
  };
}

function unlockedTarget(problem: string): TargetConfiguration {
  return { executor: 'pinpack:unlocked', cache: false, inputs: NO_FILES, options: { problem } };
}

interface Members {
  /** A pattern of files, relative to the workspace's root. */
  locks: string;
  what: string;
}

/** The target of all projects that the project depends on: a reqset's pins and applications, and pinpack-runtime. */
function everyTarget(target: string, { locks, what }: Members): TargetConfiguration {
  return {
    executor: 'nx:noop',
    cache: true,
    inputs: [`{workspaceRoot}/${locks}`, { externalDependencies: [] }],
    dependsOn: [`^${target}`],
    metadata: { description: `\`${target}\` of ${what}` },
  };
}

/** The project of a source tree under apps/. If its pyproject.toml is invalid, only its own `rpm` fails. */
export function sourceProject(app: string, broken?: Problem): ProjectConfiguration {
  return {
    name: app,
    root: `${APPS}/${app}`,
    projectType: 'library',
    tags: ['pinpack:source'],
    ...(broken !== undefined && { targets: { rpm: unlockedTarget(broken.problem) } }),
  };
}

/** The project of an application in a set: `reqset3-my-app`. Its library is a pin like any other. @param codes - digests of pinpack's code */
export function applicationConfiguration(
  reqset: string,
  app: string,
  request: ApplicationRequest | Problem,
  codes: CodeDigests,
): ProjectConfiguration {
  return {
    name: applicationProject(reqset, app),
    root: applicationFolder(reqset, app),
    projectType: 'application',
    tags: ['pinpack:application', ...setTags(reqset)],
    targets:
      'problem' in request
        ? { rpm: unlockedTarget(request.problem), smoke: unlockedTarget(request.problem) }
        : {
            rpm: applicationRpmTarget(request, codes['application-rpm']),
            delta: deltaTarget(reqset, applicationProject(reqset, app), request.application),
            smoke: smokeTarget(request),
            sbom: sbomTarget({
              ...{ set: reqset, project: applicationProject(reqset, app), app, code: codes.sbom },
              wheels: {
                projects: request.application.wheels.map(({ name }) => wheelProject(reqset, name)),
                target: 'wheel',
              },
            }),
            ...imageTargets(request, codes),
          },
    metadata: { technologies: ['python', 'rpm'], description: `${app} with the pins of ${setLabel(reqset)}` },
  };
}

function applicationRpmTarget(request: ApplicationRequest, code: string): TargetConfiguration {
  const { reqset, application } = request;
  const { name: app, wheels, interpreter } = application;
  const python = interpreter === undefined ? [] : [pythonProject(reqset)];
  const closure = [...wheels.map(({ name }) => wheelProject(reqset, name)), ...python].sort();
  return {
    executor: 'pinpack:application-rpm',
    cache: true,
    // Also so that building an application's RPM builds those that it requires.
    dependsOn: [{ projects: closure, target: 'rpm' }],
    inputs: [
      '{projectRoot}/application.json',
      ...deliveredFiles(request.settings).map((file) => `{workspaceRoot}/${APPS}/${app}/${file}`),
      { dependentTasksOutputFiles: 'dist/canonical/**/*.json' },
      { externalDependencies: [] },
    ],
    outputs: [
      `{workspaceRoot}/${reqsetPaths(reqset).rpms}/${applicationRpmFileName(reqset, application)}`,
      `{workspaceRoot}/${rpmDigestFile(reqset, applicationProject(reqset, app))}`,
    ],
    options: { reqset, app, digest: applicationRequestDigest(request), code },
    metadata: {
      description: 'Packs the application as an RPM that requires the RPMs of its closure and creates its environment',
      technologies: ['python', 'rpm'],
      help: {
        command: `npx nx run ${applicationProject(reqset, app)}:rpm`,
        example: { args: ['--skip-nx-cache'] },
      },
    },
  };
}

function smokeTarget({ reqset, application }: ApplicationRequest): TargetConfiguration {
  const app = application.name;
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
    options: { reqset, app, rpm: applicationRpmFileName(reqset, application) },
    metadata: {
      description:
        'Installs the application into a fresh root with dnf, imports it, runs its smoke test and removes it',
      technologies: ['python', 'rpm'],
      help: { command, example: { args: ['--skip-nx-cache'] } },
    },
  };
}
