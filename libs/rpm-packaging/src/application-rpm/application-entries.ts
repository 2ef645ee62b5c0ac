// The files of an application RPM. The environment is created at installation; rpm knows it as ghosts.
import { DEFAULT_MTIME, type RpmEntry } from '@pinpack/rpm-gen';
import { formatSysusers, sysusersPath } from './application-account.js';
import { formatManifest, type Manifest } from './manifest.js';
import { applicationPaths, fillPlaces, type Places } from './application-paths.js';
import type { ApplicationSettings } from './application-settings.js';
import { applicationUnits, environmentFiles, formatTmpfiles, tmpfilesPath } from './application-units.js';
import { folderEntries } from '../wheel-rpm/wheel-rpm-paths.js';

/** Folders of /etc that other packages own, some with modes of their own, and all that is below them. */
const SYSTEM_FOLDERS = /^\/etc(?:\/(?:[^/]+\.d|sysconfig|default|systemd|nginx|httpd|ssh|pki|ssl)(?:\/.*)?)?$/;

export interface ApplicationFiles {
  manifest: Manifest;
  settings: ApplicationSettings;
  /** One line. */
  summary: string;
  /** Content of the files that the settings name, by their path in the application's folder. */
  delivered: ReadonlyMap<string, Buffer>;
}

export function applicationEntries({ manifest, settings, summary, delivered }: ApplicationFiles): RpmEntry[] {
  const { name } = manifest;
  const paths = applicationPaths(name);
  const units = applicationUnits(settings, manifest, { summary, delivered });
  const config = configEntries(settings, manifest, delivered);
  return [
    directory(paths.folder),
    file(paths.manifest, formatManifest(manifest)),
    // The modes that pinpack-runtime gives them: rpm -V compares those of ghosts too.
    { path: paths.venv, kind: 'file', ghost: true, mode: 0o777, size: 0 },
    { path: paths.environments, kind: 'file', ghost: true, mode: 0o777, size: 0 },
    ...folderEntries([`${paths.environmentsFolder}/`]),
    ...settings.scripts.map(({ command, script }): RpmEntry => ({
      path: `/usr/bin/${fillPlaces(command, manifest)}`,
      kind: 'symlink',
      mode: 0o777,
      target: `${paths.venv}/bin/${script}`,
      size: 0,
    })),
    ...units.map(({ path, text }) => file(path, text)),
    ...(settings.tmpfiles === undefined ? [] : [file(tmpfilesPath(name), formatTmpfiles(settings.tmpfiles, manifest))]),
    ...(settings.user === undefined ? [] : [file(sysusersPath(name), formatSysusers(settings.user, name))]),
    ...configFolders(config.map(({ path }) => path)).map(directory),
    ...config,
  ];
}

function configEntries(
  settings: ApplicationSettings,
  places: Places,
  delivered: ReadonlyMap<string, Buffer>,
): RpmEntry[] {
  const files = [...settings.config.map((config) => ({ ...config, mode: 0o644 })), ...environmentFiles(settings)];
  return files.map(({ source, target, mode }) => ({
    ...file(fillPlaces(target, places), content(delivered, source)),
    mode,
    config: 'noreplace',
  }));
}

/** The folders that must be owned by the RPM, or they would remain after its removal. */
function configFolders(paths: readonly string[]): string[] {
  const folders = new Set<string>();
  for (const path of paths) {
    for (let folder = parent(path); !SYSTEM_FOLDERS.test(folder); folder = parent(folder)) folders.add(folder);
  }
  return [...folders];
}

function parent(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}

function content(delivered: ReadonlyMap<string, Buffer>, source: string): Buffer {
  const found = delivered.get(source);
  if (found === undefined) throw new RangeError(`${source} was not read`);
  return found;
}

function directory(path: string): RpmEntry {
  return { path, kind: 'directory', mode: 0o755, size: 0 };
}

function file(path: string, text: string | Buffer): RpmEntry {
  const data = Buffer.from(text);
  return { path, kind: 'file', mode: 0o644, size: data.length, mtime: DEFAULT_MTIME, read: () => ({ data }) };
}
