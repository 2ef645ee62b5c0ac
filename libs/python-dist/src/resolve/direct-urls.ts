// Rejects requirements with a direct URL (`name @ https://…`, `name @ git+https://…`), which locks do not support, and suggests alternatives.
import { issue, throwIssues, type DistIssue } from '../dist-error.js';
import { redact } from '../index/redact.js';
import type { LockInputs, WrittenRequirement } from '../lock/inputs.js';
import { parseRequirement } from '../requirements/requirement.js';
import { parseWheelFileName } from '../names/wheel-file-name.js';

/** @throws DistError `DIST_RESOLVE_URL` with every requirement that has one */
export function refuseDirectUrls(subject: string, { requirements, constraints = [], sources }: LockInputs): void {
  const ofSources = sources.flatMap(({ path, dependencies, buildRequires }) =>
    [...dependencies, ...buildRequires].map((text) => ({ text, place: `${path}/pyproject.toml` })),
  );
  throwIssues(subject, [...requirements, ...constraints, ...ofSources].flatMap(urlIssue));
}

function urlIssue({ text, place }: WrittenRequirement): DistIssue[] {
  const { name, url } = parseRequirement(text);
  if (url === undefined) return [];
  if (/^(?:git|hg|svn|bzr)\+/.test(url)) {
    return [
      issue(
        'DIST_RESOLVE_URL',
        `${place}: ${name} is a version control URL, which cannot be locked by hash`,
        'Add its source under apps/ as a project of this workspace, or build its wheel once, upload it to your index and pin its version.',
      ),
    ];
  }
  const hash = /#(?:.*&)?sha256=([0-9a-f]{64})/i.exec(url)?.[1];
  const pin = `${name}==${versionOf(url) ?? '…'}${hash === undefined ? '' : ` --hash=sha256:${hash.toLowerCase()}`}`;
  return [
    issue(
      'DIST_RESOLVE_URL',
      `${place}: ${name} is required from ${shownUrl(url)}, but locks name no host, so that they work with any mirror`,
      `Upload the file to an index that pip or uv is configured with, and write: ${pin}`,
    ),
  ];
}

function shownUrl(url: string): string {
  return /^https?:/i.test(url) ? redact(url) : 'a path or URL of this machine';
}

function versionOf(url: string): string | undefined {
  try {
    return parseWheelFileName(decodeURIComponent(new URL(url).pathname.split('/').at(-1) ?? '')).version;
  } catch {
    return undefined;
  }
}
