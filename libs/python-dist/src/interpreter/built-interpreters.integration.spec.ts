/** A build from source in a root, of a small program that has CPython's configure, targets of make and layout: CPython itself takes minutes. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256OfFile } from '@pinpack/common/digest';
import { rejected, temporaryFolder } from '@pinpack/testing';
import { beforeAll, expect, test } from 'vitest';
import { planBuildPolicy } from '../build/build-policy.js';
import { findBuilt, openBuilt, type BuiltRequest } from './built-interpreters.js';
import { fetchArchive } from './unpack-interpreter.js';

const CONFIGURE = `#!/bin/sh
test ! -e /sys/class/net/eth0 || exit 1
printf '#define OPTIONS "%s"\\n' "$*" > options.h
`;
const MAKEFILE = `all:
	cc $(CFLAGS) -o python python.c
	cc $(CFLAGS) -shared -fPIC $(LDFLAGS_NODIST) -o zlib.so zlib.c -l:libz.so.1
install:
	mkdir -p $(DESTDIR)/python/bin $(DESTDIR)/python/lib/python3.13/lib-dynload $(DESTDIR)/python/share/man
	cp python $(DESTDIR)/python/bin/python3.13
	cp zlib.so $(DESTDIR)/python/lib/python3.13/lib-dynload/zlib.so
	echo 'name = "posix"' > $(DESTDIR)/python/lib/python3.13/os.py
	! test -e Lib/compileall.py
`;

let folder: string;
let archive: string;
beforeAll(() => {
  folder = temporaryFolder();
  const source = join(folder, 'Python-3.13.5');
  mkdirSync(join(source, 'Lib'), { recursive: true });
  writeFileSync(join(source, 'configure'), CONFIGURE, { mode: 0o755 });
  writeFileSync(join(source, 'Makefile'), MAKEFILE);
  writeFileSync(join(source, 'Lib/compileall.py'), '');
  writeFileSync(
    join(source, 'python.c'),
    '#include "options.h"\nint main() { return __DATE__[0] + OPTIONS[0] == 0; }\n',
  );
  writeFileSync(
    join(source, 'zlib.c'),
    'extern const char *zlibVersion(void);\nconst char *f(void) { return zlibVersion(); }\n',
  );
  archive = join(folder, 'Python-3.13.5.tgz');
  execFileSync('tar', ['czf', archive, '-C', folder, 'Python-3.13.5']);
});

async function request(cache: string, configure: string[] = []): Promise<BuiltRequest> {
  const source = { sha256: await sha256OfFile(archive), size: statSync(archive).size, root: 'sha256:machine' };
  return {
    ...{ location: archive, python: '3.13.5', recipe: { libraries: 'own', configure }, source, cache },
    policy: planBuildPolicy(),
    progress: () => undefined,
    openRoot: () => Promise.resolve({ subject: '/', folder: '/', digest: source.root, environment: {} }),
    fetchSource: (path) =>
      fetchArchive({ location: archive, ...source }, { root: '/', fetch: () => Promise.reject(new Error()) }, path),
  };
}

test('has the same bytes in every build, with the libraries that its modules need beside them', async () => {
  const [cache, other] = [join(folder, 'a'), join(folder, 'b')];
  const sha256 = await findBuilt(await request(cache));
  const built = await openBuilt(await request(other), sha256);
  expect(built).toBe(join(other, 'pythons', sha256));
  const linked = execFileSync('ldd', [join(built, 'lib/python3.13/lib-dynload/zlib.so')], { encoding: 'utf8' });
  expect(linked).toContain(`libz.so.1 => ${built}/lib/`);
  expect(existsSync(join(built, 'lib/libc.so.6'))).toBe(false);
  expect(existsSync(join(built, 'lib/python3.13/compileall.py'))).toBe(true);
  expect(existsSync(join(built, 'share'))).toBe(false);

  // A second lock does not build it again.
  const known = { ...(await request(cache)), fetchSource: () => Promise.reject(new Error('it is built already')) };
  expect(await findBuilt(known)).toBe(sha256);
});

test('that makes other files than the locked ones is refused, as is a source that does not build', async () => {
  const cache = join(folder, 'c');
  expect(await rejected(async () => openBuilt(await request(cache, ['--with-lto']), 'ab'.repeat(32)))).toContain(
    'is not the one that is locked',
  );
  const broken = await request(cache, ['--disable-"gil']);
  expect(await rejected(() => findBuilt(broken))).toMatch(
    /Python 3.13.5 could not be built in the root \/[^]*python.c/,
  );
  const [log = ''] = execFileSync('sh', ['-c', `grep -l error: ${cache}/pythons/*.log`], { encoding: 'utf8' }).split(
    '\n',
  );
  expect(readFileSync(log, 'utf8')).toContain('error:');
});
