/** A small workspace of one reqset, `small`, and its applications, which is released again and again with other settings. */
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeRepository } from 'pinpack/install-root';
import { Workspace } from './workspace.js';
import { writeWorkspace } from './write-workspace.js';

/** What environments are made with. */
export const TOOLS = ['installer==1.1.0', 'pip==26.3', 'virtualenv==21.15.8'];

export interface Release {
  /** Settings of the reqset: `{ layout: 'stored' }` */
  settings: object;
  pins: readonly string[];
}

export class LayoutWorkspace {
  private constructor(
    private readonly folder: string,
    private readonly workspace: Workspace,
  ) {}

  /** @param applications - by name, how each is filled. They need every pin of `dependencies` */
  static async make(
    folder: string,
    applications: Record<string, 'link' | 'pip'>,
    dependencies: readonly string[],
  ): Promise<LayoutWorkspace> {
    const workspace = new Workspace(join(folder, 'workspace'));
    const files = Object.entries(applications).flatMap(([name, fill]): [string, string][] => [
      [`apps/${name}/pyproject.toml`, pyproject(name, fill, dependencies)],
      [`apps/${name}/${name}_library/__init__.py`, ''],
    ]);
    await writeWorkspace(workspace, 'small', Object.fromEntries(files));
    return new LayoutWorkspace(folder, workspace);
  }

  /** Locks and builds; gives the folder of a repository with the RPMs. */
  async release(name: string, { settings, pins }: Release): Promise<string> {
    const reqset = this.workspace.path('reqsets/small');
    await mkdir(reqset, { recursive: true });
    await writeFile(join(reqset, 'requirements.txt'), `${[...pins, ...TOOLS].join('\n')}\n`);
    await writeFile(join(reqset, 'reqset.json'), JSON.stringify(settings));
    await this.workspace.execute('lock', { reqset: 'small' });
    await this.workspace.nx('run-many -t rpm');
    const rpms = this.workspace.path('dist/rpms');
    const files = (await readdir(rpms, { recursive: true })).filter((file) => file.endsWith('.rpm'));
    return makeRepository(
      join(this.folder, name),
      files.map((file) => join(rpms, file)),
    );
  }
}

function pyproject(name: string, fill: string, dependencies: readonly string[]): string {
  return [
    '[build-system]',
    'requires = ["setuptools>=77"]',
    'build-backend = "setuptools.build_meta"',
    '[project]',
    `name = "${name}"`,
    'version = "1.0"',
    `dependencies = ${JSON.stringify(dependencies)}`,
    '[tool.setuptools]',
    `packages = ["${name}_library"]`,
    '[tool.pinpack]',
    'reqsets = ["small"]',
    `fill = "${fill}"`,
    '',
  ].join('\n');
}
