// Resolves requirements to exact versions and their wheels with `uv pip compile`, whose output is a pylock.toml without edges.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parse, stringify, type TomlTable } from 'smol-toml';
import { z } from 'zod';
import { distError, DistError } from '../dist-error.js';
import type { IndexClient } from '../index/index-client.js';
import { IndexGateway } from '../index/index-gateway.js';
import { raiseLimit } from '../limits/limits.js';
import type { WheelFile } from '../names/distribution-file.js';
import type { Dependencies } from '../build/project-files.js';
import type { TargetEnvironment } from '../names/target-environment.js';
import { uvTarget } from '../uv/target-python.js';
import type { Uv } from '../uv/uv.js';

/** A resolved distribution with the wheels that the index has for the target. */
export interface Resolved {
  name: string;
  version: string;
  wheels: (WheelFile & { url: string })[];
  /** The line that requires it: `requirements.txt:3`. */
  place?: string;
  /** That line as written. */
  text?: string;
}

/** The requirements have no solution. `explanation` is uv's. */
export class ResolutionError extends DistError {
  constructor(
    subject: string,
    readonly explanation: string,
  ) {
    super(subject, [{ code: 'DIST_RESOLVE_FAILED', message: `the requirements have no solution\n${explanation}` }]);
  }
}

/** Limits on the choice of versions, in addition to the requirements. */
export interface CompileOptions {
  /** Limits on versions of distributions that are needed for other reasons: `numpy==2.2.6`, `urllib3<2`. */
  constraints?: readonly string[];
  /** Versions that are preferred to newer ones if they satisfy the requirements. */
  preferences?: readonly { name: string; version: string }[];
  /** Ignores files that were uploaded later: `2026-03-31`, or a timestamp (RFC 3339). */
  excludeNewer?: string;
  /** PEP 503 names of distributions that will be built from sdists, whichever version is chosen. */
  built?: readonly string[];
  /** Dependencies of sdists, so that uv does not run their code. uv takes versions of `built` that are not here to have no dependencies. */
  sources?: readonly SourceCandidate[];
  /** A folder with additional wheels. */
  wheels?: string;
  /** Requirements that replace all others of the same names. */
  overrides?: readonly string[];
}

/** A distribution at one version whose dependencies are known. */
export interface SourceCandidate extends Dependencies {
  /** PEP 503 name. */
  name: string;
  version: string;
}

/** uv, and the indexes that it resolves from. */
export interface CompileTools {
  uv: Uv;
  index: IndexClient;
}

/**
 * @param subject - the file of the requirements, for messages
 * @param requirements - lines as in requirements.txt
 * @throws ResolutionError if there is no solution
 * @throws DistError `DIST_INDEX_*` if an index failed, `DIST_RESOLVE_STOPPED` if uv failed for another reason
 */
export async function compileRequirements(
  tools: CompileTools,
  subject: string,
  requirements: readonly string[],
  target: TargetEnvironment,
  {
    constraints = [],
    preferences = [],
    excludeNewer,
    built = [],
    sources = [],
    wheels,
    overrides = [],
  }: CompileOptions = {},
): Promise<Resolved[]> {
  const folder = await mkdtemp(join(tmpdir(), 'pinpack-lock-'));
  try {
    const [input, given, output, settings] = ['requirements.in', 'constraints.txt', 'pylock.toml', 'uv.toml'].map(
      (name) => join(folder, name),
    ) as [string, string, string, string];
    await writeFile(input, requirements.join('\n'));
    await writeFile(given, constraints.join('\n'));
    const unknown = built.map((name) => ({ name, 'requires-dist': [] }));
    await writeFile(settings, stringify({ 'dependency-metadata': [...sources.map(dependencyMetadata), ...unknown] }));
    // uv prefers the versions in an existing output file.
    if (preferences.length > 0) await writeFile(output, formatPreferences(preferences));
    const words = ['pip', 'compile', input, '--constraint', given, '--output-file', output, '--format', 'pylock.toml'];
    const date = excludeNewer === undefined ? [] : ['--exclude-newer', excludeNewer];
    const files = [...built.flatMap((name) => ['--no-binary', name]), '--config-file', settings];
    const beside = wheels === undefined ? [] : ['--find-links', wheels];
    const replaced = join(folder, 'overrides.txt');
    if (overrides.length > 0) await writeFile(replaced, overrides.join('\n'));
    const overridden = overrides.length === 0 ? [] : ['--override', replaced];
    const all = [
      ...words,
      ...(await uvTarget(tools.uv, target, folder)),
      ...date,
      ...ALWAYS,
      ...files,
      ...beside,
      ...overridden,
    ];
    return await throughGateway(tools, subject, { words: all, folder, output });
  } finally {
    await rm(folder, { recursive: true });
  }
}

interface UvRun {
  words: string[];
  folder: string;
  /** The pylock.toml that uv writes. */
  output: string;
}

async function throughGateway(
  { uv, index }: CompileTools,
  subject: string,
  { words, folder, output }: UvRun,
): Promise<Resolved[]> {
  const gateway = await IndexGateway.start(index);
  try {
    const { resolveSeconds } = index.limits;
    const options = { cwd: folder, env: gateway.environment, timeoutSeconds: resolveSeconds };
    const { stderr, exitCode, timedOut } = await uv.run(words, options);
    if (exitCode !== 0 && gateway.failure !== undefined) throw gateway.failure;
    if (timedOut) throw tookTooLong(subject, index.limits);
    const explanation = [explain(stderr), ...gateway.rejected.map(({ message }) => message)].join('\n');
    if (exitCode === NO_SOLUTION) throw new ResolutionError(subject, explanation);
    if (exitCode !== 0) throw stopped(subject, explanation);
    const resolved = parseCompiled(subject, await readFile(output, 'utf8'));
    const located = (wheels: Resolved['wheels']): Promise<Resolved['wheels']> =>
      Promise.all(
        wheels.map(async (wheel) => ({ ...wheel, url: wheel.url === '' ? '' : await gateway.originalUrl(wheel.url) })),
      );
    return await Promise.all(resolved.map(async (pin) => ({ ...pin, wheels: await located(pin.wheels) })));
  } finally {
    await gateway.stop();
  }
}

function tookTooLong(subject: string, limits: IndexClient['limits']): DistError {
  return distError(subject, 'DIST_RESOLVE_STOPPED', [
    `uv did not finish within ${limits.resolveSeconds} seconds`,
    raiseLimit('resolveSeconds', limits),
    'Exact pins in requirements.txt or constraints.txt leave uv fewer versions to try.',
  ]);
}

/** uv's exit code for "no solution"; it has others for other failures. */
const NO_SOLUTION = 1;

const ALWAYS = ['--only-binary', ':all:', '--no-header', '--quiet'];

function dependencyMetadata({ name, version, requiresDist, requiresPython }: SourceCandidate): TomlTable {
  const python = requiresPython === undefined ? {} : { 'requires-python': requiresPython };
  return { name, version, 'requires-dist': requiresDist, ...python };
}

/** Distributions without wheels in the versions that uv considered. */
export function sourceOnlyNames({ explanation }: ResolutionError): string[] {
  const named = [...explanation.matchAll(/Wheels are required for `([^`]+)`/g)].map(([, name = '']) => name);
  return [...new Set(named)];
}

/** A requirement by URL of a distribution, which uv accepts only from requirements.txt. */
export interface UrlDependency {
  /** The distribution that has it: `demo==1.0`. */
  of: string;
  /** PEP 503 name. */
  name: string;
  /** `six @ https://…` */
  requirement: string;
}

/** The requirement by URL because of which uv failed, if that is the reason. */
export function urlDependency({ explanation }: ResolutionError): UrlDependency | undefined {
  const [, name] = /Package `([^`]+)` was included as a URL dependency/.exec(explanation) ?? [];
  const [, requirement = ''] = /Consider adding `([^`]+)`/.exec(explanation) ?? [];
  const [, of = ''] = /Failed to resolve dependencies for package `([^`]+)`/.exec(explanation) ?? [];
  return name === undefined ? undefined : { of, name, requirement };
}

function formatPreferences(preferences: readonly { name: string; version: string }[]): string {
  const packages = preferences.map(({ name, version }) => ({ name, version }));
  return stringify({ 'lock-version': '1.0', 'created-by': 'pinpack', packages });
}

function stopped(subject: string, explanation: string): DistError {
  const next = explanation.startsWith('No interpreter found')
    ? 'uv needs a Python to resolve, of any version from 3.8: install one (Debian, Fedora: python3).'
    : 'Check the network, the proxy (HTTPS_PROXY) and the index that pip or uv is configured with, then run again.';
  return distError(subject, 'DIST_RESOLVE_STOPPED', ['uv could not resolve the requirements', explanation, next]);
}

/** uv's messages without warnings and without the marks that only structure them. */
function explain(stderr: string): string {
  return (
    stderr
      .split('\n')
      .map((line) => line.replace(/^\s*(?:(?:error|cause):|[×│]|╰─▶)?\s*/, '').trimEnd())
      // Of options that `lock` does not have.
      .map((line) => line.replace(/ Consider using `exclude-newer-package`.*$/, ''))
      .filter(
        (line) =>
          line !== '' && !line.startsWith('warning:') && line !== 'No solution found when resolving dependencies',
      )
      .join('\n')
  );
}

/** The fields of uv's pylock.toml that are used. A wheel of a folder has a path instead of a URL. */
const COMPILED = z.object({
  packages: z
    .array(
      z.object({
        name: z.string(),
        version: z.string(),
        wheels: z
          .array(
            z.object({
              name: z.string().optional(),
              url: z.string().optional(),
              path: z.string().optional(),
              size: z.number().optional(),
              hashes: z.object({ sha256: z.string().optional() }).optional(),
            }),
          )
          .default([]),
      }),
    )
    .default([]),
});
type CompiledWheel = z.infer<typeof COMPILED>['packages'][number]['wheels'][number];

function parseCompiled(subject: string, text: string): Resolved[] {
  const compiled = COMPILED.safeParse(parse(text));
  if (!compiled.success)
    throw stopped(subject, `its pylock.toml has another format:\n${z.prettifyError(compiled.error)}`);
  return compiled.data.packages.map(({ name, version, wheels }) => ({
    name,
    version,
    wheels: wheels.map((wheel) => ({
      name: wheel.name ?? fileNameOf(wheel),
      url: wheel.url ?? '',
      size: wheel.size ?? 0,
      sha256: wheel.hashes?.sha256 ?? '',
    })),
  }));
}

function fileNameOf({ url, path = '' }: CompiledWheel): string {
  return url === undefined ? basename(path) : decodeURIComponent(new URL(url).pathname.split('/').at(-1) ?? '');
}
