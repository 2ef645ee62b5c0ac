// The target `image` of an application whose settings name a base. Pure.
import type { TargetConfiguration } from '@nx/devkit';
import { orderDigest, type ApplicationOrder } from '../application/read-application.js';
import { imageFile } from '../image/place.js';
import { imageSettingsDigest } from '../image/settings.js';
import { applicationProject } from '../reqset/place.js';

const PRINT_INPUTS = 'node_modules/pinpack/dist/executors/image/print-inputs.js';

/** None where there is no `[tool.pinpack.image]`. @param code - digest of pinpack's own code */
export function imageTargets(order: ApplicationOrder, code: string): Record<string, TargetConfiguration> {
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
        digest: orderDigest(order),
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
