// Plans the labels and the run configuration of an application's image: its settings, with defaults from the application. Pure.
import type { RunConfig } from '@pinpack/oci-image';
import { applicationPaths, fillPlaces } from '../application-rpm/application-paths.js';
import type { ApplicationRequest } from '../application-rpm/application-request.js';
import { applicationProject, setLabel } from '../names/rpm-names.js';
import type { ImageSettings } from '../application-rpm/image-settings.js';

export interface RunFacts {
  request: ApplicationRequest;
  image: ImageSettings;
  base: { digest: string; run: RunConfig };
  account: { uid: number; gid: number } | undefined;
}

const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const TITLES = 'org.opencontainers.image';

export function planRun({ request, image, base, account }: RunFacts): RunConfig {
  const places = placesOf(request);
  const fill = (text: string): string => fillPlaces(text, places);
  const user = image.user ?? (account && `${account.uid}:${account.gid}`);
  return {
    ...planCommand(request, image, fill),
    Env: planEnv(request, image, base.run, fill),
    ...(user !== undefined && { User: user }),
    ...(image.workdir !== undefined && { WorkingDir: image.workdir }),
    ...(image.ports.length > 0 && {
      ExposedPorts: {
        ...base.run.ExposedPorts,
        ...Object.fromEntries(image.ports.map((port) => [port.includes('/') ? port : `${port}/tcp`, {}])),
      },
    }),
    Labels: {
      ...base.run.Labels,
      ...planLabels(request, base.digest),
      ...Object.fromEntries(Object.entries(image.labels).map(([name, value]) => [name, fill(value)])),
    },
  };
}

/** Both at once, as everybody does: a command of the base's would be no argument of the application's. */
function planCommand(
  { settings: { scripts }, ...request }: ApplicationRequest,
  { entrypoint, cmd }: ImageSettings,
  fill: (text: string) => string,
): RunConfig {
  const { venv } = applicationPaths(placesOf(request).name);
  const [first] = scripts;
  if (entrypoint !== undefined) return { Entrypoint: entrypoint.map(fill), Cmd: (cmd ?? []).map(fill) };
  if (first !== undefined) return { Entrypoint: [`${venv}/bin/${first.script}`], Cmd: (cmd ?? []).map(fill) };
  return { Entrypoint: [], Cmd: (cmd ?? [`${venv}/bin/python`]).map(fill) };
}

function planEnv(
  request: ApplicationRequest,
  image: ImageSettings,
  base: RunConfig,
  fill: (text: string) => string,
): string[] {
  const { venv } = applicationPaths(placesOf(request).name);
  const env = new Map((base.Env ?? []).map((line) => [line.split('=', 1)[0] ?? '', line.slice(line.indexOf('=') + 1)]));
  env.set('PATH', `${venv}/bin:${env.get('PATH') ?? DEFAULT_PATH}`);
  env.set('VIRTUAL_ENV', venv);
  for (const [name, value] of Object.entries(image.env)) env.set(name, fill(value));
  return [...env].map(([name, value]) => `${name}=${value}`);
}

/** image-spec, "Pre-Defined Annotation Keys": of the image as labels, of the manifest as annotations. */
export function planLabels(request: ApplicationRequest, baseDigest: string): Record<string, string> {
  const { application, about } = request;
  return {
    ...(about.summary !== undefined && { [`${TITLES}.description`]: about.summary }),
    ...(about.license !== undefined && { [`${TITLES}.licenses`]: about.license }),
    [`${TITLES}.title`]: placesOf(request).name,
    ...(about.url !== undefined && { [`${TITLES}.url`]: about.url }),
    [`${TITLES}.version`]: `${application.version}-${application.release}`,
    [`${TITLES}.base.digest`]: baseDigest,
  };
}

/** `localhost/reqset3-my-app:1.0-1`, of the letters that container engines take for names. */
export function imageName(request: ApplicationRequest): string {
  const { application } = request;
  const name = placesOf(request).name.toLowerCase();
  const tag = `${application.version}-${application.release}`.replaceAll(/[^\w.-]/g, '_');
  return `localhost/${name}:${tag}`;
}

function placesOf({ reqset, application }: Pick<ApplicationRequest, 'reqset' | 'application'>): {
  name: string;
  reqset: string;
} {
  return { name: applicationProject(reqset, application.name), reqset: setLabel(reqset) };
}
