// Writes NOTICE.txt: the distributions of an application, their licences, and the texts of these. Pure.
import { formatLicense } from '../licenses/declared-license.js';
import type { Distribution } from './distribution.js';

const RULE = '='.repeat(100);

/** @param name - of the application or reqset */
export function formatNotice(name: string, distributions: readonly Distribution[]): string {
  const sorted = [...distributions].sort((a, b) => (a.fileName < b.fileName ? -1 : 1));
  const head = `${name} contains the ${sorted.length} distributions below, under these licences.`;
  return `${[head, ...sorted.map(section)].join(`\n\n${RULE}\n`)}\n`;
}

function section({ metadata, license, bundled, licenseTexts }: Distribution): string {
  const { name, version, homepage, author } = metadata;
  const facts = [
    `${name} ${version}`,
    `License: ${formatLicense(license)}`,
    ...(author === undefined ? [] : [`Author: ${author}`]),
    ...(homepage === undefined ? [] : [`Homepage: ${homepage}`]),
    ...(bundled.length === 0 ? [] : [`Contains: ${[...new Set(bundled.map(describe))].join(', ')}`]),
  ].map((line) => line.replaceAll(/\s+/g, ' '));
  const texts = licenseTexts.map(({ path, text }) => `--- ${path}\n\n${text.replaceAll('\r\n', '\n').trimEnd()}`);
  return [facts.join('\n'), ...(texts.length > 0 ? texts : ['The distribution contains no licence text.'])].join(
    '\n\n',
  );
}

function describe({ name, version }: { name: string; version?: string }): string {
  return version === undefined ? name : `${name} ${version}`;
}
