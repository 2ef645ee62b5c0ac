/**
 * The files that a wheel installs into an environment, with what identifies their content (binary distribution format, "Installing a wheel").
 * pinpack-runtime plans the same paths on the server (environment_plan.py).
 */
import { isDataPath, parseCommands } from './wheel-names.js';

/** By path below the environment: size and CRC of the content, or the function that a generated command calls. */
export type InstalledFiles = Readonly<Record<string, string>>;

/** A file of a wheel, and what identifies its content. */
export interface WheelContentId {
  readonly name: string;
  readonly content: string;
}

export interface WheelListing {
  readonly distInfo: string;
  readonly files: readonly WheelContentId[];
  /** entry_points.txt, if the wheel has one. */
  readonly entryPoints?: string | undefined;
}

/** Stands for the folder of packages, whose path contains the version of Python. */
export const SITE_PACKAGES = 'site-packages';

/** @param python - minor version: `3.11` */
export function installedFiles({ distInfo, files, entryPoints = '' }: WheelListing, python: string): InstalledFiles {
  const commands = parseCommands(entryPoints).commands.map(({ name, value }) => [`bin/${name}`, value] as const);
  const placed = files
    // No other pin has its .dist-info. Bytecode is not installed.
    .filter(({ name }) => !name.startsWith(`${distInfo}/`) && !name.split('/').slice(0, -1).includes('__pycache__'))
    .map(({ name, content }) => [placeOf(name, distInfo, python), content] as const);
  return Object.fromEntries([...commands, ...placed]);
}

function placeOf(name: string, distInfo: string, python: string): string {
  if (!isDataPath(name, distInfo)) return `${SITE_PACKAGES}/${name}`;
  const [, scheme = '', ...rest] = name.split('/');
  const path = rest.join('/');
  switch (scheme) {
    case 'scripts':
      return `bin/${path}`;
    case 'headers':
      return `include/site/python${python}/${distInfo.replace(/-[^-]*\.dist-info$/, '')}/${path}`;
    case 'data':
      return path.replace(/^lib64\//, 'lib/').replace(`lib/python${python}/site-packages/`, `${SITE_PACKAGES}/`);
    default:
      return `${SITE_PACKAGES}/${path}`;
  }
}
