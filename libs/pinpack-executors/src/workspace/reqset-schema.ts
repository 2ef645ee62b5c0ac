// The zod schema of reqset.json. schemas/reqset.schema.json, which editors read, is generated from it: npm run schemas.
import { INTERPRETER_PARTS, LAYOUTS } from '@pinpack/python-dist';
import { expectedCompression, OFFERED_COMPRESSIONS } from '@pinpack/rpm-gen';
import { FLEET_NAMES, refusedFleet } from '@pinpack/rpm-packaging';
import { z } from 'zod';
import { ROOT_SETTING } from './root-setting.js';

export const DEFAULTS = {
  python: '3.11.2',
  platform: 'manylinux_2_28_x86_64',
  bytecode: false,
  layout: 'tree',
} as const;

const MUSL = '; systems with musl (Alpine) have no rpm';

const VERSION = 'a full version such as 3.11.2, because the patch version affects some markers';
const VERSION_MEANING =
  'The full version of the Python that the pins are resolved for. Use the oldest patch version on your servers: the lock works for it and every later one of the same minor version. For 2.7, requirements.txt must be complete: nothing is resolved.';
const PYTHON = z
  .string(VERSION)
  .regex(/^(?:2\.7\.\d+|3\.\d+\.\d+|3\.(?:1[3-9]|[2-9]\d)\.\d+t)$/, VERSION)
  .meta({
    id: 'python',
    description: VERSION_MEANING,
  });

const BUNDLE_FORMS =
  'the path of a .tar.gz or a folder, {"archive": "https://…/cpython-3.12.8-install_only.tar.gz", "sha256": "…"}, or {"source": "https://…/Python-3.12.8.tgz", "sha256": "…"}';
const CONFIGURE = /^(?:--(?:with|without|enable|disable)-[a-z0-9-]+(?:=\S*)?|[A-Z][A-Z0-9_]*=.*)$/;
const CONFIGURE_TEXT = 'options of configure such as ["--with-lto"]';
const SHA256 = z.string().regex(/^[0-9a-f]{64}$/, '64 hexadecimal digits');

const BUNDLE = z
  .union(
    [
      z.string().regex(/^(?!https?:)./i, 'a path; for a URL, {"archive": "https://…", "sha256": "…"}'),
      z.strictObject({ archive: z.string().min(1), sha256: SHA256 }),
      z.strictObject({
        source: z
          .string()
          .min(1)
          .describe('The source of CPython, which pinpack builds in build.root: a path or URL of Python-3.13.5.tgz.'),
        sha256: SHA256,
        libraries: z
          .enum(['own', 'system'], 'own or system')
          .default('own')
          .describe(
            'The libraries that its extension modules load, such as OpenSSL: copies of those of the build root, or those of the server.',
          ),
        configure: z
          .array(z.string().regex(CONFIGURE, CONFIGURE_TEXT), CONFIGURE_TEXT)
          .default([])
          .describe('Further options of configure.'),
      }),
    ],
    { error: BUNDLE_FORMS },
  )
  .describe(
    'A relocatable Python in the layout of python-build-standalone, which becomes the RPM <reqset>-python: the path of a .tar.gz or a folder, relative to the folder of the reqset or absolute, or a URL with the sha256 of the archive. Or the source of CPython, which is built in build.root.',
  );

const BUNDLED_VERSION = `${VERSION}, of Python 3.6 or later, under which pinpack-runtime runs`;
const BUNDLED_PYTHON = z.strictObject({
  version: z
    .string(BUNDLED_VERSION)
    .regex(/^3\.(?:[6-9]|1\d|[2-9]\d)\.\d+$|^3\.(?:1[3-9]|[2-9]\d)\.\d+t$/, BUNDLED_VERSION),
  bundle: BUNDLE,
  keep: z
    .array(z.enum(INTERPRETER_PARTS, INTERPRETER_PARTS.join(', ')))
    .optional()
    .describe('Parts of that Python that its RPM omits by default.'),
});

const PYTHON_SETTING = z
  .union([PYTHON, BUNDLED_PYTHON], {
    error: ({ input }) =>
      typeof input === 'object' && input !== null && !Array.isArray(input)
        ? `${VERSION}, or {"version": "3.12.8", "bundle": …} with ${BUNDLE_FORMS}, and "keep" with some of ${INTERPRETER_PARTS.join(', ')}`
        : VERSION,
  })
  .meta({
    id: 'pythonSetting',
    description: `${VERSION_MEANING} An object names a Python that comes along with the reqset.`,
  });

const TAG = 'a platform tag such as manylinux_2_28_x86_64';
const PLATFORM = z
  .string(TAG)
  .regex(/^(?:manylinux_2_\d+|manylinux(?:1|2010|2014))_(?:x86_64|aarch64|s390x|ppc64le|riscv64)$/, {
    error: ({ input }) => (String(input).startsWith('musllinux') ? `${TAG}${MUSL}` : TAG),
  })
  .meta({
    id: 'platform',
    description:
      'The platform tag (PEP 600) that the servers can run: manylinux_2_28 for RHEL 8 and later, manylinux_2_34 for RHEL 9 and later.',
  });

const BYTECODE = z.boolean('true or false').meta({
  id: 'bytecode',
  description:
    "Whether RPMs deliver compiled bytecode, so that the first import on a server does not compile. In layout tree, wheel RPMs contain it, and packing them needs the reqset's Python (python3.11); in layout stored, the server compiles the files that it unpacks.",
});

const LAYOUT = z.enum(LAYOUTS, LAYOUTS.map((name) => `"${name}"`).join(' or ')).meta({
  id: 'layout',
  description:
    'How wheel RPMs contain their wheels. tree: unpacked, so that rpm verifies every file and applications link to them. stored: the wheel as one file, whose deltas are the smallest; the server unpacks it for its applications.',
});

const FLEET_ISSUE = `one of ${FLEET_NAMES.join(', ')}`;
const FLEET = z
  .enum(FLEET_NAMES as [string, ...string[]], {
    error: ({ input }) => refusedFleet(String(input)) ?? FLEET_ISSUE,
  })
  .meta({
    id: 'fleet',
    description:
      'The distribution of the servers, which determines the compression of RPMs: xz:2 for el8, el9 and suse, whose deltas work with every version of the library on a server; zstd:19 for el10, fedora, suse16 and al2023, which apply no deltas; none for patches, servers with the RPM pinpack-dnf. Default: zstd:3.',
  });

const COMPRESSION = z
  .enum(OFFERED_COMPRESSIONS as [string, ...string[]], {
    error: ({ input }) => expectedCompression(typeof input === 'string' ? input : ''),
  })
  .meta({
    id: 'compression',
    description:
      'The compression of the payload of RPMs; overrides that of the fleet. Only compressions that applydeltarpm can reproduce are offered.',
  });

const VARIANT = z.strictObject(
  {
    python: PYTHON_SETTING.optional(),
    platform: PLATFORM.optional(),
    bytecode: BYTECODE.optional(),
    layout: LAYOUT.optional(),
    fleet: FLEET.optional(),
    compression: COMPRESSION.optional(),
    build: z
      .strictObject(
        { root: ROOT_SETTING.optional() },
        '{"root": …}; how single pins are built is the same for all variants',
      )
      .optional(),
  },
  { error: (issue) => (issue.code === 'invalid_type' ? 'the settings of the variant, or {}' : undefined) },
);

/** A part of RPM names, of folders and of `pylock.<label>.toml`, in which PEP 751 allows no dot. */
const LABEL = z.string().regex(/^(?!wheel(?:-|$))[A-Za-z0-9]+(?:[-_][A-Za-z0-9]+)*$/, {
  error: ({ input }) =>
    /^wheel(?:-|$)/.test(String(input))
      ? 'another label, because "wheel" marks wheel RPMs in RPM names'
      : 'letters and digits, with - or _ between them, such as py311-el9',
});

const AT_LEAST_ONE =
  'at least one variant, as in {"py311": {"python": "3.11.2"}}; without variants, remove the setting';

function variantsOf<Schema extends z.ZodType<object>>(variant: Schema) {
  return z
    .record(LABEL, variant, AT_LEAST_ONE)
    .refine((variants) => Object.keys(variants).length > 0, AT_LEAST_ONE)
    .meta({
      minProperties: 1,
      description:
        'The targets of the reqset by label, which becomes a part of all names: variant py311 of reqset3 makes reqset3-py311-wheel-numpy. A variant inherits the settings that it omits. Without variants, names are short: reqset3-wheel-numpy.',
    });
}

const PATH = /^(?!\/)(?!(?:.*\/)?\.\.(?:\/|$))/;
const PATCH = 'a path in the reqset\'s folder such as "patches/fix.patch"';
const WHEEL = 'a path in the reqset\'s folder such as "wheels/x-1.0-py3-none-any.whl"';
const REQUIREMENTS = 'a list of requirements such as ["setuptools<81"]';
const SYSTEM = 'a list such as ["header:ffi.h", "pkg-config:libxml-2.0", "program:pg_config"]';
const CONFIG = 'a string or a list of strings';

const BUILD = z
  .strictObject({
    from: z
      .literal('sdist', '"sdist"')
      .optional()
      .describe('Builds the sdist even if a wheel fits. The other settings imply it.'),
    requires: z
      .array(z.string(REQUIREMENTS), REQUIREMENTS)
      .optional()
      .describe(
        'Build requirements that replace those of the sdist for the same distributions, or add to them: ["setuptools<81"].',
      ),
    environment: z
      .record(z.string(), z.string('a string'), 'names and values such as {"CFLAGS": "-O3"}')
      .optional()
      .describe("Environment variables of the build. Variables that end in FLAGS are appended to pinpack's own."),
    configSettings: z
      .record(z.string(), z.union([z.string(), z.array(z.string())], CONFIG), `names, each with ${CONFIG}`)
      .optional()
      .describe('Settings for the build backend (PEP 517).'),
    system: z
      .array(
        z.string(SYSTEM).regex(/^(?:header|pkg-config|program):\S+$/, 'header:…, pkg-config:… or program:…'),
        SYSTEM,
      )
      .optional()
      .describe('Requirements on the build machine: header:ffi.h, pkg-config:libxml-2.0, program:pg_config.'),
    patches: z
      .array(z.string(PATCH).regex(PATH, PATCH), 'a list of paths such as ["patches/fix.patch"]')
      .optional()
      .describe("Unified diffs in the reqset's folder, applied to the unpacked sdist in this order."),
    wheel: z
      .string(WHEEL)
      .regex(PATH, WHEEL)
      .optional()
      .describe("A wheel in the reqset's folder that replaces all others."),
  })
  .refine(
    (build) => !('wheel' in build) || Object.keys(build).length === 1,
    'no other setting beside "wheel", because an existing wheel is not built',
  );

const INDEX_NAME = 'the name of an index in uv\'s configuration, or "default"';
const INDEX_PATTERN =
  'names or patterns, each with the name of an index, such as {"acme-*": "internal", "*": "default"}';

const INDEX = z
  .record(
    z
      .string()
      .regex(
        /^[A-Za-z0-9*](?:[A-Za-z0-9._*-]*[A-Za-z0-9*])?$/,
        'the name of a distribution, in which * stands for any text',
      ),
    z.string(INDEX_NAME).regex(/^[\w.-]+$/, INDEX_NAME),
    INDEX_PATTERN,
  )
  .meta({
    description:
      'The index from which distributions are taken, by name or pattern: {"acme-*": "internal", "*": "default"}. The most specific pattern applies. Indexes have the names of uv\'s configuration; "default" is the default index. A name that several indexes have must be assigned.',
  });

const RECORD_SETTING = z.enum(['repair', 'exact'], '"repair" or "exact"');

const RECORD = z
  .union([RECORD_SETTING, z.record(z.string(), RECORD_SETTING)], {
    error:
      '"repair", "exact", or one of these for each pin, in which * stands for all others, such as {"*": "exact", "pywin32": "repair"}',
  })
  .meta({
    description:
      'What is done about a wheel whose RECORD differs from its files, which pip ignores. repair (the default): its RPM contains a RECORD made from the files, with a warning. exact: the wheel is refused. By name: {"*": "exact", "pywin32": "repair"}.',
  });

const GROUP = 'a list of at least two pins such as ["opencv-python", "opencv-python-headless"]';
const OVERLAPS = 'a list of lists of pins such as [["opencv-python", "opencv-python-headless"]]';

const OVERLAP_GROUPS = z.array(z.array(z.string(GROUP), GROUP).min(2, GROUP), OVERLAPS).meta({
  description:
    'Pins that may install the same paths with different contents into one environment. In a group, the files of a later pin replace those of an earlier one: [["opencv-python", "opencv-python-headless"]].',
});

export const REQSET_SETTINGS = z
  .strictObject({
    $schema: z.string().optional(),
    python: PYTHON_SETTING.default(DEFAULTS.python),
    platform: PLATFORM.default(DEFAULTS.platform),
    bytecode: BYTECODE.default(DEFAULTS.bytecode),
    layout: LAYOUT.default(DEFAULTS.layout),
    fleet: FLEET.optional(),
    compression: COMPRESSION.optional(),
    variants: variantsOf(VARIANT).optional(),
    index: INDEX.optional(),
    record: RECORD.optional(),
    overlaps: OVERLAP_GROUPS.optional(),
    build: z
      .object({ root: ROOT_SETTING.optional() }, 'pins such as {"docopt": {"from": "sdist"}}')
      .catchall(BUILD)
      .default({})
      .describe(
        'How single pins are built from their sdist, by name. A pin without any wheel is built even if it is not listed. "root" is the system in which all of them are built.',
      ),
  })
  .meta({ title: 'Settings of a reqset' });

/** Only the labels of the variants, so that the graph can be inferred if another setting is wrong. */
export const LABELS = z.looseObject({ variants: variantsOf(z.looseObject({})).optional() });

export type WrittenPython = z.output<typeof PYTHON_SETTING>;

/** The content of `build` as written: paths without the digests of the files. */
export type WrittenBuild = z.output<typeof BUILD>;

/** `record` as written. */
export type WrittenRecord = z.output<typeof RECORD>;

/** The JSON Schema for editors. */
export function reqsetJsonSchema(): object {
  return z.toJSONSchema(REQSET_SETTINGS, { io: 'input' });
}
