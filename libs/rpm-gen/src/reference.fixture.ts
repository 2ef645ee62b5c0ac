/** Builds the same package with rpmbuild, from a spec file that corresponds to an RpmSpec and its entries. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SCRIPTLET_NAMES } from './scriptlets.js';
import type { RpmEntry } from './entries.js';
import type { Relation, RpmSpec } from './spec.js';
import { run } from '@pinpack/testing';

const SECTIONS = {
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
    `%description\n${spec.description}`,
    `%install\nmkdir -p "%{buildroot}"\ncp -a "${tree}/." "%{buildroot}/"`,
    ...entries.map(installLine),
    ...SCRIPTLET_NAMES.flatMap((name) => {
      const scriptlet = spec.scriptlets[name];
      return scriptlet === undefined ? [] : [`%${SECTIONS[name]} -p ${scriptlet.interpreter}\n${scriptlet.body}`];
    }),
    ...(spec.transactionFileTriggers ?? []).map(({ on, paths, priority, interpreter, body }) => {
      const rank = priority === undefined ? '' : ` -P ${priority}`;
      return `%transfiletrigger${on}${rank} -p ${interpreter} -- ${paths.join(' ')}\n${body}`;
    }),
    '%files',
    ...entries.map(fileLine),
    '%changelog',
    ...spec.changelog.map(({ time, author, text }) => `* ${changelogDate(time)} ${author}\n${text}`),
    '',
  ].join('\n');
}

function relationLines(tag: string, relations: Relation[] = []): string[] {
  return relations.map(({ name, sense, version, when }) => {
    const moments = when === undefined ? '' : `(${when.join(',')})`;
    return `${tag}${moments}: ${name}${sense === undefined ? '' : ` ${sense} ${version ?? ''}`}`;
  });
}

function installLine({ path, kind, target }: RpmEntry): string {
  const at = `"%{buildroot}${path}"`;
  if (kind === 'directory') return `mkdir -p ${at}`;
  if (kind === 'symlink') return `mkdir -p "$(dirname ${at})"\nln -s "${target ?? ''}" ${at}`;
  if (kind === 'ghost') return `mkdir -p "$(dirname ${at})"\n: > ${at}`;
  return ':';
}

function fileLine({ path, kind, mode, config, doc, license }: RpmEntry): string {
  const marks = [
    kind === 'symlink' ? '' : `%attr(${mode.toString(8)},root,root)`,
    kind === 'directory' ? '%dir' : '',
    kind === 'ghost' ? '%ghost' : '',
    config === undefined ? '' : config === 'noreplace' ? '%config(noreplace)' : '%config',
    doc === true ? '%doc' : '',
    license === true ? '%license' : '',
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
