// The target `image` of an application whose settings name a base. Pure.
import type { TargetConfiguration } from '@nx/devkit';
import {
  applicationProject,
  applicationRequestDigest,
  imageSettingsDigest,
  type ApplicationRequest,
} from '@pinpack/rpm-packaging';
import { imageFile } from '../images/image-paths.js';

const PRINT_INPUTS = 'node_modules/pinpack/dist/images/print-inputs.js';

/** None where there is no `[tool.pinpack.image]`. @param code - digest of pinpack's own code */
export function imageTargets(order: ApplicationRequest, code: string): Record<string, TargetConfiguration> {
  const { reqset, application, settings } = order;
  const { image } = settings;
  if (image === undefined) return {};
  const name = applicationProject(reqset, application.name);
  return {
    image: {
      executor: 'pinpack:image',
      cache: true,
      // The application's `rpm` depends on those of its closure.
      dependsOn: ['rpm'],
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
        digest: applicationRequestDigest(order),
        imageDigest: imageSettingsDigest(image),
        code,
      },
      metadata: {
        description: 'Makes a container image: its base, a layer for each wheel RPM, and one for the application',
        technologies: ['python', 'oci'],
        help: { command: `npx nx run ${name}:image`, example: { args: ['--skip-nx-cache'] } },
      },
    },
  };
}
