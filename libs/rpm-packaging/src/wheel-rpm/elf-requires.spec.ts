import { describe, expect, test } from 'vitest';
import { buildElf } from '@pinpack/testing';
import { sampleSourcePin, samplePin } from '../pin.fixture.js';
import { checkMachine } from './check-machine.js';
import { ElfRequires } from './elf-requires.js';

const X86_64 = buildElf({ bits: 64, order: 'little', machine: 62 });
const AARCH64 = buildElf({ bits: 64, order: 'little', machine: 183 });
const I686 = buildElf({ bits: 32, order: 'little', machine: 3 });

const NEEDS = ['libneeded.so.1()(64bit)', 'libneeded.so.1(VERSION_1)(64bit)', 'rtld(GNU_HASH)'];

describe('the requires of a wheel with libraries for several machines', () => {
  test('are those of its own, so that the RPM installs without the libraries of the others', () => {
    const elf = new ElfRequires('aarch64');
    for (const file of [X86_64, AARCH64, I686]) elf.add('attach.so', file);
    expect(elf.external()).toEqual(NEEDS);
    expect(elf.foreign()).toEqual([]);
  });

  test('are none if the RPM is noarch', () => {
    const elf = new ElfRequires('noarch');
    for (const file of [X86_64, I686]) elf.add('attach.so', file);
    expect(elf.external()).toEqual([]);
  });
});

describe('a wheel whose libraries are all for another machine', () => {
  const elf = new ElfRequires('s390x');
  elf.add('module.so', X86_64);
  const wheel = 'my_demo-1.0-cp311-cp311-linux_s390x.whl';
  const pin = sampleSourcePin({ platform: 'manylinux_2_28_s390x' });

  test('is refused if it was built from source', () => {
    expect(() => {
      checkMachine(pin, wheel, elf.foreign());
    }).toThrow('its shared libraries are for x86_64, expected s390x, the machine of manylinux_2_28_s390x');
  });

  test.each([
    ['comes from an index', samplePin({ platform: 'manylinux_2_28_s390x' }), wheel],
    ['is for any machine', pin, 'my_demo-1.0-py3-none-any.whl'],
  ])('is accepted if it %s', (_why, of, name) => {
    expect(() => {
      checkMachine(of, name, elf.foreign());
    }).not.toThrow();
  });
});
