/**
 * Checks of a spec, by what rpmbuild accepts (rpm's build/parsePreamble.c), and without control characters: createrepo_c leaves out packages that have
 * some, and exits with 0. Every issue is gathered before one error is thrown.
 */
import { escapeControlCharacters } from '@pinpack/common/control-characters';
import { ARCHITECTURES } from './architectures.js';
import { throwIssues } from './errors.js';
import { VERSION } from './evr.js';
import { LUA, programsOf } from './scriptlets.js';
import type { FileTrigger, RpmSpec } from './spec.js';
import { isLine, isText, show } from './texts.js';
import { relationIssues, triggerRelationIssues } from './validate-relations.js';

const NAME = /^[A-Za-z0-9_.+][A-Za-z0-9_.+-]*$/;
const UINT32_MAX = 0xffffffff;

export function validateSpec(spec: RpmSpec): void {
  const issues = [
    ...identityIssues(spec),
    ...textIssues(spec),
    ...translationIssues(spec),
    ...relationIssues(spec),
    ...programIssues(spec),
    ...triggerIssues(spec),
    ...changelogIssues(spec),
  ];
  throwIssues(
    'RPM_SPEC_INVALID',
    spec.name === '' ? 'package without a name' : escapeControlCharacters(spec.name),
    issues,
    'Correct the spec of the package.',
  );
}

function identityIssues(spec: RpmSpec): string[] {
  const checks: [boolean, string][] = [
    [NAME.test(spec.name), `name is ${show(spec.name)}, expected letters, digits and . _ + -, not first a -`],
    [VERSION.test(spec.version), `version is ${show(spec.version)}, expected letters, digits and . _ + ~ ^, no -`],
    [VERSION.test(spec.release), `release is ${show(spec.release)}, expected letters, digits and . _ + ~ ^, no -`],
    [
      spec.epoch === undefined || isUint32(spec.epoch),
      `epoch is ${spec.epoch ?? ''}, expected a whole number in 32 bits`,
    ],
    [
      Object.hasOwn(ARCHITECTURES, spec.architecture),
      `architecture is ${show(spec.architecture)}, expected one of ${Object.keys(ARCHITECTURES).join(', ')}`,
    ],
    [isUint32(spec.buildTime), `buildTime is ${spec.buildTime}, expected seconds since 1970 in 32 bits`],
  ];
  return checks.flatMap(([valid, issue]) => (valid ? [] : [issue]));
}

function textIssues(spec: RpmSpec): string[] {
  const { summary, license, buildHost, url, vendor, packager, group, sourceRpm } = spec;
  const lines = Object.entries({ summary, license, buildHost, url, vendor, packager, group, sourceRpm });
  const issues = lines.flatMap(([field, text]) =>
    text === undefined || (text !== '' && isLine(text))
      ? []
      : [`${field} is ${show(text)}, expected one line of text without control characters`],
  );
  if (isText(spec.description)) return issues;
  return [...issues, `description holds ${NO_TEXT}`];
}

function translationIssues({ translations = {} }: RpmSpec): string[] {
  return Object.entries(translations).flatMap(([language, { summary, description, group }]) => [
    ...(/^[A-Za-z]{2,}[A-Za-z0-9_.@-]*$/.test(language)
      ? []
      : [`translations: language is ${show(language)}, expected a locale's name, such as pt_BR`]),
    ...(isLine(summary ?? '') && isLine(group ?? '') && isText(description ?? '')
      ? []
      : [`translations ${language}: found ${NO_TEXT}`]),
  ]);
}

function programIssues(spec: RpmSpec): string[] {
  return programsOf(spec).flatMap(({ title, interpreter, body, args = [] }) => {
    const issues: string[] = [];
    if (interpreter !== LUA && !(/^\/[^\s]+$/.test(interpreter) && isLine(interpreter))) {
      issues.push(
        `${title}: interpreter is ${show(interpreter)}, expected an absolute path without arguments, or ${LUA}`,
      );
    }
    if (interpreter === LUA && args.length > 0)
      issues.push(`${title}: found arguments of ${LUA}, expected none, as rpm gives it no arguments of its own`);
    if (!args.every((arg) => arg !== '' && isLine(arg)))
      issues.push(`${title}: an argument is empty or holds control characters, expected text on one line`);
    if (!isText(body)) issues.push(`${title}: the body holds ${NO_TEXT}`);
    return issues;
  });
}

function triggerIssues(spec: RpmSpec): string[] {
  const { fileTriggers = [], transactionFileTriggers = [] } = spec;
  return [
    ...triggerRelationIssues(spec),
    ...fileTriggers.flatMap((trigger) => fileTriggerIssues(`file trigger ${trigger.on}`, trigger)),
    ...transactionFileTriggers.flatMap((trigger) =>
      fileTriggerIssues(`transaction file trigger ${trigger.on}`, trigger),
    ),
  ];
}

function fileTriggerIssues(title: string, { paths, priority = 0 }: FileTrigger): string[] {
  const issues = paths.flatMap((path) =>
    // rpmbuild splits a list of them at these.
    /^\/[^\s,]*$/.test(path) && isLine(path)
      ? []
      : [`${title}: path is ${show(path)}, expected an absolute one without spaces and commas`],
  );
  if (paths.length === 0) issues.push(`${title}: found no paths, expected at least one`);
  if (!isUint32(priority)) issues.push(`${title}: priority is ${priority}, expected a whole number in 32 bits`);
  return issues;
}

function changelogIssues({ changelog }: RpmSpec): string[] {
  return changelog.flatMap(({ time, author, text }, i) => {
    const newer = changelog[i - 1];
    const issues: string[] = [];
    if (!isUint32(time)) issues.push(`changelog: time is ${time}, expected seconds since 1970 in 32 bits`);
    if (newer !== undefined && newer.time < time)
      issues.push(`changelog: ${time} follows ${newer.time}, expected the newest first`);
    if (!isLine(author) || !isText(text)) issues.push(`changelog: author or text holds ${NO_TEXT}`);
    return issues;
  });
}

const NO_TEXT =
  'control characters or a lone surrogate, expected text that UTF-8 can hold, with newlines and tabs at most';

function isUint32(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= UINT32_MAX;
}
