/** Builds the same package with rpmbuild, from a spec file that corresponds to an RpmSpec and its entries. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SCRIPTLET_NAMES } from './scriptlets.js';
import type { RpmEntry, VerifiedAspect } from './entries.js';
import { readRpm } from './read.js';
import type { HeaderTags } from './tags.js';
import type { FileTrigger, Relation, RpmSpec, Script } from './spec.js';
import { run } from '@pinpack/testing';

const SECTIONS = {
  pretrans: 'pretrans',
  preuntrans: 'preuntrans',
  postuntrans: 'postuntrans',
  pre: 'pre',
  post: 'post',
  preun: 'preun',
  postun: 'postun',
  posttrans: 'posttrans',
  verify: 'verifyscript',
};

/** Gives the path of the RPM. Files are packed without compression, unless rpmbuild's name of another way is given. */
export async function buildReference(
  at: string,
  spec: RpmSpec,
  entries: RpmEntry[],
  payload = 'w.ufdio',
): Promise<string> {
  const tree = join(at, 'tree');
  mkdirSync(tree, { recursive: true });
  for (const entry of entries) {
    if (entry.kind !== 'file') continue;
    const source = join(tree, entry.path);
    mkdirSync(dirname(source), { recursive: true });
    writeFileSync(source, (await entry.read?.())?.data ?? '');
  }
  const specFile = join(at, 'reference.spec');
  writeFileSync(specFile, formatSpecFile(spec, entries, tree));
  const defines = [
    `_topdir ${at}`,
    `_binary_payload ${payload}`,
    '_build_name_fmt reference.rpm',
    '_build_id_links none',
    '__os_install_post %{nil}',
  ];
  run('rpmbuild', [
    '-bb',
    '--target',
    spec.architecture,
    ...defines.flatMap((define) => ['--define', define]),
    specFile,
  ]);
  return join(at, 'RPMS', 'reference.rpm');
}

function formatSpecFile(spec: RpmSpec, entries: RpmEntry[], tree: string): string {
  const preamble = {
    Name: spec.name,
    Epoch: spec.epoch,
    Version: spec.version,
    Release: spec.release,
    Summary: spec.summary,
    License: spec.license,
    URL: spec.url,
    Vendor: spec.vendor,
    Packager: spec.packager,
    Group: spec.group,
    BuildArch: spec.architecture === 'noarch' ? 'noarch' : undefined,
    AutoReqProv: 'no',
  };
  return [
    ...Object.entries(preamble).flatMap(([tag, value]) => (value === undefined ? [] : [`${tag}: ${value}`])),
    ...relationLines('Requires', spec.requires),
    ...relationLines('Provides', spec.provides),
    ...relationLines('Conflicts', spec.conflicts),
    ...relationLines('Obsoletes', spec.obsoletes),
    ...relationLines('Recommends', spec.recommends),
    ...relationLines('Suggests', spec.suggests),
    ...relationLines('Supplements', spec.supplements),
    ...relationLines('Enhances', spec.enhances),
    `%description\n${spec.description}`,
    `%install\nmkdir -p "%{buildroot}"\ncp -a "${tree}/." "%{buildroot}/"`,
    ...entries.map(installLine),
    ...SCRIPTLET_NAMES.flatMap((name) => {
      const scriptlet = spec.scriptlets[name];
      if (scriptlet === undefined) return [];
      const program = [scriptlet.interpreter, ...(scriptlet.args ?? [])].join(' ');
      return [`%${SECTIONS[name]}${flagWords(scriptlet)} -p "${program}"\n${escapeMacros(scriptlet.body)}`];
    }),
    ...(spec.packageTriggers ?? []).map(({ on, packages, ...script }) => {
      const conditions = relationLines('', packages).map((line) => line.slice(2));
      return `%trigger${on}${flagWords(script)} -p ${script.interpreter} -- ${conditions.join(', ')}\n${script.body}`;
    }),
    ...(spec.fileTriggers ?? []).map(fileTriggerSection('filetrigger')),
    ...(spec.transactionFileTriggers ?? []).map(fileTriggerSection('transfiletrigger')),
    '%files',
    ...entries.map(fileLine),
    '%changelog',
    ...spec.changelog.map(({ time, author, text }) => `* ${changelogDate(time)} ${author}\n${text}`),
    '',
  ].join('\n');
}

function fileTriggerSection(section: string) {
  return ({ on, paths, priority, ...script }: FileTrigger): string => {
    const rank = priority === undefined ? '' : ` -P ${priority}`;
    const options = `${flagWords(script)}${rank} -p ${script.interpreter}`;
    return `%${section}${on}${options} -- ${paths.join(' ')}\n${script.body}`;
  };
}

function escapeMacros(body: string): string {
  return body.replaceAll('%', '%%');
}

function flagWords({ flags = [] }: Script): string {
  return flags.map((flag) => ({ expand: ' -e', qformat: ' -q', critical: ' -c' })[flag]).join('');
}

function relationLines(tag: string, relations: Relation[] = []): string[] {
  return relations.map(({ name, sense, version, when }) => {
    const moments = when === undefined ? '' : `(${when.join(',')})`;
    return `${tag}${moments}: ${name}${sense === undefined ? '' : ` ${sense} ${version ?? ''}`}`;
  });
}

function installLine({ path, kind, ghost, target }: RpmEntry): string {
  const at = `"%{buildroot}${path}"`;
  if (kind === 'directory') return `mkdir -p ${at}`;
  if (kind === 'symlink') return `mkdir -p "$(dirname ${at})"\nln -s "${target ?? ''}" ${at}`;
  if (kind === 'hardlink') return `mkdir -p "$(dirname ${at})"\nln "%{buildroot}${target ?? ''}" ${at}`;
  if (kind === 'fifo') return `mkdir -p "$(dirname ${at})"\nmkfifo ${at}`;
  if (ghost === true) return `mkdir -p "$(dirname ${at})"\n: > ${at}`;
  return ':';
}

/** rpmbuild's names of what is verified. */
const VERIFY_NAMES: Record<VerifiedAspect, string> = {
  digest: 'filedigest',
  size: 'size',
  link: 'link',
  user: 'user',
  group: 'group',
  mtime: 'mtime',
  mode: 'mode',
  rdev: 'rdev',
  capabilities: 'caps',
};

function fileLine(entry: RpmEntry): string {
  const { path, kind, ghost, mode, config, doc, license, device, unverified = [] } = entry;
  const letter = kind === 'characterDevice' ? 'c' : 'b';
  const options = [config === 'noreplace' ? 'noreplace' : '', entry.missingOk === true ? 'missingok' : ''];
  const marks = [
    kind === 'symlink' || kind === 'hardlink' ? '' : `%attr(${mode.toString(8)},root,root)`,
    kind === 'directory' ? '%dir' : '',
    ghost === true ? '%ghost' : '',
    config === undefined ? '' : `%config(${options.filter((option) => option !== '').join(' ')})`.replace('()', ''),
    config === undefined && entry.missingOk === true ? '%missingok' : '',
    doc === true ? '%doc' : '',
    license === true ? '%license' : '',
    entry.artifact === true ? '%artifact' : '',
    entry.language === undefined ? '' : `%lang(${entry.language})`,
    entry.capabilities === undefined ? '' : `%caps(${entry.capabilities})`,
    unverified.length === 0 ? '' : `%verify(not ${unverified.map((aspect) => VERIFY_NAMES[aspect]).join(' ')})`,
    device === undefined ? '' : `%dev(${letter},${device.major},${device.minor})`,
  ];
  return [...marks.filter((mark) => mark !== ''), `"${path}"`].join(' ');
}

function changelogDate(time: number): string {
  const [weekday = '', day = '', month = '', year = ''] = new Date(time * 1000)
    .toUTCString()
    .replace(',', '')
    .split(' ');
  return `${weekday} ${month} ${day} ${year}`;
}

/** Tags that depend on the machine, the time or the build program, or that are optional in pinpack's packages: colors, classes and the archive's digest. */
const BUILD_SPECIFIC: (keyof HeaderTags)[] = [
  'BUILDTIME',
  'BUILDHOST',
  'FILEMTIMES',
  'PAYLOADDIGEST',
  'PAYLOADDIGESTALT',
  'FILECOLORS',
  'FILECLASS',
  'CLASSDICT',
];

/** The tags that must be the same. */
export function comparable(rpm: Uint8Array): HeaderTags {
  const { header } = readRpm(rpm);
  return Object.fromEntries(
    Object.entries(header).filter(([name]) => !BUILD_SPECIFIC.includes(name as keyof HeaderTags)),
  );
}
