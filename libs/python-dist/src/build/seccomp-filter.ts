// The system call filter of the build sandbox, as a classic BPF program (seccomp(2), linux/filter.h). It rejects system calls that no build needs and
// that attack the kernel, leave the sandbox's namespaces, or take memory that no limit counts.

/** Errors of system calls. ENOSYS makes programs fall back to another call. */
const EPERM = 1;
const ENOSYS = 38;
const EAFNOSUPPORT = 97;

interface Architecture {
  /** AUDIT_ARCH_… of linux/audit.h */
  audit: number;
  /** Numbers of the calls below. */
  numbers: Readonly<Record<string, number>>;
}

/** Calls with the same number on all architectures. */
const COMMON = {
  io_uring_setup: 425,
  io_uring_enter: 426,
  io_uring_register: 427,
  open_tree: 428,
  move_mount: 429,
  fsopen: 430,
  fsconfig: 431,
  fsmount: 432,
  fspick: 433,
  clone3: 435,
  mount_setattr: 442,
  memfd_secret: 447,
  open_tree_attr: 467,
};

/** Linux numbers the calls of younger architectures alike (include/uapi/asm-generic/unistd.h). */
const GENERIC = {
  ...COMMON,
  ...{ ioctl: 29, umount2: 39, mount: 40, pivot_root: 41, quotactl: 60, acct: 89, unshare: 97, kexec_load: 104 },
  ...{ init_module: 105, delete_module: 106, syslog: 116, ptrace: 117, reboot: 142, msgget: 186, shmget: 194 },
  ...{ socket: 198, add_key: 217, request_key: 218, keyctl: 219, clone: 220, swapon: 224, swapoff: 225 },
  ...{ perf_event_open: 241, name_to_handle_at: 264, open_by_handle_at: 265, setns: 268, process_vm_readv: 270 },
  ...{ process_vm_writev: 271, kcmp: 272, finit_module: 273, memfd_create: 279, bpf: 280, userfaultfd: 282 },
  ...{ kexec_file_load: 294 },
};

const ARCHITECTURES: Readonly<Record<string, Architecture>> = {
  x64: {
    audit: 0xc000003e,
    numbers: {
      ...COMMON,
      ...{ ioctl: 16, shmget: 29, socket: 41, clone: 56, msgget: 68, ptrace: 101, syslog: 103, pivot_root: 155 },
      ...{ acct: 163, mount: 165, umount2: 166, swapon: 167, swapoff: 168, reboot: 169, iopl: 172, ioperm: 173 },
      ...{ init_module: 175, delete_module: 176, quotactl: 179, kexec_load: 246, add_key: 248, request_key: 249 },
      ...{ keyctl: 250, unshare: 272, perf_event_open: 298, name_to_handle_at: 303, open_by_handle_at: 304 },
      ...{ setns: 308, process_vm_readv: 310, process_vm_writev: 311, kcmp: 312, finit_module: 313 },
      ...{ memfd_create: 319, kexec_file_load: 320, bpf: 321, userfaultfd: 323 },
    },
  },
  arm64: { audit: 0xc00000b7, numbers: GENERIC },
  riscv64: { audit: 0xc00000f3, numbers: GENERIC },
};

/** Memory of these belongs to no process and no folder. glibc calls clone3 first, whose flags a filter cannot read. */
const MISSING = new Set(['memfd_create', 'memfd_secret', 'shmget', 'msgget', 'clone3']);

/** The calls with a rule for an argument, which is a 32-bit number: its offset in `struct seccomp_data`. */
const FIRST_ARGUMENT = 16;
const SECOND_ARGUMENT = 24;
/** AF_UNIX, AF_INET, AF_INET6, AF_NETLINK: network namespaces do not separate others, such as AF_VSOCK. */
const FAMILIES = [1, 2, 10, 16];
/** TIOCSTI and TIOCLINUX type into a terminal. */
const TERMINAL_INPUT = [0x5412, 0x541c];
/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET. */
const NEW_NAMESPACES = 0x7e020000;

const LOAD = 0x20;
const JUMP_IF_EQUAL = 0x15;
const JUMP_IF_AT_LEAST = 0x35;
const JUMP_IF_ANY_BIT = 0x45;
const RETURN = 0x06;
const ALLOW = 0x7fff0000;
const FAIL = 0x00050000;
/** Calls of the x32 ABI have this bit. */
const X32 = 0x40000000;

type Instruction = readonly [code: number, ifTrue: number, ifFalse: number, value: number];

/** @param architecture - as `process.arch`. @returns undefined for an architecture without a filter */
export function encodeSeccompFilter(architecture: string): Uint8Array | undefined {
  const found = ARCHITECTURES[architecture];
  if (found === undefined) return undefined;
  const { ioctl = 0, socket = 0, clone = 0, ...rejected } = found.numbers;
  const program: Instruction[] = [
    // A program of another architecture, such as a 32-bit one, has other numbers.
    [LOAD, 0, 0, 4],
    [JUMP_IF_EQUAL, 1, 0, found.audit],
    [RETURN, 0, 0, FAIL | ENOSYS],
    [LOAD, 0, 0, 0],
    [JUMP_IF_AT_LEAST, 0, 1, X32],
    [RETURN, 0, 0, FAIL | ENOSYS],
    ...Object.entries(rejected).flatMap(([name, number]) => reject(number, MISSING.has(name) ? ENOSYS : EPERM)),
    ...ruleFor(clone, FIRST_ARGUMENT, [[JUMP_IF_ANY_BIT, 1, 0, NEW_NAMESPACES], ...verdicts(EPERM)]),
    ...ruleFor(ioctl, SECOND_ARGUMENT, [...TERMINAL_INPUT.flatMap((request) => reject(request, EPERM)), allowed()]),
    ...ruleFor(socket, FIRST_ARGUMENT, [
      ...FAMILIES.flatMap((family): Instruction[] => [[JUMP_IF_EQUAL, 0, 1, family], allowed()]),
      [RETURN, 0, 0, FAIL | EAFNOSUPPORT],
    ]),
    allowed(),
  ];
  return encode(program);
}

function reject(value: number, error: number): Instruction[] {
  return [
    [JUMP_IF_EQUAL, 0, 1, value],
    [RETURN, 0, 0, FAIL | error],
  ];
}

/** Falls through to the first, or jumps to the second. */
function verdicts(error: number): Instruction[] {
  return [allowed(), [RETURN, 0, 0, FAIL | error]];
}

function allowed(): Instruction {
  return [RETURN, 0, 0, ALLOW];
}

/** Applies a rule, which ends in a verdict, to an argument of one call. */
function ruleFor(number: number, argument: number, rule: readonly Instruction[]): Instruction[] {
  return [[JUMP_IF_EQUAL, 0, rule.length + 1, number], [LOAD, 0, 0, argument], ...rule];
}

/** struct sock_filter: 0 code (16 bits), 2 jump if true, 3 jump if false, 4 value (32 bits). Both architectures are little-endian. */
function encode(program: readonly Instruction[]): Uint8Array {
  const bytes = Buffer.alloc(8 * program.length);
  for (const [index, [code, ifTrue, ifFalse, value]] of program.entries()) {
    bytes.writeUInt16LE(code, 8 * index);
    bytes.writeUInt8(ifTrue, 8 * index + 2);
    bytes.writeUInt8(ifFalse, 8 * index + 3);
    bytes.writeUInt32LE(value, 8 * index + 4);
  }
  return bytes;
}
