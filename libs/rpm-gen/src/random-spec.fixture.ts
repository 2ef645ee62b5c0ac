/** Draws packages with every feature that a spec file can express too, for comparisons with rpmbuild. */
import type { Random } from '@pinpack/testing';
import type { RpmEntry, VerifiedAspect } from './entries.js';
import { minimalSpec, textFile } from './samples.fixture.js';
import { SCRIPTLET_NAMES } from './scriptlets.js';
import type { FileTrigger, PackageTrigger, Relation, RpmSpec, Script, ScriptletFlag, When } from './spec.js';

const VERSIONS = ['1', '0', '1.2', '1.2~rc1', '2^git', '1~a^b', '007', '20240101123456789', '1_2+3', 'a.b'];
const NAMES = ['foo', 'bar', 'foo-devel', 'libc.so.6(GLIBC_2.4)(64bit)', 'perl(A::B)', 'c++', 'é', '/usr/bin/env', 'a'];
const RICH = ['(foo or bar)', '((foo and bar) or baz = 1^2)', '(foo with bar < 3)', '(foo without bar)'];
/** rpmbuild takes `if` where something is required and `unless` where it is the other package that decides. */
const FORWARD = [...RICH, '(foo >= 1.2~rc1 if bar)', '(foo if bar else baz)'];
const REVERSE = [...RICH, '(libz.so.1()(64bit) unless bar)', '(foo unless bar else baz)'];
const SENSES = ['<', '<=', '=', '>=', '>'] as const;
/** rpmbuild takes `%preuntrans` for text before rpm 4.19. */
const SCRIPTLETS = SCRIPTLET_NAMES.filter((name) => !name.endsWith('untrans'));
/** Not `interp`: rpmbuild removes it where a dependency is not generated. */
const WHEN: When[] = ['pre', 'post', 'preun', 'postun', 'pretrans', 'posttrans'];
const BODIES = ['true', 'echo é', 'a\n\nb', 'echo "$1" \\\n  end', '# comment', 'x'.repeat(3000), 'echo a\tb'];
const INTERPRETERS = ['/bin/sh', '/bin/bash', '/usr/bin/python3', '<lua>', '/sbin/ldconfig'];
const NAME_PARTS = ['a', 'b', 'B', 'sub', 'sub-x', 'été', '✓', '🦀', '.hidden', 'n'.repeat(200), 'x+y', '~', 'a.b'];
const ASPECTS: VerifiedAspect[] = ['digest', 'size', 'link', 'user', 'group', 'mtime', 'mode', 'rdev', 'capabilities'];

export function drawPackage(random: Random): { spec: RpmSpec; entries: RpmEntry[] } {
  return { spec: drawSpec(random), entries: drawEntries(random) };
}

function drawSpec(random: Random): RpmSpec {
  const version = random.pick(VERSIONS.filter((text) => !text.includes('-')));
  const scriptlets = Object.fromEntries(
    some(random, SCRIPTLETS, 3).map((name) => {
      const script = drawScript(random);
      const args = script.interpreter !== '<lua>' && random.below(4) === 0 ? { args: ['-e', '-u'] } : {};
      return [name, { ...script, ...args }];
    }),
  );
  return minimalSpec({
    ...(random.below(3) === 0 && { epoch: random.pick([0, 1, 4294967295]) }),
    version,
    release: random.pick(['1', '1.el9', '0~b', '1^c']),
    architecture: random.pick(['noarch', 'x86_64'] as const),
    summary: random.pick(['Small', 'Größe ✓', 'a: b, c']),
    description: random.pick(['One line.', 'Two\nlines', 'é\n\n  indented', 'x'.repeat(70_000)]),
    ...(random.below(2) === 0 && { url: 'https://example.com/é', vendor: 'Exämple', group: 'System/Base' }),
    requires: drawRelations(random, { rich: FORWARD, when: true }),
    provides: drawRelations(random, {}),
    conflicts: drawRelations(random, { rich: REVERSE }),
    obsoletes: drawRelations(random, {}).filter(({ name }) => /^[a-z]+$/.test(name)),
    recommends: drawRelations(random, { rich: FORWARD }),
    suggests: drawRelations(random, { rich: FORWARD }),
    supplements: drawRelations(random, { rich: REVERSE }),
    enhances: drawRelations(random, { rich: REVERSE }),
    scriptlets,
    packageTriggers: drawTriggers(random),
    fileTriggers: drawFileTriggers(random),
    transactionFileTriggers: drawFileTriggers(random),
    changelog: drawChangelog(random),
  });
}

function drawRelations(random: Random, kinds: { rich?: string[]; when?: boolean }): Relation[] {
  return times(random, 4, () => {
    const when = kinds.when === true && random.below(3) === 0 ? { when: some(random, WHEN, 2) } : {};
    if (kinds.rich !== undefined && random.below(4) === 0) return { name: random.pick(kinds.rich), ...noEmpty(when) };
    const name = random.pick(NAMES);
    if (name.startsWith('/') || random.below(2) === 0) return { name, ...noEmpty(when) };
    return { name, sense: random.pick(SENSES), version: drawEvr(random), ...noEmpty(when) };
  });
}

function noEmpty({ when = [] }: { when?: When[] }): { when?: When[] } {
  return when.length === 0 ? {} : { when };
}

function drawEvr(random: Random): string {
  return `${random.rarely(3, () => '2:')}${random.pick(VERSIONS)}${random.maybe('-3.el9')}`;
}

function drawScript(random: Random): Script {
  const interpreter = random.pick(INTERPRETERS);
  const body = interpreter === '<lua>' ? 'print(1)' : random.pick(BODIES);
  const flags = some(random, ['expand', 'qformat'] as ScriptletFlag[], 2);
  return { interpreter, body, ...(random.below(3) === 0 && flags.length > 0 && { flags }) };
}

function drawTriggers(random: Random): PackageTrigger[] {
  return times(random, 2, () => ({
    on: random.pick(['prein', 'in', 'un', 'postun'] as const),
    // rpmbuild keeps one condition of each package.
    packages: random
      .pick([['foo'], ['bar'], ['foo-devel', 'foo']])
      .map((name) =>
        random.below(2) === 0 ? { name } : { name, sense: random.pick(SENSES), version: drawEvr(random) },
      ),
    ...drawScript(random),
  }));
}

function drawFileTriggers(random: Random): FileTrigger[] {
  return times(random, 2, () => ({
    on: random.pick(['in', 'un', 'postun'] as const),
    paths: random.pick([['/usr'], ['/usr/share/x/', '/opt/é'], ['/a', '/b', '/c']]),
    ...(random.below(2) === 0 && { priority: random.pick([1, 5, 1_000_000, 2_000_000]) }),
    ...drawScript(random),
  }));
}

/** rpm stores noon of each day. */
function drawChangelog(random: Random): RpmSpec['changelog'] {
  const day = 86_400;
  return times(random, 3, () => random.pick(['- One', '- One\n- Two é', '- x\n  continued'])).map((text, index) => ({
    time: 1_704_110_400 - index * day * (1 + random.below(400)) * (index === 0 ? 0 : 1) - index * 400 * day,
    author: `Sömeone <someone@example.com> - 1-${9 - index}`,
    text,
  }));
}

function drawEntries(random: Random): RpmEntry[] {
  const entries = new Map<string, RpmEntry>();
  const folders = ['/usr/t'];
  for (let i = random.below(9); i > 0; i--) {
    const path = `${random.pick(folders)}/${random.pick(NAME_PARTS)}`;
    if (entries.has(path) || folders.includes(path)) continue;
    if (random.below(4) === 0) folders.push(path);
    for (const entry of drawEntry(random, path, folders.includes(path))) entries.set(entry.path, entry);
  }
  return [...entries.values()];
}

/** A file, now and then with a second name. */
function drawEntry(random: Random, path: string, isFolder: boolean): RpmEntry[] {
  const mode = random.pick([0o644, 0o755, 0o600, 0o4755, 0o2755, 0o444, 0]);
  if (isFolder)
    return [{ path, kind: 'directory', mode: random.pick([0o755, 0o1777, 0o700]), size: 0, ...ghostly(random) }];
  const marks = drawMarks(random);
  switch (random.below(8)) {
    case 0:
      return [
        {
          path,
          kind: 'symlink',
          target: random.pick(['nowhere', '../x', '/abs/é']),
          mode: 0o777,
          size: 0,
          ...ghostly(random),
        },
      ];
    case 1:
      return [{ path, kind: 'file', ghost: true, mode, size: 0, ...marks }];
    case 2:
      return [{ path, kind: 'fifo', mode, size: 0 }];
    case 3: {
      const kind = random.pick(['characterDevice', 'blockDevice'] as const);
      return [{ path, kind, device: { major: random.below(256), minor: random.below(256) }, mode, size: 0 }];
    }
    case 4: {
      const link: RpmEntry = { path: `${path}-2`, kind: 'hardlink', target: path, mode: 0, size: 0 };
      return [textFile(path, random.pick(['shared', ''])), link];
    }
    default:
      return [textFile(path, random.pick(['', 'x', 'text\n'.repeat(5000), '\0binary']), { mode, ...marks })];
  }
}

function ghostly(random: Random): Partial<RpmEntry> {
  return random.below(4) === 0 ? { ghost: true } : {};
}

function drawMarks(random: Random): Partial<RpmEntry> {
  const unverified = some(random, ASPECTS, 3);
  return {
    ...(random.below(4) === 0 && { config: random.pick(['replace', 'noreplace'] as const) }),
    ...(random.below(6) === 0 && { doc: true }),
    ...(random.below(6) === 0 && { license: true }),
    ...(random.below(6) === 0 && { artifact: true }),
    ...(random.below(6) === 0 && { missingOk: true }),
    ...(random.below(6) === 0 && { language: random.pick(['fr', 'pt_BR', 'sr@latin']) }),
    ...(random.below(6) === 0 && { capabilities: 'cap_net_bind_service=ep' }),
    ...(random.below(4) === 0 && unverified.length > 0 && { unverified }),
  };
}

function times<Item>(random: Random, limit: number, draw: () => Item): Item[] {
  return Array.from({ length: random.below(limit) }, draw);
}

/** Up to `limit` of the items, in their order. */
function some<Item>(random: Random, items: readonly Item[], limit: number): Item[] {
  const chosen = new Set(Array.from({ length: random.below(limit + 1) }, () => random.below(items.length)));
  return items.filter((_, index) => chosen.has(index));
}
