// Reads the plugin's options in nx.json. They contain no secrets, which come from the environment.
import type { NxJsonConfiguration } from '@nx/devkit';
import { checkInput } from '@pinpack/common/format-issues';
import { DEFAULT_LIMITS, type Limits } from '@pinpack/python-dist';
import { z } from 'zod';
import { PinpackError } from '../pinpack-error.js';

const COUNT = 'a whole number';

/** `publish` in the plugin's options. */
const PUBLISH = z.strictObject({
  /** The target: `s3://bucket/prefix?…`, `file:///folder`. `PINPACK_PUBLISH` overrides it. Default: below the store, if that is such a URL. */
  to: z.string('a URL such as s3://bucket/prefix').optional(),
  /** The URL for dnf and pip: `https://rpms.example.com`. `PINPACK_PUBLISH_URL` overrides it. Default: the own URL of the bucket or folder. */
  url: z.string('a URL such as https://rpms.example.com').optional(),
  /** How many publications are kept. Default: 5. */
  keep: z.int(`${COUNT} from 1`).min(1, `${COUNT} from 1`).optional(),
  /** The number of previous publications against which deltas are made. Default: 3. */
  deltas: z.int(`${COUNT} from 0`).min(0, `${COUNT} from 0`).optional(),
  /** The number of previous publications against which patches are made: docs/patches.md. Default: 0, no patches. */
  patches: z.int(`${COUNT} from 0`).min(0, `${COUNT} from 0`).optional(),
  /** The size of all patches of a publication, in MiB. Default: 4096. */
  patchBudget: z.int(`${COUNT} from 1`).min(1, `${COUNT} from 1`).optional(),
  /** Deltas and patches above this share of the full RPM are discarded. Default: 0.8. */
  deltaShare: z
    .number('a share above 0 and up to 1')
    .gt(0, 'a share above 0 and up to 1')
    .lte(1, 'a share above 0 and up to 1')
    .optional(),
  /** How long the statement of the latest publication is good, in days. Publishing again renews it. Default: 30. */
  validDays: z.int(`${COUNT} from 1`).min(1, `${COUNT} from 1`).optional(),
  /** Whether `publish` packs each RPM again from the wheels of the lock, and publishes nothing if one differs. Default: false. */
  reproduce: z.boolean('true or false').optional(),
  /** URI of the builder in the provenance of publications. `PINPACK_BUILDER` overrides it. */
  builder: z.string('a URI such as https://ci.example.com/pipelines/42').min(1, 'a URI').optional(),
  /** The key that signs RPMs and repositories. `PINPACK_SIGN_KEY` overrides it. */
  sign: z
    .strictObject({ key: z.string('a fingerprint or user id').min(1, 'a fingerprint or user id').optional() })
    .optional(),
});

const POSITIVE = 'a number above 0';

/** `limits` in the plugin's options. The names contain the units. */
const LIMITS = z.strictObject(
  Object.fromEntries(
    Object.keys(DEFAULT_LIMITS).map((name) => [name, z.number(POSITIVE).gt(0, POSITIVE).optional()]),
  ) as Record<keyof Limits, z.ZodOptional<z.ZodNumber>>,
);

const amount = () => z.number(POSITIVE).gt(0, POSITIVE).optional();
const count = () => z.int(`${COUNT} from 1`).min(1, `${COUNT} from 1`).optional();

/** `builds` in the plugin's options: what builds from source see and use. */
const BUILDS = z.strictObject({
  /** Folders that builds see read-only besides the system folders: `/opt/cuda`. */
  readable: z
    .array(z.string().regex(/^\/./, 'absolute paths of folders'), 'a list of absolute paths of folders')
    .optional(),
  /** Wall time of one call of a build backend, in minutes. Default: 120. */
  timeMinutes: amount(),
  /** Memory of all processes of a build together, in MiB. Default: three quarters of the machine's. */
  memoryMiB: count(),
  /** Number of processes and threads of a build. Default: 4096. */
  processes: count(),
  /** Disk space that a build uses, in MiB. Default: 20480. */
  diskMiB: count(),
  /** Output that a build prints, in MiB. Default: 64. */
  logMiB: count(),
  /** Size of an unpacked sdist, in MiB. Default: 2048. */
  sdistMiB: count(),
  /** Size of an unpacked sdist of more than 64 MiB, divided by that of its file. Default: 100. */
  sdistRatio: amount(),
  /** Number of files, folders and links of an sdist. Default: 200000. */
  sdistEntries: count(),
});

/** `audit` in the plugin's options: docs/governance.md. */
const AUDIT = z.strictObject({
  /** A folder of OSV files, an archive of them, or the URL of one. `PINPACK_OSV` overrides it. */
  osv: z.string('a folder, an archive or a URL').min(1, 'a folder, an archive or a URL').optional(),
  /** Whether the index is asked too, which needs the JSON API. Default: only without `osv`. */
  index: z.boolean('true or false').optional(),
  /** The file of reviewed exceptions. Default: vulnerability-exceptions.json. */
  exceptions: z.string('a path').min(1, 'a path').optional(),
  /** The severity from which `audit` fails. Default: low. */
  failOn: z.enum(['low', 'medium', 'high', 'critical', 'never'], 'low, medium, high, critical or never').optional(),
});

const EXPRESSIONS = z.array(z.string('a licence').min(1, 'a licence'), 'a list of licences');

/** `licenses` in the plugin's options: docs/governance.md. */
const LICENSES = z.strictObject({
  /** SPDX identifiers, with exceptions: `Apache-2.0`, `GPL-2.0-or-later WITH GCC-exception-2.0`. If absent, everything that is not denied is allowed. */
  allow: EXPRESSIONS.optional(),
  /** Goes before `allow`. */
  deny: EXPRESSIONS.optional(),
  exceptions: z
    .array(
      z.strictObject({
        /** Name of the distribution. */
        pin: z.string('a name').min(1, 'a name'),
        /** The version that was reviewed. Default: all. */
        version: z.string('a version').optional(),
        /** The licence that the review found, as an SPDX expression: it is used instead of the declared one. If absent, any licence is allowed. */
        license: z.string('an SPDX license expression').optional(),
        reason: z.string('a reason').min(1, 'a reason'),
      }),
      'a list of exceptions',
    )
    .optional(),
});

const OPTIONS = z.strictObject({
  /** The store's URL: `file:///srv/pinpack`, `s3://bucket/prefix?region=…`, `https://host/base`. `PINPACK_STORE` overrides it. */
  store: z.string('a URL such as s3://bucket/prefix').optional(),
  /** Ed25519 keys, as base64 of the DER or as PEM. With keys, an entry that none of them signed counts as a miss. */
  publicKeys: z.array(z.string('an Ed25519 public key'), 'a list of Ed25519 public keys').optional(),
  /** How long the end of a run waits for uploads, in seconds; a later run uploads the rest. Default: 60. */
  uploadDeadline: z.number('seconds from 0').min(0, 'seconds from 0').optional(),
  /**
   * Downloaded wheels that a remote store gets too: `all`, `none`, or those of private indexes, which have credentials or are configured beside the default
   * index. Default: private.
   */
  mirror: z.enum(['all', 'private', 'none'], '"all", "private" or "none"').optional(),
  /** The vendor of the RPMs. Default: pinpack. */
  vendor: z.string('the name of a vendor').min(1, 'the name of a vendor').optional(),
  publish: PUBLISH.optional(),
  /** Limits on wheels and on answers of package indexes: docs/locks.md. */
  limits: LIMITS.optional(),
  /** `off`: builds from source run with all rights of the user, and nothing of the run is uploaded. `PINPACK_SANDBOX` overrides it. Default: on. */
  sandbox: z.enum(['on', 'off'], '"on" or "off"').optional(),
  builds: BUILDS.optional(),
  audit: AUDIT.optional(),
  licenses: LICENSES.optional(),
});

type Optional<Options> = { [Name in keyof Options]?: Exclude<Options[Name], undefined> };

export type PublishOptions = Optional<Omit<z.output<typeof PUBLISH>, 'sign'>> & { sign?: { key?: string } };
export type BuildsOptions = Optional<z.output<typeof BUILDS>>;
export type AuditOptions = Optional<z.output<typeof AUDIT>>;
export type LicensesOptions = z.output<typeof LICENSES>;
export type PluginOptions = Optional<
  Omit<z.output<typeof OPTIONS>, 'publish' | 'limits' | 'builds' | 'audit' | 'licenses'>
> & {
  audit?: AuditOptions;
  licenses?: LicensesOptions;
  publish?: PublishOptions;
  limits?: Partial<Limits>;
  builds?: BuildsOptions;
};

const DEFAULT_VENDOR = 'pinpack';

/** The vendor of all RPMs. */
export function vendorOf({ vendor = DEFAULT_VENDOR }: PluginOptions): string {
  return vendor;
}

/** The limits on wheels and on answers of package indexes. */
export function limitsOf({ limits }: PluginOptions): Limits {
  return { ...DEFAULT_LIMITS, ...limits };
}

/** The options that nx.json gives the plugin. @throws PinpackError `PINPACK_OPTIONS_INVALID` with every issue */
export function pluginOptions({ plugins = [] }: NxJsonConfiguration): PluginOptions {
  const own = plugins.find((plugin) => typeof plugin === 'object' && plugin.plugin === 'pinpack');
  return checkPluginOptions(typeof own === 'object' ? own.options : undefined);
}

/** @throws PinpackError `PINPACK_OPTIONS_INVALID` with every issue */
export function checkPluginOptions(options: unknown): PluginOptions {
  const { value, issues } = checkInput(OPTIONS, options ?? {});
  if (value !== undefined) return value as PluginOptions;
  throw new PinpackError('PINPACK_OPTIONS_INVALID', 'nx.json, options of the plugin pinpack', issues);
}
