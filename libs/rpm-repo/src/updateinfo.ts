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
  const { id, type, severity = 'None', title, description, date, references } = advisory;
  const links = references.map(({ title, href }) => `${title}: ${href}`);
  const day = date.replace('T', ' ').replace('Z', '');
  return [
    `  <update from="${escapeXml(vendor)}" status="final" type="${type}" version="1">`,
    `    <id>${escapeXml(id)}</id>`,
    `    <title>${escapeXml(title)}</title>`,
    `    <issued date="${day}"/>`,
    `    <updated date="${day}"/>`,
    `    <severity>${severity}</severity>`,
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

/** Each has an id: `dnf updateinfo list --with-cve` (4.14) fails on one without. */
function referenceLines({ id, references }: Advisory): string[] {
  const lines = references.map(({ title, href, cve }) => {
    const identity = `id="${escapeXml(cve ?? id)}" type="${cve === undefined ? 'other' : 'cve'}"`;
    return `      <reference href="${escapeXml(href)}" ${identity} title="${escapeXml(title)}"/>`;
  });
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
