// `nx run <reqset>-<app>:image`: makes the container image of an application.
import { join, relative } from 'node:path';
import type { ExecutorContext } from '@nx/devkit';
import { readApplication, type ApplicationOptions } from '../../workspace/read-application.js';
import { applicationProject, checkPrograms, codeDigest, imageSettingsDigest, makeImage } from '@pinpack/rpm-packaging';
import { PinpackError } from '../../pinpack-error.js';
import { formatBytes } from '@pinpack/common/progress';
import { findApplicationRpms } from '../../images/find-application-rpms.js';
import { BASES, imageFile, LAYERS } from '../../images/image-paths.js';
import { imageDescriber } from '../../images/describe-image.js';
import { runReported } from '../../tasks/report-failure.js';
import { APPS } from '../../workspace/workspace-paths.js';

export interface ImageOptions extends ApplicationOptions {
  /** `imageSettingsDigest` when Nx read the project graph. */
  imageDigest: string;
  /** Digest of the code that makes SBOMs, for the cache. */
  sbomCode?: string;
}

export default async function image(
  options: ImageOptions,
  { root }: Pick<ExecutorContext, 'root'>,
): Promise<{ success: boolean }> {
  return runReported(() => imageOf(options, root));
}

async function imageOf(options: ImageOptions, root: string): Promise<void> {
  const request = readApplication(root, options);
  const { image: settings } = request.settings;
  const name = applicationProject(options.reqset, options.app);
  if (settings === undefined) {
    throw new PinpackError('PINPACK_IMAGE_UNUSABLE', `${APPS}/${options.app}/pyproject.toml`, [
      '[tool.pinpack.image] is missing, expected the base of the image',
    ]);
  }
  if (imageSettingsDigest(settings) !== options.imageDigest) {
    throw new PinpackError('PINPACK_APPLICATION_DISAGREES', name, [
      `[tool.pinpack.image] has the digest ${imageSettingsDigest(settings)}, expected ${options.imageDigest}: it changed after Nx read the project graph`,
      'Run the target again.',
    ]);
  }
  await checkPrograms();
  const describe = await imageDescriber(root, options);
  const { path, size, layers } = await makeImage({
    request,
    image: settings,
    rpms: await findApplicationRpms(root, request),
    folders: { root, bases: join(root, BASES), layers: join(root, LAYERS) },
    file: join(root, imageFile(options.reqset, name)),
    code: codeDigest('image'),
    describe,
  });
  const layerCounts = `layers: ${layers.base} of its base, ${layers.wheels} of wheel RPMs (${layers.kept} reused), 1 of its own`;
  console.log(`${name}: ${relative(root, path)}, ${formatBytes(size)}; ${layerCounts}`);
}
