/** A build backend that attacks the machine, and ways to call it with other rights. */
import { chmodSync, cpSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleCompiled, temporaryFolder } from '@pinpack/testing';
import { execa } from 'execa';
import { callHook, type HookResult, type PreparedBuild } from './backend.js';

/** How pinpack runs. */
export interface Caller {
  name: string;
  /** Options of setpriv; without them the calls are made in this process. */
  setpriv?: readonly string[];
}

const NOBODY = '65534';
const isRoot = process.getuid?.() === 0;

/** Root can take all of these parts; others only their own. */
export const CALLERS: readonly Caller[] = [
  { name: isRoot ? 'root' : 'this user' },
  ...(isRoot
    ? [
        {
          name: 'root of a container without CAP_SYS_ADMIN',
          setpriv: ['--bounding-set=-sys_admin', '--inh-caps=-all'],
        },
        { name: 'an unprivileged user', setpriv: ['--reuid', NOBODY, '--regid', NOBODY, '--clear-groups'] },
      ]
    : []),
];

const PACKAGE = fileURLToPath(new URL('../..', import.meta.url));
const CALL = `
const { callHook } = await import(process.argv[1]);
const { build, hook } = JSON.parse(await new Response(process.stdin).text());
process.stdout.write(JSON.stringify(await callHook(build, hook, () => ({}))));
`;

/** Calls a hook without arguments. Other callers run the compiled code in a process of their own. */
export async function callAs({ setpriv }: Caller, build: PreparedBuild, hook: string): Promise<HookResult> {
  if (setpriv === undefined) return callHook(build, hook, () => ({}));
  const { work, environment } = build.folders;
  // Nobody else must be able to enter the folders of the caller.
  chmodSync(join(work, '..'), 0o755);
  chmodSync(join(environment, '..'), 0o755);
  if (setpriv.includes(NOBODY)) await execa('chown', ['-R', `${NOBODY}:${NOBODY}`, work]);
  const node = [process.execPath, '--input-type=module', '--eval', CALL, await bundle()];
  const { stdout } = await execa('setpriv', [...setpriv, ...node], {
    input: JSON.stringify({ build, hook }),
    env: { HOME: work },
    maxBuffer: 500_000_000,
  });
  return JSON.parse(stdout) as HookResult;
}

let bundled: Promise<string> | undefined;

/** The compiled code, and the Python files that it runs, where every user can read them, which the folder of this repository need not be. */
function bundle(): Promise<string> {
  bundled ??= (async () => {
    const folder = temporaryFolder();
    chmodSync(folder, 0o755);
    cpSync(join(PACKAGE, 'python'), join(folder, 'python'), { recursive: true });
    const file = join(folder, 'dist/build/backend.mjs');
    mkdirSync(dirname(file), { recursive: true });
    await bundleCompiled([join(PACKAGE, 'dist/build/backend.js')], file);
    return file;
  })();
  return bundled;
}

/** Copies the fixture's source tree for one caller. */
export function forCaller(build: PreparedBuild, index: number): PreparedBuild {
  const work = `${build.folders.work}-${index}`;
  cpSync(build.folders.work, work, { recursive: true });
  return { ...build, folders: { ...build.folders, work } };
}

export const ATTACKER = `
import ctypes, errno, fcntl, os, signal, socket, struct, sys, time

libc = ctypes.CDLL(None, use_errno=True)

def error(act):
    """The name of its error, or what it returned."""
    try:
        result = act()
    except OSError as failure:
        return errno.errorcode[failure.errno]
    return "done" if result is None else str(result)

def call(number, *arguments):
    ctypes.set_errno(0)
    result = libc.syscall(ctypes.c_long(number), *[ctypes.c_long(value) for value in arguments])
    return "done" if result != -1 else errno.errorcode[ctypes.get_errno()]

def remount():
    MS_REMOUNT, MS_BIND = 32, 4096
    return "done" if libc.mount(None, b"/", None, MS_REMOUNT | MS_BIND, None) == 0 else errno.errorcode[ctypes.get_errno()]

def write(path):
    def act():
        with open(path, "a") as file:
            pass
    return error(act)

def read(path):
    return error(lambda: len(open(path, "rb").read()))

def connect(family, address):
    with socket.socket(family) as client:
        client.connect(address)
    return "connected"

def names(path):
    try:
        return sorted(os.listdir(path))
    except OSError as failure:
        return errno.errorcode[failure.errno]

def build_wheel(config_settings):
    status = dict(line.split(":", 1) for line in open("/proc/self/status"))
    numbers = {"x86_64": 0, "aarch64": 1}.get(os.uname().machine)
    calls = {"unshare": (272, 97), "setns": (308, 268), "ptrace": (101, 117), "keyctl": (250, 219), "bpf": (321, 280),
             "perf_event_open": (298, 241), "io_uring_setup": (425, 425), "memfd_create": (319, 279), "clone3": (435, 435)}
    CLONE_NEWUSER = 0x10000000
    clone = (56, 220)[numbers or 0]
    open("/tmp/pinpack-build/out/made", "w").close()
    return {
        "capabilities": [status[name].strip() for name in ("CapEff", "CapPrm", "CapBnd", "CapInh", "CapAmb")],
        "noNewPrivileges": status["NoNewPrivs"].strip(),
        "user": os.getuid(),
        "remount": remount(),
        "calls": {name: call(number[numbers], CLONE_NEWUSER, 0, 0, 0, 0) for name, number in calls.items()},
        "clone": call(clone, CLONE_NEWUSER | signal.SIGCHLD, 0, 0, 0, 0),
        "writes": {path: write(path) for path in ("/usr/pinpack-escape", "/etc/pinpack-escape", "/pinpack-escape", "/dev/pinpack-escape",
                                                   "/proc/sys/kernel/core_pattern", "/pinpack/backend.py", sys.prefix + "/escape")},
        "reads": {path: read(path) for path in ("/etc/shadow", "/etc/gshadow", "/etc/sudoers", "/proc/kcore", "/proc/1/mem", "/dev/mem", "/dev/kmsg")},
        "terminal": error(lambda: os.open("/dev/tty", os.O_RDWR)),
        "typing": error(lambda: fcntl.ioctl(0, 0x5412, b"x")),
        "sockets": {path: error(lambda: connect(socket.AF_UNIX, path)) for path in config_settings["sockets"].split(",")},
        "abstract": error(lambda: connect(socket.AF_UNIX, "\\0" + config_settings["abstract"])),
        "vsock": error(lambda: socket.socket(40, socket.SOCK_STREAM).close()),
        "top": names("/"),
        "others": {path: names(path) for path in config_settings["others"].split(",")},
        "accounts": sorted(line.split(":")[0] for line in open("/etc/passwd")),
        "descriptors": [name for name in names("/proc/self/fd") if int(name) > 2 and os.path.exists("/proc/self/fd/" + name)],
        "processes": len([name for name in names("/proc") if name.isdigit()]),
        "interfaces": [name for _, name in socket.if_nameindex()],
    }

def bomb(config_settings=None):
    while True:
        try:
            os.fork()
        except OSError:
            time.sleep(0.01)

def spawns(config_settings=None):
    while os.fork() > 0:
        time.sleep(0.002)
    time.sleep(3600)

def detached(config_settings=None):
    # A daemon of its own session that outlives the hook.
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            sys.stdout.close()
            time.sleep(3600)
        os._exit(0)

def hog(config_settings=None):
    kept = []
    while True:
        kept.append(bytearray(8 << 20))

def spread(config_settings=None):
    # Each process stays below the limit.
    for _ in range(8):
        if os.fork() == 0:
            kept = bytearray(100 << 20)
            time.sleep(3600)
    time.sleep(3600)

def endless(config_settings=None):
    while True:
        time.sleep(60)

def prints(config_settings=None):
    while True:
        os.write(1, b"x" * 65536)

def fills(config_settings=None):
    path = 0
    while True:
        path += 1
        with open(f"/tmp/pinpack-build/out/{path}", "wb") as file:
            file.write(b"x" * (4 << 20))

def temporary(config_settings=None):
    os.makedirs("/dev/shm/below", exist_ok=True)
    for path in range(1 << 20):
        with open(f"/dev/shm/below/{path}", "wb") as file:
            file.write(b"x" * (4 << 20))

def entangles(config_settings=None):
    """Makes what the next call and the reader would follow."""
    for name in ("out", "home", "temporary"):
        os.rename(f"/tmp/pinpack-build/{name}", f"/tmp/pinpack-build/was-{name}")
        os.symlink("/etc", f"/tmp/pinpack-build/{name}")

def blocks(config_settings=None):
    os.mkfifo("/tmp/pinpack-build/result.json")
    sys.stdout.flush()
    os._exit(0)

def lies(config_settings=None):
    with open("/tmp/pinpack-build/result.json", "w") as file:
        file.write("{")
    os._exit(0)

def points(config_settings=None):
    os.symlink("/etc/hostname", "/tmp/pinpack-build/result.json")
    os._exit(0)
`;
