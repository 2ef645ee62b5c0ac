import { chmodSync, existsSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { elfRequires } from './elf.js';
import { attemptSync, buildElf, describeWith, run, temporaryFolder, type ElfShape } from '@pinpack/testing';

const ELFDEPS = '/usr/lib/rpm/elfdeps';
const FOLDERS = [
  '/usr/lib/x86_64-linux-gnu',
  '/usr/lib/aarch64-linux-gnu',
  '/usr/lib64',
  '/usr/lib/python3.11/lib-dynload',
  '/usr/lib64/python3.11/lib-dynload',
  '/usr/bin',
];

const SHAPES: ElfShape[] = [
  { bits: 32, order: 'little' },
  { bits: 32, order: 'big' },
  { bits: 64, order: 'little' },
  { bits: 64, order: 'big' },
];

describeWith(['elfdeps'], 'the dependencies of an ELF file, as rpm finds them', () => {
  it('agrees on the libraries and programs of this machine', () => {
    const paths = machineElfFiles();
    expect(paths.length).toBeGreaterThan(50);
    const copy = join(temporaryFolder(), 'file.so');
    for (const path of paths) {
      // rpm takes requires from files that are executable only; a wheel's modes say nothing of that.
      writeFileSync(copy, readFileSync(path));
      chmodSync(copy, 0o755);
      expectAgreement(copy, path);
    }
  });

  it.each(SHAPES)('agrees on $bits bits, $order endian', (shape) => {
    const path = join(temporaryFolder(), 'libtiny.so');
    writeFileSync(path, buildElf(shape), { mode: 0o755 });
    expectAgreement(path, path);
    const marker = shape.bits === 64 ? '(64bit)' : '';
    expect(elfRequires(readFileSync(path))).toMatchObject({
      requires: [
        shape.bits === 64 ? 'libneeded.so.1()(64bit)' : 'libneeded.so.1',
        `libneeded.so.1(VERSION_1)${marker}`,
        'rtld(GNU_HASH)',
      ],
      soname: 'libtiny.so.2',
      provides: [shape.bits === 64 ? 'libtiny.so.2()(64bit)' : 'libtiny.so.2'],
    });
  });
});

it.each([
  [{ bits: 64, order: 'little', machine: 62 }, 'x86_64'],
  [{ bits: 64, order: 'little', machine: 183 }, 'aarch64'],
  [{ bits: 64, order: 'big', machine: 22 }, 's390x'],
  [{ bits: 64, order: 'little', machine: 21 }, 'ppc64le'],
  [{ bits: 64, order: 'little', machine: 243 }, 'riscv64'],
  [{ bits: 32, order: 'little', machine: 3 }, 'i686'],
  // Big-endian PowerPC, x32 and RISC-V of 32 bits have no packages here.
  [{ bits: 64, order: 'big', machine: 21 }, undefined],
  [{ bits: 32, order: 'little', machine: 62 }, undefined],
  [{ bits: 32, order: 'little', machine: 243 }, undefined],
] satisfies [ElfShape, string | undefined][])('%j is for %s', (shape, expected) => {
  expect(elfRequires(buildElf(shape))?.architecture).toBe(expected);
});

it.each([
  ['nothing', Buffer.alloc(0)],
  ['a script', Buffer.from('#!/bin/sh\n'.repeat(20))],
  ['four bytes of magic', Buffer.from('\x7fELF')],
  ['magic and zeros', Buffer.concat([Buffer.from('\x7fELF'), Buffer.alloc(1000)])],
])('is undefined for %s', (_title, data) => {
  expect(elfRequires(data)).toBeUndefined();
});

it('is undefined for an object file', () => {
  const object = buildElf({ bits: 64, order: 'little' });
  object.writeUInt16LE(1, 16);
  expect(elfRequires(object)).toBeUndefined();
});

it.each(SHAPES)('is undefined for every truncation: $bits bits, $order endian', (shape) => {
  const elf = buildElf(shape);
  for (let length = 0; length < elf.length; length++)
    expect(elfRequires(elf.subarray(0, length)), `at ${length}`).toBeUndefined();
});

it.each(SHAPES)('survives every damaged byte: $bits bits, $order endian', (shape) => {
  const elf = buildElf(shape);
  for (let at = 0; at < elf.length; at++) {
    for (const bits of [0x01, 0x80, 0xff]) {
      const damaged = Buffer.from(elf);
      damaged.writeUInt8(damaged.readUInt8(at) ^ bits, at);
      expect(() => elfRequires(damaged), `at ${at}`).not.toThrow();
    }
  }
});

it('reads a view into a larger buffer', () => {
  const elf = buildElf({ bits: 64, order: 'little' });
  const larger = Buffer.concat([Buffer.alloc(7), elf, Buffer.alloc(9)]);
  expect(elfRequires(larger.subarray(7, 7 + elf.length))).toEqual(elfRequires(elf));
});

function expectAgreement(path: string, title: string): void {
  const found = elfRequires(readFileSync(path));
  expect(found?.requires ?? [], title).toEqual(oracle('--requires', path));
  // Without a soname rpm takes the file's name, which pinpack never provides.
  if (found?.soname !== undefined) expect(found.provides, title).toEqual(oracle('--provides', path));
}

function oracle(question: string, path: string): string[] {
  return [
    ...new Set(
      run(ELFDEPS, [question, path])
        .split('\n')
        .filter((line) => line !== ''),
    ),
  ].sort();
}

function machineElfFiles(): string[] {
  const paths = FOLDERS.filter((folder) => existsSync(folder)).flatMap((folder) =>
    readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile() && (entry.name.includes('.so') || folder === '/usr/bin'))
      .map((entry) => realpathSync(join(folder, entry.name)))
      .filter(isElf)
      .sort()
      .slice(0, 25),
  );
  return paths.filter((path) => attemptSync(ELFDEPS, ['--requires', path]).exitCode === 0);
}

function isElf(path: string): boolean {
  return readFileSync(path).subarray(0, 4).toString('latin1') === '\x7fELF';
}
