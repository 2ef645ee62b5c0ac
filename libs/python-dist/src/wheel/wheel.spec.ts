import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { packagingPython } from '@pinpack/testing';
import { readContents } from './canonical-wheel.js';
import { openWheel } from './wheel.js';
import { DEMO, DEMO_FILES, recordRow, writeTemporary, writeWheel } from './wheel.fixture.js';

describe('openWheel', () => {
  test('parses name, metadata and WHEEL', async () => {
    const wheel = await openWheel(writeWheel());
    expect(wheel).toMatchObject({
      fileName: 'demo-1.0-py3-none-any.whl',
      identity: { name: 'demo', version: '1.0', platformTags: ['any'] },
      distInfo: 'demo-1.0.dist-info',
      metadata: { name: 'Demo', version: '1.0' },
      wheel: { rootIsPurelib: true, tags: ['py3-none-any'], wheelVersion: '1.0' },
    });
    wheel.close();
  });

  test('lists the files of RECORD by the bytes of their names, without folders and signatures', async () => {
    const files = [
      { name: 'demo/\u{1F600}.py', data: 'x' },
      { name: 'demo/\uFF5E.py', data: 'y' },
      { name: 'demo/Z.py', data: 'z', mode: 0o100654 },
      { name: 'demo/z.py', data: 'case only', mode: 0 },
    ];
    const unlisted = [
      { name: 'demo/', mode: 0o040755 },
      { name: 'demo-1.0.dist-info/RECORD.jws', data: '{}' },
      { name: 'demo-1.0.dist-info/RECORD.p7s', data: '{}' },
    ];
    const wheel = await openWheel(writeWheel({ files, unlisted }));
    const names = wheel.entries.map(({ name }) => name);
    expect(names).toEqual([
      'demo-1.0.dist-info/METADATA',
      'demo-1.0.dist-info/RECORD',
      'demo-1.0.dist-info/WHEEL',
      'demo/Z.py',
      'demo/z.py',
      'demo/\uFF5E.py',
      'demo/\u{1F600}.py',
    ]);
    expect(wheel.entries.map(({ mode }) => mode.toString(8))).toEqual([
      '644',
      '644',
      '644',
      '755',
      '644',
      '644',
      '644',
    ]);
    wheel.close();
  });

  test.each(['sha256', 'sha384', 'sha512'] as const)('reads files and verifies them by %s', async (algorithm) => {
    const wheel = await openWheel(writeWheel({ algorithm }));
    const found = new Map<string, string>();
    for await (const { entry, data, sha256 } of readContents(wheel)) {
      expect(sha256).toBe(createHash('sha256').update(data).digest('hex'));
      expect(data.length).toBe(entry.size);
      found.set(entry.name, data.toString());
    }
    for (const { name, data } of DEMO_FILES) expect(found.get(name.toString())).toBe(data);
    wheel.close();
  });

  test('accepts a RECORD without sizes, a comment and another spelling of the version', async () => {
    const wheel = await openWheel(
      writeWheel({
        comment: 'a comment',
        fileName: 'Demo-1.0.0-py3-none-any.whl',
        changeRows: (rows) => rows.map(({ size: _size, ...row }) => row),
      }),
    );
    expect(wheel.record[0]).toEqual({ path: 'demo/tool.sh', digest: recordRow(DEMO_FILES[0] ?? { name: '' }).digest });
    wheel.close();
  });

  test('takes a file that occurs twice with the same content once, also from a zip that Python wrote', async (context) => {
    const again = await openWheel(writeWheel({ unlisted: [...DEMO_FILES] }));
    again.close();
    expect(again.entries).toHaveLength(DEMO_FILES.length + 3);
    const path = writeWheel();
    const python = await packagingPython(context);
    // The directory lists the second copy twice, and the bytes of the first belong to no entry.
    const program = `
import sys, zipfile
def write(source, target, name, change):
    with zipfile.ZipFile(source) as read, zipfile.ZipFile(target, "w") as made:
        for entry in read.infolist():
            data = read.read(entry)
            made.writestr(entry, data)
            if entry.filename == name:
                made.writestr(entry, change + data[len(change):])
write(sys.argv[1], sys.argv[2], "demo/__init__.py", b"")
write(sys.argv[1], sys.argv[3], "demo/__init__.py", b"y")`;
    const [same, other] = [writeTemporary(DEMO, Buffer.alloc(0)), writeTemporary(DEMO, Buffer.alloc(0))];
    await execa(python, ['-W', 'ignore', '-c', program, path, same, other]);
    const wheel = await openWheel(same);
    for await (const { entry, data } of readContents(wheel)) expect(data).toHaveLength(entry.size);
    wheel.close();
    expect(wheel.entries).toEqual(again.entries);
    await expect(openWheel(other)).rejects.toMatchObject({ code: 'DIST_WHEEL_DAMAGED' });
  });

  test('rejects reads after close, which may be repeated', async () => {
    const wheel = await openWheel(writeWheel());
    const [entry] = wheel.entries;
    wheel.close();
    wheel.close();
    if (entry === undefined) throw new Error('the wheel has no entries');
    await expect(wheel.read(entry)).rejects.toMatchObject({ code: 'DIST_WHEEL_CLOSED' });
  });

  test('closes the file if it throws', async () => {
    const path = writeWheel({ metadata: 'broken' });
    const before = readdirSync('/proc/self/fd').length;
    for (let index = 0; index < 20; index++) await expect(openWheel(path)).rejects.toThrow();
    expect(readdirSync('/proc/self/fd').length).toBeLessThan(before + 10);
  });
});
