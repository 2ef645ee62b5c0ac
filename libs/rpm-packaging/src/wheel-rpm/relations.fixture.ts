/** Evaluates relations as rpm does: an evaluator for thousands of cases, and rpm itself, which the evaluator is compared with. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compareEvr, encodeRpm, fileName, packPayload, parseEvr, type Relation, type Sense } from '@pinpack/rpm-gen';
import { execa } from 'execa';
import { temporaryFolder } from '@pinpack/testing';
import { minimalSpec } from './spec.fixture.js';

/** Whether a package with these provides satisfies every relation. All are of one name. */
export function isSatisfied(relations: readonly Relation[], provides: readonly string[]): boolean {
  return relations.every((relation) => {
    const rich = /^\((?<left>.+) (?<operator>or|without) (?<right>.+)\)$/.exec(relation.name)?.groups;
    if (rich === undefined) return matchesAny(relation, provides);
    const [left, right] = [parseRelation(rich.left ?? ''), parseRelation(rich.right ?? '')];
    if (rich.operator === 'or') return matchesAny(left, provides) || matchesAny(right, provides);
    return matchesAny(left, provides) && !matchesAny(right, provides);
  });
}

function parseRelation(text: string): Relation {
  const [name = '', sense, version] = text.split(' ');
  return sense === undefined ? { name } : { name, sense: sense as Sense, version: version ?? '' };
}

/** One of the provides is enough; the release counts only where the relation has one. */
function matchesAny({ sense, version }: Relation, provides: readonly string[]): boolean {
  if (sense === undefined || version === undefined) return provides.length > 0;
  const wanted = parseEvr(version);
  return provides.some((provided) => {
    const withoutRelease = provided.slice(0, provided.lastIndexOf('-'));
    const order = compareEvr(wanted.release === undefined ? withoutRelease : provided, wanted);
    if (order === 0) return sense.includes('=');
    return sense.startsWith(order < 0 ? '<' : '>');
  });
}

/** A package that is there, with its own version and what it provides besides. */
export interface Provider {
  epoch?: number;
  version: string;
  provides: readonly Relation[];
}

/**
 * Asks rpm, by a trial installation, which requirements each provider leaves unmet.
 *
 * @param name - of every provider
 * @returns the positions of the requirements that are met, for each provider
 */
export async function askRpm(name: string, providers: Provider[], requirements: Relation[][]): Promise<number[][]> {
  const folder = temporaryFolder();
  const consumers = await Promise.all(
    requirements.map((requires, position) =>
      writePackage(folder, { ...minimalSpec(`consumer${position}x`), requires }),
    ),
  );
  const answers: number[][] = [];
  for (const { epoch, version, provides } of providers) {
    const identity = { ...minimalSpec(name), ...(epoch !== undefined && { epoch }), version };
    const provider = await writePackage(folder, { ...identity, provides: [...provides] });
    const words = ['--install', '--test', '--nosignature', '--root', folder, '--dbpath', '/db', provider, ...consumers];
    const { all } = await execa('rpm', words, { reject: false, all: true, env: { LC_ALL: 'C' } });
    // Anything but unmet requirements, and Debian's advice against rpm, is a mistake of this fixture.
    const others = all
      .split('\n')
      .filter((line) => !/^(?:error: Failed dep.*|\t.*is needed by .*|rpm: .*|)$/.test(line));
    if (others.length > 0) throw new Error(others.join('\n'));
    const unmet = new Set([...all.matchAll(/ is needed by consumer(\d+)x/g)].map(([, position]) => Number(position)));
    answers.push([...requirements.keys()].filter((position) => !unmet.has(position)));
  }
  return answers;
}

async function writePackage(folder: string, spec: Parameters<typeof encodeRpm>[0]): Promise<string> {
  const { chunks } = encodeRpm(spec, await packPayload([], { kind: 'none' }));
  const path = join(folder, fileName(spec));
  writeFileSync(path, Buffer.concat([...chunks]));
  return path;
}
