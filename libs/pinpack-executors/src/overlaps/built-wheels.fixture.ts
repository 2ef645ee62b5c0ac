/** Writes a workspace with an application and the wheels of its pins. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { CanonicalWheelEncoder, type Lock } from '@pinpack/python-dist';
import { sampleLock, samplePackage, sampleSourcePin } from '@pinpack/rpm-packaging/testing';
import { temporaryFolder } from '@pinpack/testing';
import { writeText } from '../workspace/workspace.fixture.js';
import { writeLock } from '../workspace/write-lock.js';

const PROJECT = '[project]\nname = "my-demo"\nversion = "1.0"\n[tool.pinpack]\nreqsets = ["reqset3"]\n';

/** A zip with these files, which is a wheel as far as its directory shows. */
function wheelOf(name: string, files: Record<string, string>): Buffer {
  const all = { [`${name}-1.0.dist-info/METADATA`]: '', [`${name}-1.0.dist-info/RECORD`]: '', ...files };
  const sorted = Object.entries(all).sort(([one], [other]) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
  const entries = sorted.map(([path, text]) => ({ name: path, size: text.length, mode: 0o644 as const }));
  const encoder = new CanonicalWheelEncoder(entries);
  const pieces = sorted.flatMap(([, text], index) => {
    const entry = entries[index];
    return entry === undefined ? [] : encoder.add(entry, Buffer.from(text), crc32(text));
  });
  return Buffer.concat([...pieces, ...encoder.finish()]);
}

/** Writes a workspace with an application that requires pins which were built from source. @param contents - the files of their wheels */
export async function writeBuiltWheels(
  contents: Record<string, Record<string, string>>,
  { settings = '', ...more }: Partial<Lock> & { settings?: string } = {},
): Promise<string> {
  const root = temporaryFolder();
  writeText(root, 'apps/my_app/pyproject.toml', `${PROJECT}${settings}`);
  const { source } = sampleSourcePin();
  const packages = Object.keys(contents).map((name) => samplePackage({ name, version: '1.0', source }));
  const library = samplePackage({ name: 'my-demo', version: '1.0', source, dependencies: Object.keys(contents) });
  const applications = [{ name: 'my_app', release: 1, library: 'my-demo' }];
  await writeLock(root, 'reqset3', sampleLock([library, ...packages], { applications, ...more }));
  const folder = join(root, 'dist/wheels/reqset3');
  mkdirSync(folder, { recursive: true });
  const all = { my_demo: { 'my_demo.py': '' }, ...contents };
  for (const [name, files] of Object.entries(all))
    writeFileSync(join(folder, `${name}-1.0-py3-none-any.whl`), wheelOf(name, files));
  return root;
}
