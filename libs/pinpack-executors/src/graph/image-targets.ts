// Plans the target `image` of an application that has `[tool.pinpack.image]`. Pure.
import type { TargetConfiguration } from '@nx/devkit';
import {
  applicationProject,
  applicationRequestDigest,
  imageSettingsDigest,
  type ApplicationRequest,
  type CodeDigests,
  wheelProject,
} from '@pinpack/rpm-packaging';
import { imageFile } from '../images/image-paths.js';

const PRINT_INPUTS = 'node_modules/pinpack/dist/bundle/images/print-inputs.js';

/** None without `[tool.pinpack.image]`. @param codes - digests of pinpack's code */
export function imageTargets(request: ApplicationRequest, codes: CodeDigests): Record<string, TargetConfiguration> {
  const { reqset, application, settings } = request;
  const { image } = settings;
  if (image === undefined) return {};
  const name = applicationProject(reqset, application.name);
  return {
    image: {
      executor: 'pinpack:image',
      cache: true,
      // The application's `rpm` depends on those of its closure. The SBOM in the image is made from the wheels.
      dependsOn: [
        'rpm',
        { projects: application.wheels.map((pin) => wheelProject(reqset, pin.name)), target: 'wheel' },
      ],
      inputs: [
        '{projectRoot}/application.json',
        { dependentTasksOutputFiles: '**/*.rpm', transitive: true },
        { runtime: `node ${PRINT_INPUTS} ${image.base} || true` },
        { externalDependencies: [] },
      ],
      outputs: [`{workspaceRoot}/${imageFile(reqset, name)}`],
      options: {
        reqset,
        app: application.name,
        digest: applicationRequestDigest(request),
        imageDigest: imageSettingsDigest(image),
        code: codes.image,
        sbomCode: codes.sbom,
      },
      metadata: {
        description: 'Makes a container image: its base, a layer for each wheel RPM, and one for the application',
        technologies: ['python', 'oci'],
        help: { command: `npx nx run ${name}:image`, example: { args: ['--skip-nx-cache'] } },
      },
    },
  };
}
