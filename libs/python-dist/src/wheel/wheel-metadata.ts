/** The WHEEL file of a wheel (binary distribution format, "The .dist-info directory"). */
import { type DistIssue, issue, throwIssues } from '../dist-error.js';
import { parseHeaderText } from './header-text.js';

export interface WheelMetadata {
  readonly wheelVersion: string;
  readonly generator?: string;
  readonly rootIsPurelib: boolean;
  readonly tags: readonly string[];
  readonly build?: string;
}

/** Parses WHEEL. Throws `DIST_WHEEL_METADATA_INVALID` or `DIST_WHEEL_VERSION_UNSUPPORTED`, with every issue. */
export function parseWheelMetadata(text: string, subject = 'WHEEL'): WheelMetadata {
  const { fields } = parseHeaderText(text, subject, 'DIST_WHEEL_METADATA_INVALID');
  const one = (field: string): string | undefined => fields.get(field)?.[0]?.trim();
  const wheelVersion = one('wheel-version') ?? '';
  const purelib = one('root-is-purelib')?.toLowerCase() ?? '';
  throwIssues(subject, [...versionIssues(wheelVersion), ...purelibIssues(purelib)]);
  const generator = one('generator');
  const build = one('build');
  return {
    wheelVersion,
    ...(generator === undefined ? {} : { generator }),
    rootIsPurelib: purelib === 'true',
    tags: (fields.get('tag') ?? []).map((tag) => tag.trim()),
    ...(build === undefined ? {} : { build }),
  };
}

function versionIssues(wheelVersion: string): DistIssue[] {
  const major = /^([0-9]+)\.[0-9]+$/.exec(wheelVersion)?.[1];
  if (major === undefined) {
    return [issue('DIST_WHEEL_METADATA_INVALID', `Wheel-Version is "${wheelVersion}"`, 'expected 1.0')];
  }
  if (Number(major) === 1) return [];
  return [
    issue(
      'DIST_WHEEL_VERSION_UNSUPPORTED',
      `Wheel-Version is ${wheelVersion}`,
      'expected 1.x; other versions of the format are not supported',
    ),
  ];
}

function purelibIssues(purelib: string): DistIssue[] {
  if (purelib === 'true' || purelib === 'false') return [];
  return [issue('DIST_WHEEL_METADATA_INVALID', `Root-Is-Purelib is "${purelib}"`, 'expected true or false')];
}
