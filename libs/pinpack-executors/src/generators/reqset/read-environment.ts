// Converts conda's environment.yml to lines of requirements.txt.
import { parse } from 'yaml';
import { PinpackError } from '../../pinpack-error.js';

export interface CondaEnvironment {
  /** The lines of its `pip:` list, and conda's packages as comments. */
  requirements: string;
  /** `==3.11.*` */
  requiresPython?: string;
}

/** conda's own tools, which have no part in an environment of wheels. */
const CONDA_TOOLS = new Set(['python', 'pip', 'setuptools', 'wheel']);
const MATCH_SPEC = /^(?:[^:\s]+::)?(?<name>[A-Za-z0-9_.-]+)\s*(?<version>[^\s].*)?$/;

/**
 * conda's packages become comments: a package of that name on the index may be another project, or there may be none.
 *
 * @throws PinpackError `PINPACK_REQSET_INVALID`
 */
export function readEnvironment(text: string, file: string): CondaEnvironment {
  const dependencies = dependenciesOf(text, file);
  const specs = dependencies.filter((one) => typeof one === 'string').map((one) => MATCH_SPEC.exec(one)?.groups ?? {});
  const python = specs.find(({ name }) => name === 'python')?.version;
  const pip = dependencies.flatMap((one) => (isPipList(one) ? one.pip.map(String) : []));
  const comments = specs
    .filter(({ name = 'python' }) => !CONDA_TOOLS.has(name))
    .map(({ name = '', version = '' }) => `# conda: ${name}${specifierOf(version)}`);
  const header = comments.length === 0 ? [] : ['# Remove "# conda: " where the index has the package by this name.'];
  return {
    requirements: [...header, ...comments, ...pip, ''].join('\n'),
    ...(python !== undefined && { requiresPython: specifierOf(python) }),
  };
}

function dependenciesOf(text: string, file: string): unknown[] {
  try {
    const document = parse(text) as { dependencies?: unknown } | null;
    if (Array.isArray(document?.dependencies)) return document.dependencies;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new PinpackError('PINPACK_REQSET_INVALID', file, ['is not YAML', reason], { cause });
  }
  throw new PinpackError('PINPACK_REQSET_INVALID', file, [
    'has no list "dependencies", expected an environment file of conda',
  ]);
}

function isPipList(value: unknown): value is { pip: unknown[] } {
  return typeof value === 'object' && value !== null && 'pip' in value && Array.isArray(value.pip);
}

/** `=1.26` and `1.26.*` match any 1.26; `=1.26.4=py311h_0` has a build, which wheels do not have. */
function specifierOf(version: string): string {
  const [exact = ''] = version.replace(/^=(?!=)\s*/, '').split(/(?<![<>=!~])=(?!=)/);
  if (exact === '' || /^[<>=!~]/.test(exact)) return exact.replaceAll(/\s/g, '');
  return /^\d+\.\d+\.\d+/.test(exact) && !exact.includes('*') ? `==${exact}` : `==${exact.replace(/\.?\*$/, '')}.*`;
}
