/** updateinfo.xml: advisories, as `dnf updateinfo` and management tools read them. Pure. */
import { parseEvr } from '@pinpack/rpm-gen';
import type { Advisory } from './record.js';
import { escapeXml } from './xml.js';

export interface UpdateinfoRequest {
  /** Of the repository: `reqset3` */
  label: string;
  /** The issuer of the advisories. */
  vendor: string;
  advisories: readonly Advisory[];
}

export function formatUpdateinfo({ label, vendor, advisories }: UpdateinfoRequest): string {
  const updates = advisories.flatMap((advisory) => updateLines(advisory, label, vendor));
  return ['<?xml version="1.0" encoding="UTF-8"?>', '<updates>', ...updates, '</updates>', ''].join('\n');
}

function updateLines(advisory: Advisory, label: string, vendor: string): string[] {
  const { id, type, title, description, date, references } = advisory;
  const links = references.map(({ title, href }) => `${title}: ${href}`);
  const day = date.replace('T', ' ').replace('Z', '');
  return [
    `  <update from="${escapeXml(vendor)}" status="final" type="${type}" version="1">`,
    `    <id>${escapeXml(id)}</id>`,
    `    <title>${escapeXml(title)}</title>`,
    `    <issued date="${day}"/>`,
    `    <updated date="${day}"/>`,
    '    <severity>None</severity>',
    // dnf shows no references but those of bug trackers.
    `    <description>${escapeXml([description, ...links].join('\n'))}</description>`,
    ...referenceLines(advisory),
    '    <pkglist>',
    `      <collection short="${escapeXml(label)}">`,
    `        <name>${escapeXml(label)}</name>`,
    ...advisory.packages.flatMap(packageLines),
    '      </collection>',
    '    </pkglist>',
    '  </update>',
  ];
}

function referenceLines({ references }: Advisory): string[] {
  const lines = references.map(
    ({ title, href }) => `      <reference href="${escapeXml(href)}" type="other" title="${escapeXml(title)}"/>`,
  );
  return ['    <references>', ...lines, '    </references>'];
}

function packageLines({ name, evr, architecture, file }: Advisory['packages'][number]): string[] {
  const { epoch = 0, version, release = '' } = parseEvr(evr);
  const identity = `name="${escapeXml(name)}" epoch="${epoch}" version="${escapeXml(version)}" release="${escapeXml(release)}"`;
  return [
    `        <package ${identity} arch="${architecture}">`,
    `          <filename>${escapeXml(file.slice(file.lastIndexOf('/') + 1))}</filename>`,
    '        </package>',
  ];
}
